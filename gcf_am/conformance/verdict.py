"""What became of a check."""

from dataclasses import dataclass
from enum import StrEnum

from gcf_am.conformance.check import Check


class Verdict(StrEnum):
    """WARN: a rule that only SHOULD or MAY hold did not. CANNOT_TELL: the aggregate could not be
    brought to where the rule shows, or the kit itself failed; it is no pass.
    """

    PASS = "pass"  # noqa: S105 a verdict
    FAIL = "fail"
    WARN = "warn"
    SKIP = "skip"
    CANNOT_TELL = "cannot tell"


@dataclass(frozen=True, slots=True)
class Exchange:
    """One call and its answer as they were on the wire, made readable, secrets removed.

    `sent` is the method with its arguments, `got` the return struct, the Fault, or how the
    connection ended; both are text. `seconds` is how long it took.
    """

    sent: str
    got: str
    seconds: float


@dataclass(frozen=True, slots=True)
class Result:
    """A check, judged.

    `expected` and `got` say in a sentence what should have been and what was; `reason` why it was
    skipped or cannot be told. `exchanges` are in the order they were made; those of a fixture that
    several checks share stand in each.
    """

    check: Check
    verdict: Verdict
    expected: str = ""
    got: str = ""
    reason: str = ""
    exchanges: tuple[Exchange, ...] = ()
    seconds: float = 0.0


@dataclass(eq=False)
class Failed(Exception):
    """The rule did not hold: what was expected, and what was there instead."""

    expected: str
    got: str


@dataclass(eq=False)
class Skipped(Exception):
    """The rule does not apply to this aggregate or this run."""

    reason: str


@dataclass(eq=False)
class Undecided(Exception):
    """It could not be found out."""

    reason: str


class Stopped(Exception):
    """The run is to end: nothing more is asked."""
