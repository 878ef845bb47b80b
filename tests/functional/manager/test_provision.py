from datetime import timedelta

import pytest

from gcf_am.errors import BadArgs, SearchFailed
from gcf_am.manager import outcome
from gcf_am.manager.accounts import User
from gcf_am.manager.ports import DriverError
from gcf_am.model.sliver import Step
from gcf_am.urn import Urn
from tests.functional.manager.conftest import Build
from tests.functional.manager.house import ALICE, KEY, NOW, Caller, House, node, pair, request

PENDING = ("geni_provisioned", "geni_pending_allocation")
NOTREADY = ("geni_provisioned", "geni_notready")
READY = ("geni_provisioned", "geni_ready")


def test_allocated_slivers_are_provisioned_and_prepared(house: House, caller: Caller) -> None:
    caller.allocate(pair())
    done = caller.provision()
    assert {one.client_id for one in done.slivers} == {"a", "b", "lan"}
    assert {one.expires for one in done.slivers} == {NOW + timedelta(days=7)}
    assert {one.next_allocation for one in done.slivers} == {""}
    assert set(caller.states().values()) == {PENDING}
    house.work()
    assert set(caller.states().values()) == {NOTREADY}
    assert house.standing() == {one.urn.text for one in done.slivers}


def test_only_what_is_named_and_new_is_provisioned(house: House, caller: Caller) -> None:
    a = caller.allocate(request(node("a"))).slivers[0].urn
    b = caller.allocate(request(node("b"))).slivers[0].urn
    done = caller.provision(a)
    assert [one.urn for one in done.slivers] == [a]
    assert b.text not in done.rspec
    assert caller.states()["b"][0] == "geni_allocated"
    assert [one.urn for one in caller.provision().slivers] == [b]


def test_nothing_to_do_is_an_empty_success(caller: Caller) -> None:
    made = caller.provisioned(request(node("a")))
    done = caller.provision(made["a"])
    assert done.slivers == ()
    assert "<node" not in done.rspec
    assert caller.provision().slivers == ()


def test_a_slice_without_slivers_is_not_found(caller: Caller) -> None:
    with pytest.raises(SearchFailed):
        caller.provision()
    with pytest.raises(SearchFailed):
        caller.provision(best_effort=True)


def test_an_unknown_sliver_fails_all_or_has_an_entry(caller: Caller) -> None:
    a = caller.allocate(request(node("a"))).slivers[0].urn
    unknown = Urn.of("gcf.local", "sliver", "9999")
    with pytest.raises(SearchFailed, match="9999"):
        caller.provision(a, unknown)
    assert caller.states()["a"][0] == "geni_allocated"
    done = caller.provision(a, unknown, best_effort=True)
    assert [(one.urn, one.allocation.value, bool(one.error)) for one in done.slivers] == [
        (a, "geni_provisioned", False),
        (unknown, "geni_unallocated", True),
    ]


@pytest.mark.parametrize(
    ("wish", "expires"),
    [
        (timedelta(hours=2), timedelta(hours=2)),
        (timedelta(days=9), timedelta(days=9)),
        (timedelta(days=90), timedelta(days=10)),  # the credential's end
        (timedelta(days=-1), timedelta(days=7)),
    ],
)
def test_end_time_is_a_wish(caller: Caller, wish: timedelta, expires: timedelta) -> None:
    caller.allocate(request(node("a")))
    assert caller.provision(end_time=NOW + wish).slivers[0].expires == NOW + expires


@pytest.mark.parametrize(
    ("wish", "expires"),
    [
        (None, timedelta(days=7)),
        (timedelta(days=2), timedelta(days=2)),
        (timedelta(days=-2), timedelta(days=7)),
    ],
)
def test_updating_slivers_keep_their_expiry_unless_asked(
    house: House, caller: Caller, wish: timedelta | None, expires: timedelta
) -> None:
    made = caller.provisioned(request(node("a")))
    house.wait(hours=1)
    caller.update(request(node("a", "x", sliver_id=made["a"])))
    (told,) = caller.provision(end_time=None if wish is None else NOW + wish).slivers
    assert told.expires == NOW + expires


