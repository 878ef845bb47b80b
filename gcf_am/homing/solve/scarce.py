"""What only so many demands can have: a node's slots, and zones that must all be different."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from gcf_am.homing.solve.option import Option
from gcf_am.homing.solve.problem import Problem


@dataclass(frozen=True, slots=True)
class Scarce:
    """`demands` of which each takes one of a good; `good` of an option is what it takes, and
    `room` how many may take the same. `floor` are goods with the least that any of the demands
    pays for an option of theirs, cheapest first.
    """

    demands: frozenset[int]
    good: Mapping[Option, object]
    room: Mapping[object, float]
    floor: tuple[tuple[float, object], ...]

    def least(self, wanted: int, taken: Mapping[object, int]) -> float:
        """The least that so many demands pay, whoever of them takes what; infinity: no room."""
        total = 0.0
        for cost, good in self.floor:
            free = self.room[good] - taken.get(good, 0)
            count = int(min(wanted, free)) if free > 0 else 0
            total += count * cost
            wanted -= count
            if not wanted:
                return total
        return math.inf if wanted else total


def scarce_goods(problem: Problem) -> list[Scarce]:
    """All that is scarce in a problem: slots first."""
    everybody = frozenset(range(len(problem.demands)))
    found = [_scarce(problem, everybody, {one: one for one in problem.options})]
    for category, demands in problem.different:
        zones: dict[Option, object] = {one: one.zones.get(category) for one in problem.options}
        found.append(_scarce(problem, frozenset(demands), zones, 1))
    return [one for one in found if min(one.room.values(), default=0) < len(one.demands)]


def _scarce(
    problem: Problem,
    demands: frozenset[int],
    good: Mapping[Option, object],
    room: int | None = None,
) -> Scarce:
    floor: dict[object, float] = {}
    rooms: dict[object, float] = {}
    for option in problem.options:
        costs = [cost for at in sorted(demands) if (cost := option.costs[at]) is not None]
        if costs:
            floor[good[option]] = min(floor.get(good[option], math.inf), *costs)
            rooms[good[option]] = option.room if room is None else room
    # sorted is stable: equals stay in the order of the options
    ordered = sorted(floor.items(), key=lambda item: item[1])
    return Scarce(demands, good, rooms, tuple((cost, one) for one, cost in ordered))


def enough(scarce: Scarce, domains: Mapping[int, Sequence[Option]]) -> bool:
    """Whether all demands can have theirs at once, whatever else is wanted (augmenting paths)."""
    holders: dict[object, list[int]] = {}

    def seat(demand: int, seen: set[object]) -> bool:
        for good in dict.fromkeys(scarce.good[one] for one in domains[demand]):
            if good in seen:
                continue
            seen.add(good)
            here = holders.setdefault(good, [])
            if len(here) < scarce.room.get(good, 0):
                here.append(demand)
                return True
            for at, other in enumerate(here):
                if seat(other, seen):
                    here[at] = demand
                    return True
        return False

    return all(seat(demand, set()) for demand in sorted(scarce.demands))
