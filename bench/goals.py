"""What was wanted of the figures, and whether it is so."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

from bench.calls import STATUS
from bench.figures import Results
from bench.homing import ANSWERS, DEMANDS, NODES, SOLVED, SOLVING
from bench.lifecycle import LIFECYCLE
from bench.others import PLACING
from bench.race import rounded
from bench.sizes import COMPRESSED
from bench.starting import MEMORY, START
from bench.trust import STEP
from bench.workers import CLIENTS

Measured = Callable[[Results, str], float | None]


@dataclass(frozen=True, slots=True)
class Goal:
    """A figure is to be at most, or else at least, so much; `unit` is what it counts.

    `measured` finds it for a database, None where it was not measured.
    """

    what: str
    most: float | None
    least: float | None
    unit: str
    measured: Measured
    databases: tuple[str, ...] = ("sqlite", "postgresql")

    @property
    def wanted(self) -> str:
        """In words."""
        if self.most is not None:
            return f"at most {self.most:g} {self.unit}".strip()
        return f"at least {self.least:g} {self.unit}".strip()

    def met(self, value: float) -> bool:
        """Whether the figure is as wanted."""
        if self.most is not None:
            return value <= self.most
        return self.least is not None and value >= self.least


@dataclass(frozen=True, slots=True)
class Verdict:
    """A goal on one database (or on none); `met` is None where nothing was measured."""

    what: str
    database: str
    wanted: str
    unit: str
    measured: float | None
    met: bool | None


def _figure(part: str, what: str, unit: str, **given: str | int) -> Measured:
    def measured(results: Results, database: str) -> float | None:
        of = {"database": database} if database else {}
        found = results.find(part, what, **of, **given)
        return None if found is None else float(found.measured[unit])

    return measured


def _quotient(part: str, what: str, unit: str, over: dict[str, int], under: dict[str, int],
              **given: str | int) -> Measured:  # fmt: skip
    def measured(results: Results, database: str) -> float | None:
        one, other = (
            _figure(part, what, unit, **each, **given)(results, database) for each in (over, under)
        )
        return None if one is None or other is None else rounded(one / other)

    return measured


GOALS: Final = (
    Goal(
        "authorised Status of 10 slivers, connection kept",
        2.5, None, "times the echo",
        _figure("calls", STATUS, "ratio", clients=1, connection="kept"),
    ),
    Goal(
        "compressed ListResources of 2,000 nodes",
        1.5, None, "times the echo",
        _figure("sizes", COMPRESSED, "ratio", nodes=2_000),
    ),
    Goal(
        "start with 10,000 nodes, whose inventory was read before",
        5, None, "seconds",
        _figure("starting", START, "seconds", nodes=10_000),
        ("sqlite",),
    ),
    Goal(
        "memory of a worker with 10,000 nodes",
        250, None, "MiB",
        _figure("starting", MEMORY, "MiB", nodes=10_000),
        ("sqlite",),
    ),
    Goal(
        "lifecycle of four calls, new connections, one client, median",
        40, None, "ms",
        _figure("lifecycle", LIFECYCLE, "ms", clients=1, connection="new"),
    ),
    Goal(
        "lifecycles with 8 clients, new connections",
        None, 50, "per second",
        _figure("lifecycle", LIFECYCLE, "per_second", clients=8, connection="new"),
    ),
    Goal(
        "lifecycles with 8 clients, connections kept",
        None, 50, "per second",
        _figure("lifecycle", LIFECYCLE, "per_second", clients=8, connection="kept"),
    ),
    Goal(
        "Status with 100,000 slivers around",
        1.3, None, "times that with none",
        _quotient("growth", STATUS, "ratio", {"around": 100_000}, {"around": 0}),
    ),
    Goal(
        "the trust step with a credential that was seen before",
        0.1, None, "ms",
        _figure("trust", STEP, "ms"),
        ("",),
    ),
    Goal(
        "Status with the second worker, 8 clients on the same machine",
        None, 1.6, "times the first alone",
        _quotient("workers", STATUS, "per_second", {"workers": 2}, {"workers": 1}, clients=CLIENTS),
    ),
    *(
        Goal(
            f"placing {nodes:,} nodes on {hosts:,} hosts",
            most, None, "s",
            _figure("mapper", PLACING, "seconds", nodes=nodes, hosts=hosts),
            ("",),
        )
        for nodes, hosts, most in ((250, 525, 0.3), (500, 525, 0.65), (500, 2000, 1.8), (1000, 2000, 6.7))
    ),
    Goal(
        f"a plan of {DEMANDS} demands and {NODES} nodes, from POST to solved, median",
        300, None, "ms",
        _figure("homing", SOLVED, "ms"),
        ("",),
    ),
    Goal(
        f"the slowest answer in the {SOLVING} seconds of a solve",
        50, None, "ms",
        _figure("homing", ANSWERS, "worst, ms"),
        ("",),
    ),
)  # fmt: skip


def judged(results: Results) -> Iterator[Verdict]:
    """Each goal on each database."""
    for one in GOALS:
        for database in one.databases:
            value = one.measured(results, database)
            met = None if value is None else one.met(value)
            yield Verdict(one.what, database, one.wanted, one.unit, value, met)
