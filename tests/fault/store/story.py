"""What a slice goes through, unit by unit; each step finds what it needs in the store."""

from collections.abc import Callable
from dataclasses import replace
from typing import Final

from gcf_am.manager.ports import Lease, Store
from gcf_am.model.sliver import Access, Sliver, Step
from gcf_am.model.states import AllocationState, OperationalState
from tests.contract.store.samples import (
    HOUR,
    NOW,
    OTHER_FRAME,
    event,
    host,
    node,
    node_contents,
    slice_key,
    slice_urn,
    slots,
)


def allocate(store: Store) -> None:
    with store.write() as unit:
        key = slice_key(unit)
        unit.lock_components([host("pc1"), host("pc2")])
        unit.held()
        made = [node(unit, key, "alpha", slots("pc1")), node(unit, key, "beta", slots("pc2"))]
        unit.add(made)
        unit.record(event(one.urn.text) for one in made)


def provision(store: Store) -> None:
    with store.write() as unit:
        changed = [
            replace(
                one,
                allocation=AllocationState.PROVISIONED,
                step=Step.PREPARE,
                touched=True,
                generation=one.generation + 1,
            )
            for one in unit.slivers(slice_key(unit))
        ]
        unit.save(changed)
        unit.record(event(one.urn.text, "Provision") for one in changed)


def lease(store: Store) -> None:
    with store.write() as unit:
        unit.lease_work("worker", NOW, NOW + HOUR, 10)


def finish(store: Store) -> None:
    with store.write() as unit:
        for one in _slivers(store):
            mine = unit.still_mine(Lease(one, "worker", NOW + HOUR))
            assert mine is not None
            done = replace(mine, step=None, operational=OperationalState.READY)
            unit.save([replace(done, access=Access("pc1.gcf.local", 2200))])
            unit.release(Lease(one, "worker", NOW + HOUR))


def update(store: Store) -> None:
    with store.write() as unit:
        unit.lock_components([host("pc3")])
        first, *_ = unit.slivers(slice_key(unit))
        pending = node_contents("alpha", slots("pc3", 2), frame=OTHER_FRAME)
        unit.save([replace(first, allocation=AllocationState.UPDATING, pending=pending)])
        unit.record([event(first.urn.text, "Update")])


def delete(store: Store) -> None:
    with store.write() as unit:
        gone = AllocationState.UNALLOCATED
        unit.save(
            replace(one, allocation=gone, step=Step.DESTROY, generation=one.generation + 1)
            for one in unit.slivers(slice_key(unit))
        )
        unit.record([event(slice_urn().text, "Delete")])


def confirm(store: Store) -> None:
    with store.write() as unit:
        for lease in unit.lease_work("worker", NOW + HOUR, NOW + 2 * HOUR, 10):
            unit.save([replace(lease.sliver, step=None, touched=False)])
            unit.release(lease)


def _slivers(store: Store) -> tuple[Sliver, ...]:
    with store.read() as unit:
        found = unit.find_slice(slice_urn(), "uuid of lovelace")
        return () if found is None else unit.slivers(found.key)


STORY: Final[tuple[Callable[[Store], None], ...]] = (
    allocate,
    provision,
    lease,
    finish,
    update,
    delete,
    confirm,
)
