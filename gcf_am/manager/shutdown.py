"""Shutdown: an operator's emergency stop of a whole slice."""

from dataclasses import replace

from gcf_am.manager import record, standing
from gcf_am.manager.aggregate import Aggregate
from gcf_am.manager.ports import Event, Unit
from gcf_am.manager.record import Author, Change
from gcf_am.model.sliver import Slice, Sliver, Step
from gcf_am.model.states import CUT
from gcf_am.trust.grant import Grant
from gcf_am.urn import Urn


def shutdown(am: Aggregate, grant: Grant) -> bool:
    """Stop everything that the slice has running here, and keep it for forensics.

    From then on every call on the slice is refused to experimenters, also when the slice never
    had anything here; its slivers neither expire nor go away until `release`. True always, also
    when it was shut down before. A grant without a UUID shuts down whatever bears the URN.

    Source: AM API v3, Shutdown; decision 17.
    """
    urn = standing.slice_urn(grant)
    author = Author.of(grant, "Shutdown")
    with am.store.write() as unit:
        meant = _meant(unit, urn, grant.slice_uuid)
        for one in meant:
            _stop(unit, one, author)
    am.wake()
    return True


def release(am: Aggregate, slice_urn: Urn) -> bool:
    """Let experimenters use the slice again; answers whether it was shut down.

    What was stopped stays stopped, and what expired meanwhile ends now. For the operator's
    command line; no call does this.
    """
    now = am.clock.now()
    released = False
    with am.store.write() as unit:
        for one in unit.slices_named(slice_urn):
            here = unit.lock_slice(one.urn, one.uuid)
            if here.shut_down:
                unit.shut_down(here.key, on=False)
                unit.record([_event(Author.itself(am, "release", now), here, "shut down", "open")])
                released = True
    return released


def _meant(unit: Unit, urn: Urn, uuid: str | None) -> list[Slice]:
    """The slices to be shut down, locked; by name alone also the one no call named yet."""
    if uuid is not None:
        return [unit.lock_slice(urn, uuid)]
    uuids = {standing.NO_UUID, *(one.uuid for one in unit.slices_named(urn))}
    return [unit.lock_slice(urn, one) for one in sorted(uuids)]


def _stop(unit: Unit, here: Slice, author: Author) -> None:
    if not here.shut_down:
        unit.shut_down(here.key, on=True)
        unit.record([_event(author, here, "open", "shut down")])
    record.write(
        unit,
        author,
        [
            Change(one, after)
            for one in unit.slivers(here.key)
            if (after := _cut(one)).generation != one.generation
        ],
    )


def _cut(sliver: Sliver) -> Sliver:
    """The sliver, taken down if it runs or may run."""
    after = CUT[sliver.operational]
    if after is sliver.operational:
        return sliver
    return replace(
        sliver,
        operational=after,
        step=Step.STOP,
        error="",
        access=None,
        generation=sliver.generation + 1,
    )


def _event(author: Author, here: Slice, before: str, after: str) -> Event:
    return Event(
        author.at,
        author.request_id,
        author.caller,
        author.verb,
        here.urn.text,
        before,
        after,
        author.tool,
    )
