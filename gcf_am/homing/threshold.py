"""Thresholds: `< 100 km`, `>= 1 Gbps`, `10-20 ms`, `5`."""

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

_NUMBER: Final = r"-?[0-9]{1,15}(?:\.[0-9]{1,15})?(?:[eE][+-]?[0-9]{1,2})?"
# not re.ASCII: the guide's own Example 1 has no-break spaces
_FORM: Final = re.compile(
    rf"\s*(?:(<=|>=|<|>|=)\s*)?({_NUMBER})(?:\s*-\s*({_NUMBER}))?\s*([A-Za-z]+)?\s*"
)
# Measured lengths and times are never quite equal.
NEAR: Final = 1e-6


class Dimension(StrEnum):
    """What is measured; the value is what a message calls it."""

    CURRENCY = "currency"
    TIME = "time"
    DISTANCE = "distance"
    THROUGHPUT = "throughput"


# Source: template guide, Threshold Values; the first of each is the default, and is one.
UNITS: Final[dict[Dimension, dict[str, float]]] = {
    Dimension.CURRENCY: {"USD": 1.0},
    Dimension.TIME: {"ms": 1.0, "sec": 1000.0},
    Dimension.DISTANCE: {"km": 1.0, "mi": 1.609344},
    Dimension.THROUGHPUT: {"Mbps": 1.0, "Kbps": 0.001, "Gbps": 1000.0},
}


@dataclass(frozen=True, slots=True)
class Threshold:
    """A condition on a number in its dimension's default unit.

    `operator` is one of < <= > >= = or `-`, the closed range from `low` to `high`; the others
    compare with `low`, and `high` is the same.
    """

    operator: str
    low: float
    high: float
    dimension: Dimension

    def holds(self, number: float) -> bool:
        """Whether the number meets it; `=` with a tolerance of 1e-6, since it is measured."""
        match self.operator:
            case "<":
                return number < self.low
            case "<=":
                return number <= self.low
            case ">":
                return number > self.low
            case ">=":
                return number >= self.low
            case "=":
                return abs(number - self.low) <= NEAR
            case _:
                return self.low <= number <= self.high

    def __str__(self) -> str:
        """As a template writes it, in the default unit."""
        unit = next(iter(UNITS[self.dimension]))
        if self.operator == "-":
            return f"{self.low:g}-{self.high:g} {unit}"
        return f"{self.operator} {self.low:g} {unit}"


def read_threshold(value: object, dimension: Dimension) -> Threshold:
    """Read a threshold; a number alone means `=` in the default unit.

    Raises ValueError, whose text says what would have been right.
    """
    units = UNITS[dimension]
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise ValueError(  # noqa: TRY004  (what a template says, not what we do)
            f"a {dimension} is written like '{_example(dimension)}'"
        )
    match = _FORM.fullmatch(str(value))
    if match is None:
        raise ValueError(
            f"{str(value)[:60]!r} is no {dimension}; write it like '{_example(dimension)}'"
        )
    operator, first, second, unit = match.groups()
    scale = 1.0 if unit is None else units.get(unit)
    if scale is None:
        raise ValueError(f"{unit!r} is no unit of {dimension}; use {' or '.join(units)}")
    low = float(first) * scale
    if second is None:
        return Threshold(operator or "=", low, low, dimension)
    if operator:
        raise ValueError(
            f"a range has no operator: write {first}-{second} {unit or next(iter(units))}"
        )
    high = float(second) * scale
    return Threshold("-", min(low, high), max(low, high), dimension)


def _example(dimension: Dimension) -> str:
    return f"< 100 {next(iter(UNITS[dimension]))}"
