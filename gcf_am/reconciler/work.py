"""One lease: let the driver do what is to be done, and tell how it ended."""

import logging
from collections.abc import Callable
from time import monotonic
from typing import Final

from gcf_am.manager.aggregate import Aggregate
from gcf_am.manager.outcome import Ended, Todo
from gcf_am.manager.ports import Driver, DriverError, Lease, Order
from gcf_am.model.sliver import Access, Step
from gcf_am.model.topology import Node
from gcf_am.reconciler.pauses import Pauses

_log: Final = logging.getLogger(__name__)


def work(
    am: Aggregate, lease: Lease, todo: Todo, pauses: Pauses, wanted: Callable[[], bool]
) -> Ended:
    """Let the driver do what is to be done for a leased sliver; how that ended is yet to be written.

    What may take long asks `wanted`, and ends early when it is not any more.

    The driver is called between two transactions, never inside one. Whoever is killed before the
    second leaves a lease that lapses, and the step is done again: drivers are idempotent.
    """
    step, order = todo
    begin = monotonic()
    try:
        access = _call(am.driver, step, order, wanted)
    except DriverError as error:
        verdict = pauses.judge(lease, step, error)
        _tell(logging.WARNING, step, order, begin, f"failed, {verdict}: {error}")
        return Ended(lease, step, error=verdict.error, retry_in=verdict.pause)
    _tell(logging.INFO, step, order, begin, "done")
    pauses.forget(lease)
    return Ended(lease, step, access=access)


def _tell(level: int, step: Step, order: Order, begin: float, how: str) -> None:
    """The log's line for a step: slice, sliver, step, seconds, and how it ended."""
    seconds = monotonic() - begin
    _log.log(level, "%s %s %s %.3f s %s", order.slice, order.sliver, step, seconds, how)


def _call(driver: Driver, step: Step, order: Order, wanted: Callable[[], bool]) -> Access | None:
    """Call the driver's method for the step; whatever goes wrong is a DriverError."""
    try:
        match step:
            case Step.PREPARE | Step.CHANGE:
                driver.prepare(order)
            case Step.START:
                return driver.start(order)
            case Step.STOP:
                driver.stop(order)
            case Step.RESTART | Step.RELOAD:
                # what is tried again from geni_failed may never have been built
                driver.prepare(order)
                return driver.restart(order) if step is Step.RESTART else driver.reload(order)
            case Step.SERVICES:
                # a link has none; it waited for those of its ends
                if isinstance(order.contents.resource, Node):
                    driver.run_services(order, wanted)
            case Step.UPDATE_USERS:
                driver.update_users(order)
            case Step.FREEZE:
                driver.freeze(order)
            case Step.THAW:
                return driver.thaw(order)
            case Step.DESTROY:
                driver.destroy(order)
    except DriverError:
        raise
    except Exception as error:
        # a driver's promise is broken; the others' slivers must not wait for that
        _log.exception("driver %s: %s of %s", driver.name, step, order.sliver)
        raise DriverError("the driver failed; the operator's log says why", lasting=True) from error
    return None
