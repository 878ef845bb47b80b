"""What the reconciler asks before a driver's work and tells after it.

A step (model.sliver.Step) is what a driver owes a sliver. The operational state tells what comes
after it: a sliver that is configuring is prepared or changed and then brought up, one that is
stopping is then taken down. What is frozen keeps its state.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import cache
from typing import Final

from gcf_am.manager import order, parting, record
from gcf_am.manager.aggregate import Aggregate
from gcf_am.manager.ports import DriverError, Lease, Order, Unit
from gcf_am.model.holding import settled
from gcf_am.model.site import Site
from gcf_am.model.sliver import Access, Slice, Sliver, Step
from gcf_am.model.states import OperationalState, Outcome, operational_after
from gcf_am.model.topology import Node
from gcf_am.rspec.services import services_of
from gcf_am.urn import Urn

# What a driver is to do, and the order for it.
Todo = tuple[Step, Order]

# A failure that need not last is tried again after this, unless the caller knows better.
RETRY: Final = timedelta(seconds=5)
# How long who waits for slivers beside it sleeps when nobody wakes it.
WAIT: Final = timedelta(seconds=5)

_BRINGS_UP: Final = (Step.START, Step.RESTART, Step.RELOAD)
_MAKES_READY: Final = (*_BRINGS_UP, Step.THAW)
_BUILDS: Final = (Step.PREPARE, Step.CHANGE)
# What is tried for ever: holds last until a destruction is confirmed (decision 2), and an
# emergency stop is no wish.
NEVER_GIVEN_UP: Final = frozenset({Step.DESTROY, Step.FREEZE})
# Slivers in these states can be what others beside them waited for.
_HEARD_OF: Final = frozenset(
    {OperationalState.CONFIGURING, OperationalState.READY, OperationalState.FAILED}
)
_FROZEN: Final = "frozen: its slice was shut down"


@dataclass(frozen=True, slots=True)
class Ended:
    """How a driver's step of a leased sliver ended.

    `access` is what start, restart and reload answered. A failure that need not last is tried
    again after `retry_in`; how often, and when it is to be called lasting, the reconciler decides;
    NEVER_GIVEN_UP are tried for ever.
    """

    lease: Lease
    step: Step
    access: Access | None = None
    error: DriverError | None = None
    retry_in: timedelta = RETRY


def begin(unit: Unit, leases: Iterable[Lease]) -> list[Todo | None]:
    """What to do now with each sliver that the unit has leased, and the order for it.

    None when nothing is to be done, or when it must wait (a link for its ends, a node's services
    for its links) or would wait in vain: `not_now` tells which.
    """
    slivers, slice_of = cache(unit.slivers), cache(unit.slice_of)
    return [_todo(one.sliver, slivers, slice_of) for one in leases]


def _todo(
    sliver: Sliver,
    slivers: Callable[[int], Sequence[Sliver]],
    slice_of: Callable[[int], Slice],
) -> Todo | None:
    if sliver.step is None:
        return None
    # the slivers of its slice matter only to some
    matter = sliver.kind == "link" or _waits(sliver)
    beside = slivers(sliver.slice_key) if matter else ()
    if _waits(sliver) and not order.startable(sliver, beside):
        return None
    return sliver.step, order.order_of(sliver, slice_of(sliver.slice_key), beside)


def not_now(am: Aggregate, lease: Lease) -> Todo | None:
    """The same where there was nothing to do a moment ago; unless there is now, it is given back.

    A sliver that would wait in vain has failed then.
    """
    now, site = am.clock.now(), am.site()
    with am.store.write() as unit:
        sliver = unit.still_mine(lease)
        if sliver is None or sliver.step is None:
            unit.release(lease)
            return None
        todo = _todo(sliver, unit.slivers, unit.slice_of)
        if todo is not None:
            return todo
        lost = order.lost_end(sliver, unit.slivers(sliver.slice_key))
        if lost is not None:
            why = DriverError(f"its end {lost.client_id} failed and does not run", lasting=True)
            failed = _failed(sliver, sliver.step, why)
            author = record.Author.itself(am, sliver.step, now)
            record.write(unit, author, [record.Change(sliver, failed)])
            unit.release(lease)
            _tell(unit, failed, author, site, sliver.step)
        else:
            unit.release(lease, retry_at=now + WAIT)
    return None


def finish(am: Aggregate, ended: Sequence[Ended]) -> None:
    """Write how drivers' steps ended, all in one slice, and give their leases back.

    A stale lease writes nothing.
    """
    now, site = am.clock.now(), am.site()
    more = False
    with am.store.write() as unit:
        found = zip(ended, unit.mine([one.lease for one in ended]), strict=True)
        valid = [(one, was) for one, was in found if was is not None and was.step is one.step]
        after: dict[Urn, Sliver] = {}
        # what a link comes to depends on the nodes that ended with it
        for one, was in sorted(valid, key=lambda pair: pair[1].kind == "link"):
            after[was.urn] = (
                _done(unit, was, one, site, after)
                if one.error is None
                else _failed(was, one.step, one.error)
            )
        authors = {one.step: record.Author.itself(am, one.step, now) for one, _ in valid}
        for step, author in authors.items():
            changes = [record.Change(was, after[was.urn]) for one, was in valid if one.step is step]
            record.write(unit, author, changes)
        for one in ended:
            is_now = after.get(one.lease.sliver.urn)
            again = is_now is not None and is_now.step is one.step
            unit.release(one.lease, retry_at=now + one.retry_in if again else None)
        for one, was in valid:
            more = _tell(unit, after[was.urn], authors[one.step], site, one.step) or more
    if more or any(one.step is not None for one in after.values()):
        am.wake()


def _waits(sliver: Sliver) -> bool:
    """Whether its step may have to wait for slivers beside it (`order.startable`).

    Those of a link after which it runs are for when its ends do.
    """
    if sliver.kind == "node":
        return sliver.step is Step.SERVICES
    changes = sliver.step is Step.CHANGE and sliver.operational is OperationalState.CONFIGURING
    return changes or sliver.step in {*_BRINGS_UP, Step.SERVICES}


def _done(
    unit: Unit, sliver: Sliver, ended: Ended, site: Site, others: Mapping[Urn, Sliver]
) -> Sliver:
    """The sliver after a step that went well; `others` of its slice are not written yet."""
    step, access = ended.step, ended.access
    if step is Step.DESTROY:
        return replace(sliver, step=None, error="", access=None, touched=False)
    comes_up = sliver.operational is OperationalState.CONFIGURING
    if step is Step.FREEZE or (step is Step.THAW and not comes_up):
        error = _FROZEN if step is Step.FREEZE else ""
        # why it failed is evidence
        failed = sliver.operational is OperationalState.FAILED
        return replace(sliver, step=None, error=sliver.error if failed else error)
    if step in _BUILDS or step is Step.RELOAD:
        # what the old contents held beyond the new is free now
        sliver = replace(sliver, contents=settled(sliver.contents, site))
    if step in _BRINGS_UP and _has_services(unit, sliver, others):
        number = sliver.generation + 1
        return replace(sliver, step=Step.SERVICES, error="", access=access, generation=number)
    if step in _BUILDS:
        following = {
            OperationalState.CONFIGURING: (Step.RESTART if step is Step.PREPARE else Step.START),
            OperationalState.STOPPING: Step.STOP,
        }.get(sliver.operational)
        if following is not None:
            return replace(sliver, step=following, error="", generation=sliver.generation + 1)
        end = Outcome.PREPARED
    else:
        end = Outcome.SUCCEEDED
    return replace(
        sliver,
        operational=operational_after(sliver.operational, end),
        step=None,
        error="",
        access=access if step in _MAKES_READY else sliver.access,
    )


def _failed(sliver: Sliver, step: Step, error: DriverError) -> Sliver:
    """The sliver after a step that failed: with the same step if it is to be tried again."""
    words = str(error) or "the driver failed"
    if step in NEVER_GIVEN_UP or not error.lasting:
        return replace(sliver, error=words)
    return replace(
        sliver,
        operational=OperationalState.FAILED
        if step is Step.THAW
        else operational_after(sliver.operational, Outcome.FAILED),
        step=None,
        error=words,
        # where services failed, who logs in to the node can see why
        access=sliver.access if step is Step.SERVICES else None,
    )


def _has_services(unit: Unit, sliver: Sliver, others: Mapping[Urn, Sliver]) -> bool:
    """Whether what is up is not ready yet: a node has services, a link ends that have."""
    resource = sliver.contents.resource
    if isinstance(resource, Node):
        return bool(services_of(resource))
    waiting = replace(sliver, step=Step.SERVICES)
    beside = [others.get(one.urn, one) for one in unit.slivers(sliver.slice_key)]
    return not order.startable(waiting, beside)


def _tell(unit: Unit, sliver: Sliver, author: record.Author, site: Site, step: Step) -> bool:
    """What a sliver's outcome means for others of its slice; whether any of them can go on now."""
    if step in {*_MAKES_READY, Step.SERVICES}:
        return _wake(unit, sliver)
    if step is Step.DESTROY and sliver.kind == "node" and sliver.step is None:
        links = unit.links(sliver.slice_key)
        freed = [parting.without_ports(one, sliver, site) for one in links]
        changes = [
            record.Change(before, after)
            for before, after in zip(links, freed, strict=True)
            if before != after
        ]
        record.write(unit, author, changes)
    return False


def _wake(unit: Unit, sliver: Sliver) -> bool:
    """End the sleep of those who can go on, or fail, now that this one came up or failed.

    Links wait for nodes, and nodes' services for links. Answers whether there are any.
    """
    if sliver.operational not in _HEARD_OF:
        return False
    if sliver.kind == "node":
        links = [one for one in unit.links(sliver.slice_key) if order.ends_on(one, sliver)]
        waiting = [one for one in links if _waits(one)]
        beside = unit.slivers(sliver.slice_key) if waiting else ()
    else:
        beside = unit.slivers(sliver.slice_key)
        waiting = [one for one in beside if order.ends_on(sliver, one) and _waits(one)]
    woken = [
        one.urn
        for one in waiting
        if order.startable(one, beside) or order.lost_end(one, beside) is not None
    ]
    unit.wake(woken)
    return bool(woken)
