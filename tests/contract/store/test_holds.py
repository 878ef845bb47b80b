from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from gcf_am.manager.ports import Store, Unit
from gcf_am.model.sliver import Amount, Sliver, Step
from gcf_am.model.states import AllocationState
from tests.contract.store.conftest import Place
from tests.contract.store.samples import bandwidth, host, node, node_contents, slice_key, slots

UNALLOCATED = AllocationState.UNALLOCATED


def added(store: Store, *holds: Amount) -> Sliver:
    with store.write() as unit:
        one = node(unit, slice_key(unit), "alpha", *holds)
        unit.add([one])
    return one


def held(store: Store) -> dict[tuple[str, str], int]:
    with store.read() as unit:
        return dict(unit.held())


def test_holds_are_summed_by_component_and_dimension(store: Store) -> None:
    first = added(store, slots("pc1"), bandwidth("wire", 1000))
    added(store, slots("pc1", 2), slots("pc2"), bandwidth("wire", 500))
    wire = bandwidth("wire", 0).component
    assert held(store) == {
        (host("pc1"), "slots"): 3,
        (host("pc2"), "slots"): 1,
        (wire, "bandwidth"): 1500,
    }
    with store.read() as unit:
        assert unit.held(without=[first.urn]) == {
            (host("pc1"), "slots"): 2,
            (host("pc2"), "slots"): 1,
            (wire, "bandwidth"): 500,
        }


def test_a_sum_beyond_32_bits_is_right(store: Store) -> None:
    for _ in range(3):
        added(store, bandwidth("wire", 2**40))
    assert set(held(store).values()) == {3 * 2**40}


# decision 3
def test_an_updating_sliver_holds_the_larger_of_old_and_new(store: Store) -> None:
    old = added(store, slots("pc1", 4), bandwidth("wire", 10))
    updating = replace(
        old,
        allocation=AllocationState.UPDATING,
        pending=node_contents("alpha", slots("pc1", 2), bandwidth("wire", 30)),
    )
    with store.write() as unit:
        unit.save([updating])
    wire = (bandwidth("wire", 0).component, "bandwidth")
    assert held(store) == {(host("pc1"), "slots"): 4, wire: 30}
    # "A second Update replaces old and new1 by old and new2 in one transaction."
    with store.write() as unit:
        unit.save([replace(updating, pending=node_contents("alpha", slots("pc2")))])
    assert held(store) == {(host("pc1"), "slots"): 4, (host("pc2"), "slots"): 1, wire: 10}
    with store.write() as unit:
        unit.save([old])
    assert held(store) == {(host("pc1"), "slots"): 4, wire: 10}


# decision 2
def test_holds_end_at_once_when_no_driver_knows_the_sliver(store: Store) -> None:
    one = added(store, slots("pc1"))
    with store.write() as unit:
        unit.save([replace(one, allocation=UNALLOCATED)])
    assert held(store) == {}


# decision 2
def test_holds_of_a_deleted_sliver_last_until_its_driver_has_confirmed(store: Store) -> None:
    one = added(store, slots("pc1"))
    deleted = replace(one, allocation=UNALLOCATED, touched=True, step=Step.DESTROY)
    with store.write() as unit:
        unit.save([deleted])
    assert held(store) == {(host("pc1"), "slots"): 1}
    with store.write() as unit:
        unit.save([replace(deleted, step=None, touched=False)])
    assert held(store) == {}


@pytest.mark.parametrize(
    ("change", "tells"),
    [
        pytest.param(lambda unit, one: unit.save([replace(one, error="x")]), False, id="status"),
        pytest.param(lambda unit, one: unit.lock_components([host("pc1")]), False, id="lock"),
        pytest.param(
            lambda unit, one: unit.save([replace(one, allocation=UNALLOCATED)]), True, id="ended"
        ),
        pytest.param(
            lambda unit, one: unit.save(
                [replace(one, contents=node_contents("a", slots("pc1", 9)))]
            ),
            True,
            id="amount",
        ),
        pytest.param(
            lambda unit, one: unit.add([node(unit, one.slice_key, "b", slots("pc3"))]),
            True,
            id="new",
        ),
        pytest.param(
            lambda unit, one: unit.add([node(unit, one.slice_key, "b")]), False, id="bare"
        ),
    ],
)
def test_the_version_changes_when_a_hold_opens_or_closes_and_only_then(
    place: Place, change: Callable[[Unit, Sliver], None], tells: bool
) -> None:
    store, beside = place.open(), place.open()
    one = added(store, slots("pc1"))
    before = beside.held_since(0)[0]
    assert store.held_since(0)[0] == before
    with store.write() as unit:
        change(unit, one)
    assert (beside.held_since(0)[0] != before) is tells
    assert store.held_since(0)[0] == beside.held_since(0)[0]


def test_a_unit_that_failed_changes_no_version(store: Store) -> None:
    one = added(store, slots("pc1"))
    before = store.held_since(0)[0]

    def fails() -> None:
        with store.write() as unit:
            unit.save([replace(one, allocation=UNALLOCATED)])
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fails()
    assert store.held_since(0)[0] == before
    assert held(store) == {(host("pc1"), "slots"): 1}


def test_components_are_locked_again_and_again(store: Store) -> None:
    for names in (["b", "a"], ["a", "c", "a"], ["c"]):
        with store.write() as unit:
            unit.lock_components(names)
            unit.lock_components(names)


def test_what_changed_since_a_version_is_told_and_nothing_else(place: Place) -> None:
    """Also what other processes did, and what is held no more."""
    store, beside = place.open(), place.open()
    version, told = store.held_since(0)
    assert told == {}
    one = added(beside, slots("pc1"), bandwidth("wire", 10))
    added(store, slots("pc2"))
    version, told = store.held_since(version)
    wire = (bandwidth("wire", 0).component, "bandwidth")
    assert told == {(host("pc1"), "slots"): 1, (host("pc2"), "slots"): 1, wire: 10}
    assert store.held_since(version) == (version, {})
    with beside.write() as unit:
        unit.save([replace(one, allocation=UNALLOCATED)])
    later, told = store.held_since(version)
    assert told == {(host("pc1"), "slots"): 0, wire: 0}
    assert later > version
    added(beside, slots("pc1", 3))
    assert store.held_since(later)[1] == {(host("pc1"), "slots"): 3}
    assert held(store) == held(beside) == {(host("pc1"), "slots"): 3, (host("pc2"), "slots"): 1}


def test_a_unit_sees_what_it_holds_itself(store: Store) -> None:
    first = added(store, slots("pc1"))
    with store.write() as unit:
        second = node(unit, first.slice_key, "beta", slots("pc1", 2), slots("pc2"))
        unit.add([second])
        assert unit.held() == {(host("pc1"), "slots"): 3, (host("pc2"), "slots"): 1}
        assert unit.held(without=[second.urn]) == {(host("pc1"), "slots"): 1}
        unit.save([replace(second, allocation=UNALLOCATED)])
        assert unit.held() == {(host("pc1"), "slots"): 1}
    assert held(store) == {(host("pc1"), "slots"): 1}


def test_a_snapshot_is_older_than_what_others_have_read(store: Store) -> None:
    added(store, slots("pc1"))
    with store.read() as reader:
        assert reader.held() == {(host("pc1"), "slots"): 1}
        with ThreadPoolExecutor(1) as other:
            other.submit(added, store, slots("pc1")).result()
            assert other.submit(held, store).result() == {(host("pc1"), "slots"): 2}
        assert reader.held() == {(host("pc1"), "slots"): 1}
    assert held(store) == {(host("pc1"), "slots"): 2}
