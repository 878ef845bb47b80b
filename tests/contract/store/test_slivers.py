from dataclasses import replace
from datetime import timedelta

import pytest

from gcf_am.errors import DatabaseError
from gcf_am.manager.ports import Store
from gcf_am.model.sliver import Sliver, Step
from gcf_am.model.states import AllocationState
from gcf_am.urn import Urn
from tests.contract.store.conftest import Place
from tests.contract.store.samples import (
    AUTHORITY,
    HOUR,
    NOW,
    OTHER_FRAME,
    link_contents,
    node,
    node_contents,
    slice_key,
    slots,
)

UNALLOCATED = AllocationState.UNALLOCATED
PROVISIONED = AllocationState.PROVISIONED
UPDATING = AllocationState.UPDATING


def added(store: Store, count: int = 3, name: str = "lovelace") -> list[Sliver]:
    with store.write() as unit:
        key = slice_key(unit, name)
        made = [node(unit, key, f"n{number}", slots("pc1")) for number in range(count)]
        unit.add(made)
    return made


def test_slivers_come_back_whole_and_oldest_first(store: Store) -> None:
    made, other = added(store, 12), added(store, 1, "other")
    with store.read() as unit:
        assert unit.slivers(made[0].slice_key) == tuple(made)
        assert unit.slivers(other[0].slice_key) == tuple(other)
        assert unit.slivers(4711) == ()


def test_saved_slivers_replace_what_was_there(store: Store) -> None:
    first, second, third = added(store)
    changed = replace(
        second,
        contents=link_contents("lan", frame=OTHER_FRAME),
        pending=node_contents("n1"),
        step=Step.PREPARE,
        error="it \u2603 failed",
        touched=True,
        generation=7,
        expires=NOW + timedelta(microseconds=1),
    )
    with store.write() as unit:
        unit.save([changed])
    with store.read() as unit:
        assert unit.slivers(first.slice_key) == (first, changed, third)
    with store.write() as unit:
        unit.save([replace(changed, pending=None, step=None)])
    with store.read() as unit:
        assert unit.named([second.urn])[second.urn].pending is None


def test_the_last_of_two_states_of_a_sliver_is_saved(store: Store) -> None:
    (one,) = added(store, 1)
    with store.write() as unit:
        unit.save([replace(one, error="first"), replace(one, error="last")])
    with store.read() as unit:
        assert unit.named([one.urn])[one.urn].error == "last"


def test_nothing_to_add_save_or_record_is_nothing(store: Store) -> None:
    with store.write() as unit:
        unit.add(())
        unit.save(iter(()))
        unit.record(())
        unit.lock_components(())
        assert unit.named(()) == {}
        assert unit.held() == {}


def test_a_sliver_that_was_never_added_cannot_be_saved(store: Store) -> None:
    (one,) = added(store, 1)
    with store.write() as unit:
        stranger = replace(one, urn=unit.new_urns(1)[0])
    with pytest.raises(DatabaseError, match="never added"), store.write() as unit:
        unit.save([replace(one, error="lost"), stranger])
    with store.read() as unit:
        assert unit.named([one.urn]) == {one.urn: one}


def test_records_of_the_past_are_found_by_name_only(store: Store) -> None:
    gone, live = added(store, 2)
    record = replace(gone, allocation=UNALLOCATED)
    with store.write() as unit:
        unit.save([record])
    with store.read() as unit:
        assert unit.slivers(live.slice_key) == (live,)
        unknown = Urn.of(AUTHORITY, "sliver", "unknown")
        assert unit.named([gone.urn, live.urn, unknown]) == {gone.urn: record, live.urn: live}


def test_a_sliver_is_named_without_regard_to_the_case_of_its_authority(store: Store) -> None:
    (one,) = added(store, 1)
    shouted = Urn.parse(one.urn.text.replace(AUTHORITY, AUTHORITY.upper()))
    with store.read() as unit:
        assert unit.named([shouted])[shouted] == one
        # Change Set O1: the names of slivers are told apart by case
        assert unit.named([Urn.of(AUTHORITY, "sliver", "A")]) == {}


def test_more_urns_than_one_statement_takes(store: Store) -> None:
    made = added(store, 1200)
    unknown = [Urn.of(AUTHORITY, "sliver", f"x{number}") for number in range(40_000)]
    with store.write() as unit:
        assert unit.named([one.urn for one in made] + unknown) == {one.urn: one for one in made}
        assert unit.held(without=[one.urn for one in made[:700]]) == {
            (slots("pc1").component, "slots"): 500
        }
        unit.lock_components([f"c{number}" for number in range(1200)])
        unit.save(replace(one, allocation=UNALLOCATED) for one in made)
        assert unit.held() == {}


def test_sliver_urns_are_never_used_again(place: Place) -> None:
    seen: list[Urn] = []
    for _ in range(3):
        store = place.open()
        with store.write() as unit:
            seen += unit.new_urns(4)
        store.close()
    assert len(set(seen)) == 12
    assert all(
        urn.kind == "sliver" and urn.well_named and urn.authority == AUTHORITY for urn in seen
    )


def test_live_slivers_expire_when_their_time_is_up(store: Store) -> None:
    first, second, third, fourth = added(store, 4)
    (halted,) = added(store, 1, "halted")
    with store.write() as unit:
        unit.save(
            [
                replace(first, expires=NOW),
                replace(second, expires=NOW + timedelta(microseconds=1)),
                replace(third, expires=NOW - HOUR, allocation=PROVISIONED),
                replace(fourth, expires=NOW - HOUR, allocation=UNALLOCATED),
                replace(halted, expires=NOW - HOUR),
            ]
        )
        unit.shut_down(halted.slice_key, on=True)
    with store.write() as unit:
        assert [one.urn for one in unit.expired(NOW, 10)] == [third.urn, first.urn]
        assert [one.urn for one in unit.expired(NOW, 1)] == [third.urn]
        unit.shut_down(halted.slice_key, on=False)
        assert halted.urn in {one.urn for one in unit.expired(NOW, 10)}


def test_settled_slivers_are_walked_in_pages(store: Store) -> None:
    made, other = added(store, 5), added(store, 1, "other")
    states = (PROVISIONED, UPDATING, AllocationState.ALLOCATED, UNALLOCATED, PROVISIONED)
    with store.write() as unit:
        unit.save(replace(one, allocation=state) for one, state in zip(made, states, strict=True))
        unit.save([replace(made[4], allocation=PROVISIONED, step=Step.START)])
        unit.save([replace(other[0], allocation=PROVISIONED)])
    found: list[Urn] = []
    with store.read() as unit:
        assert unit.settled("", 0) == ()
        while page := unit.settled(found[-1].text if found else "", 2):
            assert len(page) <= 2
            found += [one.urn for one in page]
    assert found == sorted((made[0].urn, made[1].urn, other[0].urn), key=str)
