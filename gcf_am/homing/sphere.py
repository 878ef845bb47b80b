"""Distances on earth, a sphere of 6371.0 km as Conductor had it."""

import math
from dataclasses import dataclass
from typing import Final

from gcf_am.homing.stock import Point
from gcf_am.homing.threshold import NEAR, Threshold

RADIUS: Final = 6371.0
# What no two places are further apart than.
HALF_ROUND: Final = RADIUS * math.pi
# Light in fibre: kilometres in a millisecond.
FIBRE: Final = 200.0
_KM_PER_DEGREE: Final = RADIUS * math.pi / 180
_FURTHEST: Final = 4.0

Vector = tuple[float, float, float]


def distance(one: Point, other: Point) -> float:
    """Great-circle kilometres (haversine)."""
    first, second = math.radians(one.latitude), math.radians(other.latitude)
    half = math.sin((second - first) / 2) ** 2
    turn = math.sin(math.radians(other.longitude - one.longitude) / 2) ** 2
    return (
        2
        * RADIUS
        * math.asin(min(1.0, math.sqrt(half + math.cos(first) * math.cos(second) * turn)))
    )


def vector(point: Point) -> Vector:
    """The point on a sphere of radius 1."""
    latitude, longitude = math.radians(point.latitude), math.radians(point.longitude)
    return (
        math.cos(latitude) * math.cos(longitude),
        math.cos(latitude) * math.sin(longitude),
        math.sin(latitude),
    )


@dataclass(frozen=True, slots=True)
class Ring:
    """A threshold of kilometres told in squared chords of the unit sphere, which are compared
    without a sine: from `low` to `high`, both included. Further away than so many `degrees` of
    latitude nothing meets it.
    """

    low: float
    high: float
    degrees: float


def ring(threshold: Threshold) -> Ring:
    """The ring of a threshold."""
    low, high = 0.0, math.inf
    match threshold.operator:
        case "<" | "<=":
            high = threshold.low
        case ">" | ">=":
            low = threshold.low
        case "=":
            low, high = threshold.low - NEAR, threshold.low + NEAR
        case _:
            low, high = threshold.low, threshold.high
    degrees = max(0.0, high) / _KM_PER_DEGREE + 1e-6
    nearest, furthest = _squared(low), _squared(high)
    if threshold.operator == "<":
        furthest = math.nextafter(furthest, -math.inf)
    elif threshold.operator == ">" and low >= 0:
        nearest = math.nextafter(nearest, math.inf)
    return Ring(nearest, furthest, degrees)


def _squared(kilometres: float) -> float:
    if kilometres < 0:
        return -1.0
    if kilometres > math.pi * RADIUS:
        return _FURTHEST + 1.0
    return (2 * math.sin(kilometres / RADIUS / 2)) ** 2
