"""When what failed is tried again, and when it is given up."""

import threading
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from gcf_am.manager.outcome import NEVER_GIVEN_UP
from gcf_am.manager.ports import DriverError, Lease
from gcf_am.model.sliver import Step
from gcf_am.urn import Urn

SHORTEST: Final = timedelta(seconds=1)
LONGEST: Final = timedelta(minutes=10)
# An emergency stop that failed does not wait long.
URGENT: Final = timedelta(seconds=10)
# How often a step that is given up at all is tried before the sliver is geni_failed: with pauses of
# 1, 2 and 4 seconds an experimenter still waits.
ATTEMPTS: Final = 4
# 2**16 seconds are beyond the longest pause, and no overflow.
_DOUBLINGS: Final = 16


@dataclass(frozen=True, slots=True)
class Verdict:
    """What becomes of a failure: a lasting `error` is given up, another tried after `pause`."""

    error: DriverError
    pause: timedelta

    def __str__(self) -> str:
        return "given up" if self.error.lasting else f"again in {self.pause}"


class Pauses:
    """Counts failures in a row of each sliver's step; a restart begins to count anew."""

    def __init__(self) -> None:
        self._failures: dict[Urn, tuple[int, int]] = {}
        self._lock = threading.Lock()

    def judge(self, lease: Lease, step: Step, error: DriverError) -> Verdict:
        """Whether the step is tried again, and when: pauses double from SHORTEST to LONGEST."""
        generation = lease.sliver.generation
        with self._lock:
            counted, times = self._failures.get(lease.sliver.urn, (generation, 0))
            times = times + 1 if counted == generation else 1
            self._failures[lease.sliver.urn] = (generation, times)
        lasting = step not in NEVER_GIVEN_UP and (error.lasting or times >= ATTEMPTS)
        if lasting:
            self.forget(lease)
        doublings = min(times - 1, _DOUBLINGS)
        return Verdict(
            DriverError(str(error), lasting=lasting),
            min(SHORTEST * (1 << doublings), URGENT if step is Step.FREEZE else LONGEST),
        )

    def forget(self, lease: Lease) -> None:
        """The step ended; the next failure is a first one."""
        with self._lock:
            self._failures.pop(lease.sliver.urn, None)
