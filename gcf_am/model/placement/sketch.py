"""A sketch: roughly where all nodes had best go, so that no trunk or uplink is overloaded."""

import heapq
import random
from collections.abc import Iterator
from typing import Final

from gcf_am.model.placement.loads import Loads
from gcf_am.model.placement.seats import Seats
from gcf_am.model.placement.setting import Setting
from gcf_am.model.placement.terrain import Terrain

# A sketch is done when so many rounds, and half as many as there are nodes, made it no better.
_ROUNDS: Final = 60
# In a round so many other bins are looked at for a node, and so many nodes to change with.
_BINS: Final = 12
_PARTNERS: Final = 6
# An overload weighs so much more than what a link costs.
_OVER: Final = 100
# Who has moved stays for so many rounds, and for up to as many more.
_STAY: Final = 5


class Sketch:
    """Where nodes go, by number of a terrain's bin; nobody is where it cannot be.

    `seed` makes another sketch, the same one the same again: 0 begins where most room is, others
    anywhere.
    """

    def __init__(self, setting: Setting, terrain: Terrain, seed: int) -> None:
        self._setting = setting
        self._seed = seed
        self._bins = terrain.bins
        self._chance = random.Random(seed)  # noqa: S311 - no secret: another way to begin
        shared = {
            choices: [one for pool in choices for one in terrain.of_pool[pool]]
            for choices in dict.fromkeys(setting.choices)
        }
        self._allowed = [shared[one] for one in setting.choices]
        self._sets = {id(one): frozenset(one) for one in shared.values()}
        self._where: dict[int, int] = {}
        self._in: list[dict[int, None]] = [{} for _ in terrain.bins]
        self._links: list[list[int]] = [[] for _ in setting.choices]
        for number, link in enumerate(setting.plan.links):
            for node in link.nodes:
                self._links[node].append(number)
        self._loads = Loads(setting, terrain)
        # how much was overloaded in the best that was found
        self._least = 0.0

    def told(self) -> dict[int, str | int]:
        """For each node its host where that is shared, else its pool."""
        bins = self._bins
        return {who: bins[at].host or bins[at].pool for who, at in self._where.items()}

    def pools(self) -> dict[int, str | int]:
        """For each node that gets a host of its own, its pool."""
        bins = self._bins
        return {who: bins[at].pool for who, at in self._where.items() if bins[at].host is None}

    @property
    def excess(self) -> float:
        """By what part of all that links ask for its ways are overloaded."""
        wanted = sum(one.link.capacity for one in self._setting.plan.links)
        return self._least / wanted if wanted else 0.0

    def grow(self) -> bool:
        """Give every node a bin, neighbours together, place by place; false when one gets none."""
        seats = self._setting.seats()
        seats.seat_all()
        waiting = dict.fromkeys(range(len(self._allowed)))
        for who in [*waiting]:
            if len(self._allowed[who]) == 1:
                self._settle(who, self._allowed[who][0], seats, waiting)
        useful = {one for choices in map(id, self._allowed) for one in self._sets[choices]}
        places: dict[int, list[int]] = {}
        for one in sorted(useful):
            places.setdefault(self._bins[one].place, []).append(one)
        order = sorted(places.values(), key=lambda some: -sum(map(self._free, some)))
        if self._seed:
            self._chance.shuffle(order)
            for some in order:
                self._chance.shuffle(some)
        for place in order:
            self._fill(place, seats, waiting)
        for who in [*waiting]:
            any(self._settle(who, one, seats, waiting) for one in self._allowed[who])
        return not waiting

    def better(self) -> None:
        """Let nodes on overloaded ways change places, until there are none or it does not help.

        The best change is made even where it makes things worse, and none goes back at once.
        Source: Glover, tabu search, ORSA Journal on Computing 1(3) 1989.
        """
        loads = self._loads
        for link in range(len(self._setting.plan.links)):
            loads.lay(link, self._where)
        best, kept, self._least = self._worth(), dict(self._where), loads.over
        stays: dict[int, int] = {}
        rounds = _ROUNDS + len(self._where) // 2
        number = last = 0
        while loads.hot and number < last + rounds:
            number += 1
            link = self._chance.choice([*loads.on[self._chance.choice([*loads.hot])]])
            movable = [
                one
                for one in self._setting.plan.links[link].nodes
                if len(self._allowed[one]) > 1 and stays.get(one, 0) <= number
            ]
            if not movable:
                continue
            found = self._best_change(self._chance.choice(movable), stays, number)
            if found is None:
                continue
            for who, there in found:
                self._move(who, there)
                stays[who] = number + _STAY + self._chance.randrange(_STAY)
            if self._worth() < best:
                best, kept, last = self._worth(), dict(self._where), number
                self._least = loads.over
        self._where = kept

    def _settle(self, who: int, there: int, seats: Seats, waiting: dict[int, None]) -> bool:
        if self._free(there) <= 0 or not seats.decide(who, self._bins[there].pool):
            return False
        self._where[who] = there
        self._in[there][who] = None
        del waiting[who]
        return True

    def _free(self, one: int) -> int:
        return self._bins[one].room - len(self._in[one])

    def _fill(self, place: list[int], seats: Seats, waiting: dict[int, None]) -> None:
        """Fill a place bin by bin, with whoever has most links to those that are there."""
        near: dict[int, int] = {}
        here = set(place)
        for who in waiting:
            nodes, hosts = self._setting.neighbours[who]
            many = sum(self._where.get(one) in here for one in nodes)
            if many or hosts:
                near[who] = many
        for one in place:
            heap = [(-many, who) for who, many in near.items() if who in waiting]
            heapq.heapify(heap)
            seeds = [*waiting]
            if self._seed:
                self._chance.shuffle(seeds)
            following = iter(seeds)
            while self._free(one) > 0:
                chosen = self._next(heap, following, waiting)
                if chosen is None:
                    break
                who = chosen
                if one not in self._sets[id(self._allowed[who])]:
                    continue
                if not self._settle(who, one, seats, waiting):
                    continue
                # on a shared host a neighbour's link stays within it
                closer = 1 if self._bins[one].host is None else 3
                for other in self._setting.neighbours[who][0]:
                    if other in waiting:
                        near[other] = near.get(other, 0) + closer
                        heapq.heappush(heap, (-near[other], other))

    @staticmethod
    def _next(
        heap: list[tuple[int, int]], seeds: Iterator[int], waiting: dict[int, None]
    ) -> int | None:
        while heap:
            _, who = heapq.heappop(heap)
            if who in waiting:
                return who
        return next((who for who in seeds if who in waiting), None)

    def _worth(self) -> float:
        return self._loads.over * _OVER + self._loads.cost

    def _move(self, who: int, there: int) -> None:
        del self._in[self._where[who]][who]
        for link in self._links[who]:
            self._loads.lift(link)
        self._where[who] = there
        self._in[there][who] = None
        for link in self._links[who]:
            self._loads.lay(link, self._where)

    def _best_change(
        self, who: int, stays: dict[int, int], number: int
    ) -> list[tuple[int, int]] | None:
        """The best of some changes that bring a node elsewhere: alone, or for another."""
        here = self._where[who]
        found: list[tuple[int, int]] | None = None
        least = float("inf")
        for change in self._changes(who, here, stays, number):
            back = [(one, self._where[one]) for one, _ in change]
            for one, there in change:
                self._move(one, there)
            if self._worth() < least:
                found, least = change, self._worth()
            for one, there in back:
                self._move(one, there)
        return found

    def _changes(
        self, who: int, here: int, stays: dict[int, int], number: int
    ) -> Iterator[list[tuple[int, int]]]:
        for there in self._elsewhere(who, here):
            if self._free(there) > 0:
                yield [(who, there)]
            partners = [
                one
                for one in self._in[there]
                if here in self._sets[id(self._allowed[one])] and stays.get(one, 0) <= number
            ]
            if len(partners) > _PARTNERS:
                partners = self._chance.sample(partners, _PARTNERS)
            for one in partners:
                yield [(who, there), (one, here)]

    def _elsewhere(self, who: int, here: int) -> list[int]:
        """Bins to look at: where its neighbours are, and some others."""
        allowed = self._sets[id(self._allowed[who])]
        near = {self._where[one] for one in self._setting.neighbours[who][0]} & allowed
        others = self._allowed[who]
        if len(others) > _BINS:
            others = self._chance.sample(others, _BINS)
        return [one for one in dict.fromkeys([*sorted(near), *others]) if one != here]