def test_users_can_log_in_where_it_runs(house: House, caller: Caller) -> None:
    bob = User("urn:publicid:IDN+other.org:dept+user+Bob_1", ())
    caller.allocate(request(node("a")))
    caller.provision(users=(ALICE, bob))
    house.work()
    assert "<login" not in caller.describe().rspec  # it does not run yet
    caller.act("geni_start")
    house.work()
    text = caller.describe().rspec
    assert 'username="alice"' in text
    assert 'username="bob_1"' in text
    assert KEY in text
    assert 'port="22"' in text


def test_a_wrong_user_provisions_nothing(caller: Caller) -> None:
    caller.allocate(request(node("a")))
    for user in (
        User("alice", ()),
        User("urn:publicid:IDN+x+slice+s", ()),
        User(ALICE.urn, ("k",)),
    ):
        with pytest.raises(BadArgs):
            caller.provision(users=(user,))
    assert caller.states()["a"][0] == "geni_allocated"


def test_a_link_is_ready_when_its_ends_are(house: House, caller: Caller) -> None:
    made = caller.provisioned(pair())
    caller.act("geni_start", made["lan"])
    house.work()
    assert caller.states()["lan"] == ("geni_provisioned", "geni_configuring")
    caller.act("geni_start", made["a"])
    house.work()
    assert caller.states()["lan"] == ("geni_provisioned", "geni_configuring")
    caller.act("geni_start", made["b"])
    house.work()
    assert set(caller.states().values()) == {READY}


def test_a_link_may_be_provisioned_before_its_node(house: House, caller: Caller) -> None:
    made = {one.client_id: one.urn for one in caller.allocate(pair()).slivers}
    caller.provision(made["a"], made["lan"])
    house.work()
    caller.act("geni_start", made["a"], made["lan"])
    house.work()
    assert caller.states()["lan"] == ("geni_provisioned", "geni_configuring")
    caller.provision(made["b"])
    house.work()
    caller.act("geni_start", made["b"])
    house.work()
    assert set(caller.states().values()) == {READY}


def test_a_sliver_that_cannot_be_prepared_fails_and_says_why(building: Build) -> None:
    fault = {"method": "prepare", "kind": "fails", "lasting": True, "text": "no disk", "times": 1}
    house = building(faults=[fault])
    caller = house.slice()
    made = caller.provisioned(request(node("a")))
    (told,) = caller.status(made["a"])
    assert (told.operational.value, told.error) == ("geni_failed", "no disk")
    # geni_restart prepares it anew
    caller.act("geni_restart", made["a"])
    house.work()
    (told,) = caller.status(made["a"])
    assert (told.operational.value, told.error) == ("geni_ready", "")


def test_a_stale_result_is_dropped(house: House, caller: Caller) -> None:
    made = caller.provisioned(request(node("a")))
    caller.act("geni_start", made["a"])
    with house.am.store.write() as unit:
        (lease,) = unit.lease_work("slow", NOW, NOW + timedelta(seconds=20), 10)
        (begun,) = outcome.begin(unit, [lease])
    assert begun is not None
    assert begun[0] is Step.START
    caller.delete(made["a"])
    outcome.finish(house.am, [outcome.Ended(lease, Step.START)])
    assert house.sliver(made["a"]).step is Step.DESTROY
    house.work()
    assert house.standing() == set()
    assert house.held() == {}


@pytest.mark.parametrize("first", ["slow", "quick"])
def test_a_stale_result_is_dropped_beside_that_of_who_took_the_sliver_over(
    house: House, caller: Caller, first: str
) -> None:
    made = caller.provisioned(request(node("a")))
    caller.act("geni_start", made["a"])
    end = NOW + timedelta(seconds=20)
    with house.am.store.write() as unit:
        (slow,) = unit.lease_work("slow", NOW, end, 10)
    with house.am.store.write() as unit:
        (quick,) = unit.lease_work("quick", end, end + timedelta(seconds=20), 10)
    lost = DriverError("it came too late", lasting=True)
    both = [outcome.Ended(slow, Step.START, error=lost), outcome.Ended(quick, Step.START)]
    outcome.finish(house.am, both if first == "slow" else both[::-1])
    (told,) = caller.status(made["a"])
    assert (told.operational.value, told.error) == ("geni_ready", "")
