"""Many at once: locks, choosing again, and the record of what was done."""

import sqlite3
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from gcf_am.errors import AmError, Busy, InsufficientNodes, TooBig
from gcf_am.manager.placing import Held, with_room
from gcf_am.model.sliver import Amount, Contents, NodePlacement, Sliver
from gcf_am.model.states import AllocationState, OperationalState
from gcf_am.model.topology import Frame, Node
from gcf_am.urn import Urn
from tests.functional.manager.house import NOW, Caller, House, node, pair, request


def test_an_exclusive_machine_is_never_given_twice(house: House) -> None:
    def allocate(number: int) -> AmError | None:
        try:
            house.slice(f"s{number}").allocate(request(node("a", exclusive=True)))
        except AmError as refused:
            return refused
        return None

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(allocate, range(16)))
    assert answers.count(None) == 2
    assert {type(one) for one in answers if one is not None} == {InsufficientNodes}


def test_a_large_request_that_cannot_be_had_waits_for_nobody(house: House) -> None:
    large = request(*(node(f"n{number}") for number in range(101)))
    with house.am.store.write(), ThreadPoolExecutor(1) as pool, pytest.raises(TooBig):
        pool.submit(house.slice("large").allocate, large).result()


def contents(host: str) -> Contents:
    place = NodePlacement(host, "vm", None, exclusive=False)
    return Contents(Node("n", "<node/>"), place, (Amount(host, "slots", 1),), Frame())


def sliver(urn: Urn, key: int, host: str) -> Sliver:
    return Sliver(
        urn,
        key,
        contents(host),
        AllocationState.ALLOCATED,
        OperationalState.PENDING_ALLOCATION,
        NOW + timedelta(hours=1),
    )


def test_what_is_gone_when_it_is_locked_is_chosen_again(house: House) -> None:
    seen: list[dict[tuple[str, str], int]] = []
    with house.am.store.write() as unit:
        here = unit.lock_slice(Urn.of("gcf.local", "slice", "other"), "")

        def choose(held: Held) -> list[Contents]:
            seen.append(dict(held))
            if len(seen) == 1:  # somebody else is faster
                unit.add([sliver(unit.new_urns(1)[0], here.key, "h1")])
            return [contents("h2" if held else "h1")]

        (chosen,) = with_room(unit, choose, _themselves)
    assert seen == [{}, {("h1", "slots"): 1}, {("h1", "slots"): 1}][: len(seen)]
    assert chosen.holds[0].component == "h2"


def test_who_is_always_too_late_is_told_to_try_again(house: House) -> None:
    with house.am.store.write() as unit:
        here = unit.lock_slice(Urn.of("gcf.local", "slice", "other"), "")

        def choose(held: Held) -> list[Contents]:
            unit.add([sliver(unit.new_urns(1)[0], here.key, f"h{len(held)}")])
            return [contents(f"h{len(held)}")]

        with pytest.raises(Busy):
            with_room(unit, choose, _themselves)


def _themselves(chosen: list[Contents]) -> Iterable[Contents]:
    return chosen


def test_each_change_is_on_record(house: House, caller: Caller, tmp_path: Path) -> None:
    caller.running(pair())
    caller.delete()
    house.work()
    with closing(sqlite3.connect(tmp_path / "store.sqlite")) as database:
        rows = database.execute(
            "SELECT verb, caller, request_id, before, after FROM events WHERE subject ="
            " (SELECT MIN(subject) FROM events)"
        ).fetchall()
    alice, am = "urn:publicid:IDN+gcf.local+user+alice", house.am.urn.text
    assert rows == [
        ("Allocate", alice, "request-1", "", "geni_allocated/geni_pending_allocation"),
        (
            "Provision",
            alice,
            "request-1",
            "geni_allocated/geni_pending_allocation",
            "geni_provisioned/geni_pending_allocation",
        ),
        (
            "prepare",
            am,
            "",
            "geni_provisioned/geni_pending_allocation",
            "geni_provisioned/geni_notready",
        ),
        (
            "geni_start",
            alice,
            "request-1",
            "geni_provisioned/geni_notready",
            "geni_provisioned/geni_configuring",
        ),
        ("start", am, "", "geni_provisioned/geni_configuring", "geni_provisioned/geni_ready"),
        (
            "Delete",
            alice,
            "request-1",
            "geni_provisioned/geni_ready",
            "geni_unallocated/geni_pending_allocation",
        ),
        (
            "destroy",
            am,
            "",
            "geni_unallocated/geni_pending_allocation",
            "geni_unallocated/geni_pending_allocation",
        ),
    ]
