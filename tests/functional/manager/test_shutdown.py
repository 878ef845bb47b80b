"""Shutdown, and what the operator does after it: release or purge."""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from gcf_am.errors import Forbidden
from gcf_am.manager.accounts import User
from gcf_am.urn import Urn
from tests.functional.manager.conftest import Build
from tests.functional.manager.house import ALICE, NOW, Caller, House, node, pair, request

READY = ("geni_provisioned", "geni_ready")
FROZEN = "frozen: its slice was shut down"


def running(house: House) -> set[Urn]:
    """What the driver says runs."""
    return {urn for urn, found in house.driver.observe([]).items() if found.running}


def test_everything_is_frozen_and_everybody_shut_out(house: House, caller: Caller) -> None:
    made = caller.running(request(node("a")))
    operator = house.slice(operator=True)
    assert operator.shutdown() is True
    assert operator.shutdown() is True
    house.work()
    calls: list[Callable[[], object]] = [
        lambda: caller.allocate(request(node("b"))),
        caller.provision,
        lambda: caller.renew(NOW + timedelta(hours=1)),
        lambda: caller.act("geni_start"),
        caller.delete,
        lambda: caller.update(request(node("b"))),
        caller.cancel,
        caller.describe,
        caller.status,
        lambda: caller.status(made["a"]),
    ]
    for call in calls:
        with pytest.raises(Forbidden, match="shut down"):
            call()
    assert operator.states() == {"a": READY}
    assert [one.error for one in operator.status()] == [FROZEN]
    assert running(house) == set()
    # kept for forensics, also beyond its time
    house.wait(days=8)
    house.work()
    assert made["a"].text in house.standing()
    assert house.release(caller.urn) == 1
    assert house.release(caller.urn) is None
    house.work()
    assert house.standing() == set()
    assert house.slice().allocate(request(node("b"))).slivers


def test_shutdown_by_name_alone_means_whatever_bears_it(house: House, caller: Caller) -> None:
    caller.running(request(node("a")))
    assert house.slice(operator=True, slice_uuid=None).shutdown() is True
    with pytest.raises(Forbidden):
        caller.status()
    with pytest.raises(Forbidden):
        house.slice(slice_uuid="one that no call named yet").describe()
    assert house.release(caller.urn) == 1
    assert caller.states()["a"][0] == "geni_provisioned"


def test_shutdown_of_a_slice_that_has_nothing_here(house: House) -> None:
    assert house.slice("new", operator=True, slice_uuid=None).shutdown() is True
    with pytest.raises(Forbidden):
        house.slice("new").allocate(request(node("a")))


def test_what_ran_goes_on_where_it_stood(house: House, caller: Caller) -> None:
    made = caller.running(pair())
    other = house.slice("other").running(request(node("a")))
    manifest = caller.describe().rspec
    assert house.shut(caller.urn) == 3
    house.work()
    assert running(house) == set(other.values())
    assert house.release(caller.urn) == 3
    # what is not thawed yet is not ready
    assert set(caller.states().values()) == {("geni_provisioned", "geni_configuring")}
    house.work()
    assert running(house) == {*made.values(), *other.values()}
    assert caller.describe().rspec == manifest
    assert {one.error for one in caller.status()} == {""}


