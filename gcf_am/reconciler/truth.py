"""What the driver observes, against what the store believes.

(1) The store says geni_ready, and it does not run or is not there: geni_failed, with geni_error
    saying so. It is not restarted unasked: what was in its memory is lost, and its experimenter
    shall know; geni_restart brings it up.
(2) The store says geni_notready, and it is not there: geni_failed, likewise.
(3) The store says geni_notready, and it runs: it is stopped.
(4) It runs, and is logged in to elsewhere than the store says: the store learns the new place.
(5) It is there, and the store says that it is gone: it is destroyed.
(6) It is there, and the store never heard of it: it is logged and left alone, since it may be
    the work of another store (one that was restored from a backup, say).

(7) Its slice is shut down, and it runs: it is frozen again. Whatever else became of it is told
    when the slice is released, which thaws it; (1) to (4) do not apply until then.

Slivers to whom a step is owed are not judged: the step makes them true.
"""

import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from gcf_am.manager import record
from gcf_am.manager.aggregate import Aggregate
from gcf_am.manager.order import order_of
from gcf_am.manager.ports import DriverError, Observed, Order, Unit
from gcf_am.model.sliver import Sliver
from gcf_am.model.states import AllocationState, OperationalState, operational_when_lost
from gcf_am.urn import Urn

_log: Final = logging.getLogger(__name__)
_PAGE: Final = 500


@dataclass(frozen=True, slots=True)
class _Belief:
    """What the store says of a sliver, and the order that would make it so.

    `frozen`: its slice is shut down.
    """

    sliver: Sliver
    order: Order
    frozen: bool


def compare(am: Aggregate) -> int:
    """Compare once and act; answers how many slivers differed."""
    try:
        return _compare(am)
    except DriverError as error:
        _log.warning("the driver cannot say what is there: %s", error)
        return 0


def _compare(am: Aggregate) -> int:
    beliefs = _beliefs(am)
    found = am.driver.observe([one.order for one in beliefs.values()])
    differing = 0
    for urn, belief in beliefs.items():
        differing += _judge(am, belief, found.get(urn, Observed(exists=False)))
    strays = [urn for urn, one in found.items() if one.exists and urn not in beliefs]
    return differing + _destroy_again(am, _strays(am, strays))


def _judge(am: Aggregate, belief: _Belief, found: Observed) -> bool:
    """Act on the difference between what is believed and what was found, if there is one."""
    if belief.frozen:
        # (7) once it is released, this order is an old one
        return found.running and _act(am.driver.freeze, belief.order, "runs though it is shut down")
    state = belief.sliver.operational
    if state is OperationalState.READY and not (found.exists and found.running):
        return _lost(am, belief, found)  # (1)
    if state is OperationalState.NOTREADY and not found.exists:
        return _lost(am, belief, found)  # (2)
    if state is OperationalState.NOTREADY and found.running:
        # (3) a geni_start since then has a newer generation, which this order cannot undo
        return _act(am.driver.stop, belief.order, "runs though it should not")
    if state is OperationalState.READY and found.access not in {None, belief.sliver.access}:
        return _change(am, belief, replace(belief.sliver, access=found.access))  # (4)
    return False


def _lost(am: Aggregate, belief: _Belief, found: Observed) -> bool:
    words = "it is there but does not run" if found.exists else "it is not there any more"
    _log.warning("%s should be %s: %s", belief.order.sliver, belief.sliver.operational, words)
    return _change(
        am,
        belief,
        replace(
            belief.sliver,
            operational=operational_when_lost(belief.sliver.operational),
            error=f"the driver found that {words}" + (f": {found.error}" if found.error else ""),
            access=None,
        ),
    )


def _change(am: Aggregate, belief: _Belief, after: Sliver) -> bool:
    """Write what was found, unless the sliver, or what it stands on, moved on meanwhile."""
    with am.store.write() as unit:
        home = unit.slice_of(belief.sliver.slice_key)
        unit.lock_slice(home.urn, home.uuid)  # decision 1: the slice row first
        now = unit.named([belief.sliver.urn]).get(belief.sliver.urn)
        if now != belief.sliver or _order(unit, now) != belief.order:
            return False
        author = record.Author.itself(am, "observe", am.clock.now())
        record.write(unit, author, [record.Change(now, after)])
    return True


def _destroy_again(am: Aggregate, strays: Mapping[Urn, Order]) -> int:
    """(5) Destroy what is there although it was destroyed; its URN is never used again."""
    if not strays:
        return 0
    # what was destroyed between the first look and the question to the store is gone by now
    found = am.driver.observe(list(strays.values()))
    there = [order for urn, order in strays.items() if urn in found and found[urn].exists]
    return sum(_act(am.driver.destroy, one, "is there though it was destroyed") for one in there)


def _act(method: Callable[[Order], None], order: Order, why: str) -> bool:
    _log.warning("%s %s", order.sliver, why)
    try:
        method(order)
    except DriverError as error:
        _log.warning("%s %s, and still does: %s", order.sliver, why, error)
    return True


def _beliefs(am: Aggregate) -> Mapping[Urn, _Belief]:
    """Every sliver that should be there, to whom no step is owed."""
    with am.store.read() as unit:
        return {
            one.urn: _Belief(one, _order(unit, one), unit.slice_of(one.slice_key).shut_down)
            for one in _settled(unit)
        }


def _settled(unit: Unit) -> Iterator[Sliver]:
    after = ""
    while page := unit.settled(after, _PAGE):
        yield from page
        after = page[-1].urn.text


def _strays(am: Aggregate, urns: Sequence[Urn]) -> Mapping[Urn, Order]:
    """Those of the slivers that are over and destroyed, for the store."""
    if not urns:
        return {}
    with am.store.read() as unit:
        known = unit.named(urns)
        for urn in urns:
            if urn not in known:
                _log.warning("%s is there and was never heard of", urn)  # (6)
        return {
            one.urn: _order(unit, one)
            for one in known.values()
            if one.allocation is AllocationState.UNALLOCATED and one.step is None
        }


def _order(unit: Unit, sliver: Sliver) -> Order:
    beside = unit.slivers(sliver.slice_key) if sliver.kind == "link" else ()
    return order_of(sliver, unit.slice_of(sliver.slice_key), beside)
