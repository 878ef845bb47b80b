"""Asking for Status until slivers are where the experimenter wants them, for a bounded time."""

import time
from collections.abc import Callable, Iterator
from enum import StrEnum

from gcf_am.client.answers import Slivers, SliverStatus
from gcf_am.errors import GcfAmError

FAILED = "geni_failed"


class Goal(StrEnum):
    """What is waited for: every sliver is prepared (and may be started), or runs."""

    NOTREADY = "notready"
    READY = "ready"


class WaitEnded(GcfAmError):
    """The slivers did not get there: one failed, or the time was up."""


def reached(sliver: SliverStatus, goal: Goal) -> bool:
    """Whether one sliver is at the goal; what runs is prepared too."""
    if goal is Goal.READY:
        return sliver.operational == "geni_ready"
    return sliver.operational in {"geni_notready", "geni_ready"}


def follow(
    status: Callable[[], Slivers],
    goal: Goal,
    *,
    seconds: float,
    pause: float = 1.0,
    now: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], object] = time.sleep,
) -> Iterator[Slivers]:
    """Yield each status until every sliver is at the goal.

    Raises WaitEnded when a sliver fails or when `seconds` have passed, and what `status` raises.
    """
    until = now() + seconds
    while True:
        seen = status()
        yield seen
        failed = [one for one in seen.slivers if one.operational == FAILED]
        if failed:
            raise WaitEnded(f"{failed[0].urn} failed: {failed[0].error or 'no reason given'}")
        missing = [one for one in seen.slivers if not reached(one, goal)]
        if seen.slivers and not missing:
            return
        if now() + pause > until:
            raise WaitEnded(
                f"after {seconds:g} seconds {len(missing)} of {len(seen.slivers)} slivers "
                f"are not {goal}"
            )
        sleep(pause)
