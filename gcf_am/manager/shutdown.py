"""Shutdown: an operator's emergency stop of a whole slice, and the two ways out of it."""

from dataclasses import replace

from gcf_am.audit.event import Event
from gcf_am.audit.replay import SHUT_DOWN
from gcf_am.manager import record, standing
from gcf_am.manager.aggregate import Aggregate
from gcf_am.manager.ending import ended
from gcf_am.manager.ports import Store, Unit
from gcf_am.manager.record import Author, Change
from gcf_am.model.sliver import Slice, Sliver, Step
from gcf_am.model.states import OPERATIONAL, RELEASED, AllocationEvent, OperationalState
from gcf_am.trust.grant import Grant
from gcf_am.urn import Urn


def shutdown(am: Aggregate, grant: Grant) -> bool:
    """Freeze everything that the slice has here, and keep it for forensics.

    From then on every call on the slice is refused to experimenters, also when the slice never
    had anything here; its slivers neither expire nor go away until `release` or `purge`. True
    always, also when it was shut down before. A grant without a UUID shuts down whatever bears
    the URN.

    Source: AM API v3, Shutdown; decision 17.
    """
    shut(am.store, standing.slice_urn(grant), Author.of(grant, "Shutdown"), grant.slice_uuid)
    am.wake()
    return True


def shut(store: Store, slice_urn: Urn, author: Author, uuid: str | None = None) -> int | None:
    """The same for the operator's command line, which needs neither driver nor inventory.

    Answers how many slivers are to be frozen, None when all was shut down before.
    """
    with store.write() as unit:
        still_open = [one for one in _meant(unit, slice_urn, uuid) if not one.shut_down]
        frozen = 0
        for here in still_open:
            unit.shut_down(here.key, on=True)
            unit.record([_event(author, here, shut=True)])
            touched = _touched(unit, here)
            # it waits for no work under way
            unit.revoke([one.urn for one in touched])
            record.write(unit, author, [Change(one, _owing(one, Step.FREEZE)) for one in touched])
            frozen += len(touched)
    return frozen if still_open else None


def release(store: Store, slice_urn: Urn, author: Author) -> int | None:
    """Thaw the slice and let experimenters use it again; for the operator's command line.

    What ran goes on where it stood, what was under way is done again, and what expired meanwhile
    ends now. Answers how many slivers are to be thawed, None when the slice was not shut down.
    """
    with store.write() as unit:
        closed = _closed(unit, slice_urn)
        thawed = 0
        for here in closed:
            _open(unit, here, author)
            touched = _touched(unit, here)
            record.write(unit, author, [Change(one, _resumed(one)) for one in touched])
            thawed += len(touched)
    return thawed if closed else None


def purge(store: Store, slice_urn: Urn, author: Author) -> int | None:
    """End all that the slice has here, as Delete does, and let experimenters use it again.

    For the operator's command line. Answers how many slivers that were, None when the slice was
    not shut down.
    """
    with store.write() as unit:
        closed = _closed(unit, slice_urn)
        gone = 0
        for here in closed:
            _open(unit, here, author)
            slivers = unit.slivers(here.key)
            changes = [Change(one, ended(one, AllocationEvent.DELETE)) for one in slivers]
            record.write(unit, author, changes)
            gone += len(changes)
    return gone if closed else None


def _meant(unit: Unit, urn: Urn, uuid: str | None) -> list[Slice]:
    """The slices to be shut down, locked; by name alone also the one no call named yet."""
    if uuid is not None:
        return [unit.lock_slice(urn, uuid)]
    # from now on no call makes another one of this name
    nameless = unit.lock_slice(urn, standing.NO_UUID)
    others = [one for one in unit.slices_named(urn) if one.uuid != standing.NO_UUID]
    return [nameless, *(unit.lock_slice(one.urn, one.uuid) for one in others)]


def _closed(unit: Unit, urn: Urn) -> list[Slice]:
    """The slices of this name that are shut down, locked."""
    locked = [unit.lock_slice(one.urn, one.uuid) for one in unit.slices_named(urn)]
    return [one for one in locked if one.shut_down]


def _open(unit: Unit, here: Slice, author: Author) -> None:
    unit.shut_down(here.key, on=False)
    unit.record([_event(author, here, shut=False)])


def _touched(unit: Unit, here: Slice) -> list[Sliver]:
    """Its slivers for which a driver may have made something."""
    return [one for one in unit.slivers(here.key) if one.touched]


def _resumed(sliver: Sliver) -> Sliver:
    """The sliver with the step that its state was waiting for when it was frozen."""
    if sliver.operational is OperationalState.UPDATING_USERS:
        step = Step.UPDATE_USERS
    else:
        # a change goes on to whatever the state waits for, and leaves running what runs
        step = Step.CHANGE if OPERATIONAL[sliver.operational].waits else Step.THAW
    after = RELEASED[sliver.operational]
    access = sliver.access if after is sliver.operational else None
    return replace(_owing(sliver, step), operational=after, access=access)


def _owing(sliver: Sliver, step: Step) -> Sliver:
    # why it failed is evidence; what else is said there is of the step that ends now
    failed = sliver.operational is OperationalState.FAILED
    return replace(
        sliver,
        step=step,
        error=sliver.error if failed else "",
        generation=sliver.generation + 1,
    )


def _event(author: Author, here: Slice, *, shut: bool) -> Event:
    words = ("open", "shut down")
    before, after = words if shut else words[::-1]
    return author.did(here.urn, here, before, after, {SHUT_DOWN: shut})