@pytest.mark.parametrize("in_time", [True, False])
def test_what_was_under_way_is_done_after_the_release(
    house: House, caller: Caller, in_time: bool
) -> None:
    made = caller.provisioned(
        request(*(node(one) for one in ("configuring", "stopping", "users", "down")))
    )
    caller.act("geni_start", made["stopping"], made["users"])
    house.work()
    caller.provision(caller.allocate(request(node("pending"))).slivers[0].urn)
    caller.act("geni_start", made["configuring"])
    caller.act("geni_stop", made["stopping"])
    bob = User("urn:publicid:IDN+gcf.local+user+bob", ALICE.keys)
    caller.act("geni_update_users", made["users"], users=(bob,))
    house.shut(caller.urn)
    if in_time:
        house.work()
        assert running(house) == set()
        assert len(house.standing()) == 4
    house.release(caller.urn)
    house.work()
    assert {name: state for name, (_, state) in caller.states().items()} == {
        "configuring": "geni_ready",
        "stopping": "geni_notready",
        "users": "geni_ready",
        "down": "geni_notready",
        "pending": "geni_notready",
    }
    assert running(house) == {made["configuring"], made["users"]}
    assert [one.name for one in house.sliver(made["users"]).logins] == ["alice", "bob"]
    assert house.sliver(made["users"]).access is not None


def test_what_had_failed_has_failed_still_and_for_its_own_reason(building: Build) -> None:
    house = building(faults=[{"method": "start", "lasting": True, "text": "the fan is broken"}])
    caller = house.slice()
    caller.running(request(node("a")))
    for step in (house.shut, house.release):
        step(caller.urn)
        house.work()
        (told,) = house.slice(operator=True).status()
        assert (told.operational, told.error) == ("geni_failed", "the fan is broken")


def test_what_is_only_reserved_or_on_its_way_out_is_not_frozen(
    house: House, caller: Caller
) -> None:
    made = caller.running(request(node("gone")))
    caller.delete(made["gone"])
    caller.allocate(request(node("kept")))
    house.shut(caller.urn)
    house.work()
    assert house.standing() == set()
    house.release(caller.urn)
    assert caller.states() == {"kept": ("geni_allocated", "geni_pending_allocation")}


def test_a_purge_leaves_nothing_and_the_slice_is_free(house: House, caller: Caller) -> None:
    caller.running(pair())
    caller.allocate(request(node("c")))
    house.shut(caller.urn)
    house.work()
    house.wait(days=8)
    assert house.purge(caller.urn) == 4
    assert house.purge(caller.urn) is None
    house.work()
    assert house.standing() == set()
    assert house.held() == {}
    assert house.slice().running(pair())


def test_what_is_open_is_neither_released_nor_purged(house: House, caller: Caller) -> None:
    made = caller.running(request(node("a")))
    before = house.sliver(made["a"])
    assert house.release(caller.urn) is None
    assert house.purge(caller.urn) is None
    assert house.sliver(made["a"]) == before


def test_the_same_again_changes_nothing(house: House, caller: Caller) -> None:
    made = caller.running(request(node("a")))
    house.shut(caller.urn)
    house.work()
    before = house.sliver(made["a"])
    assert house.shut(caller.urn) is None
    assert house.slice(operator=True).shutdown() is True
    assert house.sliver(made["a"]) == before


def test_each_writes_what_it_did_to_the_slice_and_to_its_slivers(
    house: House, caller: Caller, tmp_path: Path
) -> None:
    # decision 6
    made = caller.running(request(node("a")))
    for step in (house.shut, house.release, house.shut, house.purge):
        step(caller.urn)
    with closing(sqlite3.connect(tmp_path / "store.sqlite")) as connection:
        told = connection.execute(
            "SELECT verb, subject, before, after FROM events"
            " WHERE verb IN ('shutdown', 'release', 'purge') ORDER BY id"
        ).fetchall()
    ready, gone = "/".join(READY), "geni_unallocated/geni_pending_allocation"
    coming = "geni_provisioned/geni_configuring"
    a = made["a"].text
    by_name = ("open", "shut down"), ("shut down", "open")
    assert [row for row in told if row[1] == a] == [
        ("shutdown", a, ready, ready),
        ("release", a, ready, coming),
        ("shutdown", a, coming, coming),
        ("purge", a, coming, gone),
    ]
    slices = [row[2:] for row in told if row[1] == caller.urn.text]
    # the slice that was used, and the one under no UUID that nobody named yet
    assert slices == [change for _ in range(2) for change in by_name for _ in range(2)]
