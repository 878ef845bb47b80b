"""What a demand can be given: candidates that nothing tells apart, and rows of such options."""

import math
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import compress

from gcf_am.homing.sphere import RADIUS, Ring, Vector
from gcf_am.homing.stock import Point


@dataclass(frozen=True, slots=True, eq=False)
class Option:
    """Candidates that nothing tells apart: `members` are their ids, of which each may serve
    `capacity` demands (None: any number). `costs` are by demand, None where it may not live.
    """

    members: tuple[str, ...]
    capacity: int | None
    costs: tuple[float | None, ...]
    point: Point | None = None
    place: Vector | None = None
    zones: Mapping[str, str] = field(default_factory=dict)
    attachment: str = ""
    groups: frozenset[str] = frozenset()

    @property
    def room(self) -> float:
        """How many demands it takes in all."""
        return math.inf if self.capacity is None else self.capacity * len(self.members)


# on the unit sphere, with its bit
_Place = tuple[float, float, float, int]


class Frame:
    """Options in an order: sets of them are whole numbers, bit by bit, the first option's least."""

    def __init__(self, options: Sequence[Option]) -> None:
        self.options = tuple(options)
        self.position = {option: at for at, option in enumerate(self.options)}
        self.full = (1 << len(self.options)) - 1
        self._zones: dict[str, dict[str, int]] = {}
        self._groups: dict[str, int] | None = None
        self._attached: dict[str, int] | None = None
        self._bands: tuple[list[float], list[_Place]] | None = None

    def zones(self, category: str) -> Mapping[str, int]:
        """Sets by zone; options that tell none are in no set."""
        found = self._zones.get(category)
        if found is None:
            found = self._sets(lambda one: [one.zones[category]] if one.zones.get(category) else [])
            self._zones[category] = found
        return found

    def groups(self) -> Mapping[str, int]:
        """Sets by group."""
        if self._groups is None:
            self._groups = self._sets(lambda one: one.groups)
        return self._groups

    def attached(self) -> Mapping[str, int]:
        """Sets by the network's node."""
        if self._attached is None:
            self._attached = self._sets(lambda one: [one.attachment] if one.attachment else [])
        return self._attached

    def within(self, option: Option, ring: Ring, among: int) -> int:
        """The set of those of `among` in a ring around an option."""
        if option.place is None or option.point is None:
            return 0
        x, y, z = option.place
        low, high = ring.low, ring.high
        found = 0
        # nothing is called in here: this is where the time goes
        for a, b, c, bit in self._near(option.point.latitude, ring.degrees):
            if low <= (a := a - x) * a + (b := b - y) * b + (c := c - z) * c <= high:
                found |= bit
        return found & among

    def distances(self, option: Option) -> list[float]:
        """Kilometres from an option to each; infinity where one of them tells no place."""
        if option.place is None:
            return [math.inf] * len(self.options)
        x, y, z = option.place
        asin, sqrt, twice = math.asin, math.sqrt, 2 * RADIUS
        return [
            twice
            * asin(
                min(
                    1.0,
                    sqrt((a := at[0] - x) * a + (b := at[1] - y) * b + (c := at[2] - z) * c) / 2,
                )
            )
            if (at := one.place) is not None
            else math.inf
            for one in self.options
        ]

    def _near(self, latitude: float, degrees: float) -> list[_Place]:
        """The places of a band of latitudes."""
        if self._bands is None:
            placed = sorted(
                (one.point.latitude, (*one.place, 1 << at))
                for at, one in enumerate(self.options)
                if one.point is not None and one.place is not None
            )
            self._bands = ([one for one, _ in placed], [one for _, one in placed])
        latitudes, places = self._bands
        first = bisect_left(latitudes, latitude - degrees)
        return places[first : bisect_right(latitudes, latitude + degrees)]

    def _sets(self, names_of: Callable[[Option], Iterable[str]]) -> dict[str, int]:
        found: dict[str, int] = {}
        for at, option in enumerate(self.options):
            for name in names_of(option):
                found[name] = found.get(name, 0) | 1 << at
        return found


def bits(mask: int) -> Iterable[int]:
    """The positions in a set, the first one first."""
    while mask:
        low = mask & -mask
        yield low.bit_length() - 1
        mask ^= low


def least(values: Sequence[float], mask: int) -> float:
    """The least of the values whose positions are in a set; infinity when it is empty."""
    chosen = compress(values, map(int, reversed(f"{mask:b}")))
    return min(chosen, default=math.inf)
