"""What `gcf-am stats` counts: slots from the store, calls and driver's steps from the log.

(1) Slots: how many of the inventory's are held.
(2) Calls by method and code, which is 0 for those that did what was asked.
(3) Steps by what the driver was to do: how often done and failed, and how many seconds it took.
    What Provision sets off is `prepare`, and `start` after geni_start.
(4) Uses of elements of all APIs that are deprecated or removed, by their ids.
"""

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Any, Final

from gcf_am.cli.site import site_of
from gcf_am.cli.site_tables import free_slots

# rpc.access and reconciler.work write these, and what answers an API the line of a use.
_CALL: Final = re.compile(r" gcf_am\.access: \S+ \S+ .* (\S+) code=(-?\d+) [\d.]+ ms$")
_USE: Final = re.compile(
    r" gcf_am\.(?:rpc\.uses|clearinghouse\.federation|homing\.api\.application): (?:\S+ )?"
    r"(deprecated|removed) (\S+)(?: by |$)"
)
_STEP: Final = re.compile(r" gcf_am\.reconciler\.work: \S+ \S+ (\w+) (\d+\.\d+) s (done|failed)")


@dataclass(frozen=True, slots=True)
class Counts:
    """What stood in the logs: calls by method and code, rows of steps, uses by state and id."""

    calls: dict[str, dict[int, int]]
    steps: dict[str, dict[str, Any]]
    uses: dict[str, dict[str, int]]


@dataclass(slots=True)
class Steps:
    """How often a step was done, with the seconds of each, and how often it failed."""

    seconds: list[float] = field(default_factory=list)
    failed: int = 0

    def row(self) -> dict[str, Any]:
        """The same in numbers; seconds are None where none was done."""
        return {
            "done": len(self.seconds),
            "failed": self.failed,
            "median": round(median(self.seconds), 3) if self.seconds else None,
            "longest": max(self.seconds, default=None),
        }


def slots(home: Path) -> dict[str, int]:
    """(1) How many slots of available hosts there are, and how many of all are held."""
    site, held = site_of(None, home)
    used = sum(amount for (_, dimension), amount in held.items() if dimension == "slots")
    return {"used": used, "free": sum(free_slots(one, held) for one in site.hosts)}


def count(lines: Iterable[str]) -> Counts:
    """(2) to (4); other lines do not count."""
    calls: dict[str, Counter[int]] = {}
    steps: dict[str, Steps] = {}
    used: dict[str, Counter[str]] = {}
    for line in lines:
        if (call := _CALL.search(line)) is not None:
            calls.setdefault(call[1], Counter())[int(call[2])] += 1
        elif (use := _USE.search(line)) is not None:
            used.setdefault(use[1], Counter())[use[2]] += 1
        elif (step := _STEP.search(line)) is not None:
            one = steps.setdefault(step[1], Steps())
            if step[3] == "done":
                one.seconds.append(float(step[2]))
            else:
                one.failed += 1
    return Counts(
        {method: dict(sorted(codes.items())) for method, codes in sorted(calls.items())},
        {step: one.row() for step, one in sorted(steps.items())},
        {state: dict(sorted(counted.items())) for state, counted in sorted(used.items())},
    )
