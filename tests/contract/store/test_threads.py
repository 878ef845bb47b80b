"""Many threads on one store: nothing is lost, nothing is held twice, no URN comes twice."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from threading import Barrier
from typing import TypeVar

from gcf_am.manager.ports import Lease, Store
from gcf_am.model.sliver import Step
from gcf_am.urn import Urn
from tests.contract.store.conftest import Place
from tests.contract.store.samples import HOUR, NOW, host, node, slice_key, slots

T = TypeVar("T")

THREADS = 8
ROUNDS = 12


def at_once(work: Callable[[int], T]) -> list[T]:
    barrier = Barrier(THREADS, timeout=60)

    def run(number: int) -> T:
        barrier.wait()
        return work(number)

    with ThreadPoolExecutor(THREADS) as pool:
        return list(pool.map(run, range(THREADS)))


def allocate(store: Store, name: str, capacity: int) -> Urn | None:
    """What Allocate does: lock, look, take."""
    with store.write() as unit:
        key = slice_key(unit, name)
        unit.lock_components([host("pc1")])
        if unit.held().get((host("pc1"), "slots"), 0) >= capacity:
            return None
        one = node(unit, key, name, slots("pc1"))
        unit.add([one])
        return one.urn


def test_the_last_slots_are_given_once(store: Store) -> None:
    got = at_once(lambda number: [allocate(store, f"s{number}", 20) for _ in range(ROUNDS)])
    urns = [urn for of_thread in got for urn in of_thread if urn is not None]
    assert len(urns) == len(set(urns)) == 20
    with store.read() as unit:
        assert unit.held() == {(host("pc1"), "slots"): 20}


def test_no_update_is_lost(place: Place) -> None:
    stores = [place.open(), place.open()]
    with stores[0].write() as unit:
        one = node(unit, slice_key(unit), "alpha", slots("pc1"))
        unit.add([one])

    def rise(number: int) -> None:
        for _ in range(ROUNDS):
            with stores[number % 2].write() as unit:
                slice_key(unit)  # decision 1
                now = unit.named([one.urn])[one.urn]
                unit.save([replace(now, generation=now.generation + 1)])

    at_once(rise)
    with stores[0].read() as unit:
        assert unit.named([one.urn])[one.urn].generation == THREADS * ROUNDS


def test_work_is_leased_to_one_worker_only(store: Store) -> None:
    with store.write() as unit:
        key = slice_key(unit)
        unit.add([node(unit, key, f"n{number}", step=Step.PREPARE) for number in range(40)])

    def work(number: int) -> list[Lease]:
        taken: list[Lease] = []
        while True:
            with store.write() as unit:
                more = unit.lease_work(f"worker {number}", NOW, NOW + HOUR, 3)
            if not more:
                return taken
            taken += more

    urns = [lease.sliver.urn for leases in at_once(work) for lease in leases]
    assert len(urns) == len(set(urns)) == 40


def test_readers_see_whole_units_only(store: Store) -> None:
    with store.write() as unit:
        key = slice_key(unit)

    def work(number: int) -> None:
        for round_ in range(ROUNDS):
            if number % 2:
                with store.write() as unit:
                    pair = [
                        node(unit, key, f"{number}.{round_}.{half}", slots("pc1")) for half in "ab"
                    ]
                    unit.add(pair)
            else:
                with store.read() as unit:
                    slivers, held = unit.slivers(key), unit.held()
                assert len(slivers) % 2 == 0
                assert held.get((host("pc1"), "slots"), 0) == len(slivers)

    at_once(work)
