"""What the reconciler asks before a driver's work and tells after it.

A step (model.sliver.Step) is what a driver owes a sliver. The operational state tells what comes
after it: a sliver that is configuring is prepared or changed and then brought up, one that is
stopping is then taken down. What is frozen keeps its state.
"""

from dataclasses import replace
from datetime import timedelta
from typing import Final

from gcf_am.manager import order, parting, record
from gcf_am.manager.aggregate import Aggregate
from gcf_am.manager.ports import DriverError, Lease, Order, Unit
from gcf_am.model.holding import settled
from gcf_am.model.site import Site
from gcf_am.model.sliver import Access, Sliver, Step
from gcf_am.model.states import OperationalState, Outcome, operational_after
from gcf_am.model.topology import Node
from gcf_am.rspec.services import services_of

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


def begin(am: Aggregate, lease: Lease) -> tuple[Step, Order] | None:
    """What to do now with a leased sliver, and the order for it.

    None when nothing is to be done any more, when it must wait (a link for its ends, a node's
    services for its links), or when it would wait in vain and so failed: the lease has then been
    given back.
    """
    # mostly all is well, and what only reads waits for nobody and no disk
    with am.store.read() as unit:
        todo = _todo(unit, unit.still_mine(lease))
    return todo or _not_now(am, lease)


def _todo(unit: Unit, sliver: Sliver | None) -> tuple[Step, Order] | None:
    if sliver is None or sliver.step is None:
        return None
    beside = _beside(unit, sliver)
    if _waits(sliver) and not order.startable(sliver, beside):
        return None
    return sliver.step, order.order_of(sliver, unit.slice_of(sliver.slice_key), beside)


def _not_now(am: Aggregate, lease: Lease) -> tuple[Step, Order] | None:
    """The same where nothing was to be done a moment ago: give the lease back, unless there is."""
    now, site = am.clock.now(), am.site()
    with am.store.write() as unit:
        sliver = unit.still_mine(lease)
        if sliver is None or sliver.step is None:
            unit.release(lease)
            return None
        todo = _todo(unit, sliver)
        if todo is not None:
            return todo
        beside = _beside(unit, sliver)
        lost = order.lost_end(sliver, beside)
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


def _beside(unit: Unit, sliver: Sliver) -> tuple[Sliver, ...]:
    """The slivers of its slice, where it matters to a sliver how they are."""
    matters = sliver.kind == "link" or _waits(sliver)
    return unit.slivers(sliver.slice_key) if matters else ()


def finish(
    am: Aggregate,
    lease: Lease,
    step: Step,
    *,
    access: Access | None = None,
    error: DriverError | None = None,
    retry_in: timedelta = RETRY,
) -> None:
    """Write how a driver's step ended, and give the lease back; a stale lease writes nothing.

    `access` is what start, restart and reload answered. A failure that need not last is tried again after
    `retry_in`; how often, and when it is to be called lasting, the reconciler decides;
    NEVER_GIVEN_UP are tried for ever.
    """
    now, site = am.clock.now(), am.site()
    with am.store.write() as unit:
        sliver = unit.still_mine(lease)
        if sliver is None or sliver.step is not step:
            unit.release(lease)
            return
        if error is None:
            after = _done(unit, sliver, step, access, site)
        else:
            after = _failed(sliver, step, error)
        author = record.Author.itself(am, step, now)
        record.write(unit, author, [record.Change(sliver, after)])
        unit.release(lease, retry_at=now + retry_in if after.step is step else None)
        _tell(unit, after, author, site, step)
    if after.step is not None:
        am.wake()


def _waits(sliver: Sliver) -> bool:
    """Whether its step may have to wait for slivers beside it (`order.startable`).

    Those of a link after which it runs are for when its ends do.
    """
    if sliver.kind == "node":
        return sliver.step is Step.SERVICES
    changes = sliver.step is Step.CHANGE and sliver.operational is OperationalState.CONFIGURING
    return changes or sliver.step in {*_BRINGS_UP, Step.SERVICES}


def _done(unit: Unit, sliver: Sliver, step: Step, access: Access | None, site: Site) -> Sliver:
    """The sliver after a step that went well."""
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
    if step in _BRINGS_UP and _has_services(unit, sliver):
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


def _has_services(unit: Unit, sliver: Sliver) -> bool:
    """Whether what is up is not ready yet: a node has services, a link ends that have."""
    resource = sliver.contents.resource
    if isinstance(resource, Node):
        return bool(services_of(resource))
    waiting = replace(sliver, step=Step.SERVICES)
    return not order.startable(waiting, unit.slivers(sliver.slice_key))


def _tell(unit: Unit, sliver: Sliver, author: record.Author, site: Site, step: Step) -> None:
    """What a sliver's outcome means for others of its slice."""
    if step in {*_MAKES_READY, Step.SERVICES}:
        _wake(unit, sliver)
    elif step is Step.DESTROY and sliver.kind == "node" and sliver.step is None:
        links = unit.links(sliver.slice_key)
        freed = [parting.without_ports(one, sliver, site) for one in links]
        changes = [
            record.Change(before, after)
            for before, after in zip(links, freed, strict=True)
            if before != after
        ]
        record.write(unit, author, changes)


def _wake(unit: Unit, sliver: Sliver) -> None:
    """End the sleep of those who can go on, or fail, now that this one came up or failed.

    Links wait for nodes, and nodes' services for links.
    """
    if sliver.operational not in _HEARD_OF:
        return
    if sliver.kind == "node":
        links = [one for one in unit.links(sliver.slice_key) if order.ends_on(one, sliver)]
        waiting = [one for one in links if _waits(one)]
        beside = unit.slivers(sliver.slice_key) if waiting else ()
    else:
        beside = unit.slivers(sliver.slice_key)
        waiting = [one for one in beside if order.ends_on(sliver, one) and _waits(one)]
    unit.wake(
        [
            one.urn
            for one in waiting
            if order.startable(one, beside) or order.lost_end(one, beside) is not None
        ]
    )
