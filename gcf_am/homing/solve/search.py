"""Exact branch and bound: the k best choices in one pass."""

import math
from bisect import insort
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from operator import add
from typing import Final

from gcf_am.homing.solve.budget import Budget, Spent
from gcf_am.homing.solve.costs import PairCost
from gcf_am.homing.solve.option import Option, bits, least
from gcf_am.homing.solve.problem import Problem
from gcf_am.homing.solve.relations import Relation
from gcf_am.homing.solve.scarce import enough, scarce_goods
from gcf_am.homing.solve.tree import Tree, grow, price_row, related, row

# Sums of the same numbers in another order differ by less.
NEAR: Final = 1e-9
# Of a few hundred numbers each.
_MOST_ROWS: Final = 5000


@dataclass(frozen=True, slots=True)
class Found:
    """Choices of candidate ids in the order of the problem's demands, with what was minimised;
    `complete`: there are none better, and no others if there are fewer than asked for. Else
    none beats `bound`.
    """

    choices: tuple[tuple[float, tuple[str, ...]], ...]
    complete: bool
    bound: float


def search(problem: Problem, limit: int, budget: Budget) -> Found:
    """Find the `limit` best choices, or what is found before the budget is spent."""
    if any(not domain for domain in problem.domains):
        return Found((), complete=True, bound=math.inf)
    try:
        tree = grow(problem, budget)
    except Spent:
        return Found((), complete=False, bound=-math.inf)
    if any(not frame.options for frame in tree.frames):
        return Found((), complete=True, bound=math.inf)
    return _Search(problem, tree, limit, budget).run()


def members(
    options: Sequence[Option], ids: tuple[str, ...] = (), taken: tuple[tuple[str, int], ...] = ()
) -> Iterator[tuple[str, ...]]:
    """Every way to give each demand a member of its option, no member more than it takes."""
    if len(ids) == len(options):
        yield ids
        return
    option = options[len(ids)]
    counts = dict(taken)
    for one in option.members:
        count = counts.get(one, 0)
        if option.capacity is None or count < option.capacity:
            more = {**counts, one: count + 1}
            yield from members(options, (*ids, one), tuple(more.items()))


class _Search:
    """Goes through the demands in the tree's order, each one's options by cost.

    A branch is left when neither the tree's costs nor what is scarce lets it beat the worst of
    the best so far.
    """

    def __init__(self, problem: Problem, tree: Tree, limit: int, budget: Budget) -> None:
        self._problem, self._tree, self._limit, self._budget = problem, tree, limit, budget
        self._scarce = scarce_goods(problem)
        self._taken: list[dict[object, int]] = [{} for _ in self._scarce]
        self._best: list[tuple[float, tuple[str, ...]]] = []
        self._bound = math.inf
        self._chosen: dict[int, Option] = {}
        self._rows: dict[tuple[int, int, int], int] = {}
        at = {demand: depth for depth, demand in enumerate(tree.order)}
        count = len(tree.order)
        # by depth: whose tree hangs on what is chosen, who is related and comes later
        self._frontier = [
            [
                one
                for one in tree.order[depth:]
                if (up := tree.parent[one]) is None or at[up] < depth
            ]
            for depth in range(count + 1)
        ]
        self._later: list[list[tuple[int, Sequence[Relation]]]] = [
            [
                (other, found)
                for other in tree.order[depth + 1 :]
                if (found := related(problem.relations, one, other))
            ]
            for depth, one in enumerate(tree.order)
        ]
        self._priced: list[list[tuple[int, Sequence[PairCost]]]] = [
            [
                (other, prices)
                for other in tree.order[depth + 1 :]
                if (prices := problem.pair_costs.get((min(one, other), max(one, other)), ()))
            ]
            for depth, one in enumerate(tree.order)
        ]
        self._price_rows: dict[tuple[int, int, int], list[float]] = {}
        self._gifts = self._least_of_the_others(at)
        self._cheapest = [
            min(cost for one in frame.options if (cost := one.costs[demand]) is not None)
            for demand, frame in enumerate(tree.frames)
        ]
        self._positive = all(
            one.weight >= 0 for prices in problem.pair_costs.values() for one in prices
        )

    def run(self) -> Found:
        """Search."""
        frames = self._tree.frames
        domains = {demand: frame.options for demand, frame in enumerate(frames)}
        if not all(enough(one, domains) for one in self._scarce):
            return Found((), complete=True, bound=math.inf)
        try:
            self._descend(0, 0.0, [frame.full for frame in frames], {})
        except Spent:
            return Found(tuple(self._best), complete=False, bound=self._bound)
        return Found(tuple(self._best), complete=True, bound=self._worst())

    def _worst(self) -> float:
        """What a choice must beat."""
        return self._best[-1][0] if len(self._best) == self._limit else math.inf

    def _descend(
        self, depth: int, paid: float, masks: list[int], prices: dict[int, list[float]]
    ) -> None:
        """Choose for the demand at this depth; `paid` is for those before it, `prices` what
        options of the others cost with theirs.

        1. All have chosen.
        2. What the others cost at least.
        3. This one's options, cheapest first.
        """
        # 1.
        if depth == len(self._tree.order):
            self._keep(paid)
            return
        demand = self._tree.order[depth]
        # 2.
        rest = self._gifts[depth]
        hanging = self._frontier[depth]
        for one in self._tree.order[depth + 1 :]:
            rest += self._least(one, masks[one], prices.get(one), hangs=one in hanging)
        # 3.
        going = -math.inf
        options = self._options(demand, masks[demand], prices.get(demand))
        try:
            for total, at in options:
                going = paid + total + rest
                if going >= self._worst() - NEAR:
                    return
                self._choose(depth, at, paid, masks, prices)
        except Spent:
            # where it stopped the option counts that was tried, before that only those after it
            if math.isfinite(self._bound):
                total, _ = next(options, (math.inf, 0))
                going = paid + total + rest
            self._bound = min(self._bound, going)
            raise

    def _options(
        self, demand: int, mask: int, prices: list[float] | None
    ) -> Iterator[tuple[float, int]]:
        """Options by what they cost with all that hangs on them, the least first."""
        costs = self._tree.costs[demand]
        if prices is None:
            return ((costs[at], at) for at in bits(mask))
        totals = ((costs[at] + prices[at], at) for at in bits(mask))
        return iter(sorted(one for one in totals if math.isfinite(one[0])))

    def _least(self, demand: int, mask: int, prices: list[float] | None, *, hangs: bool) -> float:
        """The least that a demand costs beside those that have chosen; with all that hangs on it
        unless it `hangs` itself on one that has not.
        """
        costs = self._tree.costs[demand]
        if prices is None:
            return costs[(mask & -mask).bit_length() - 1] if hangs else 0.0
        return least(list(map(add, costs, prices)) if hangs else prices, mask)

    def _choose(
        self, depth: int, at: int, paid: float, masks: list[int], prices: dict[int, list[float]]
    ) -> None:
        """Give the demand an option, see what that leaves the others, and go on."""
        self._budget.check()
        demand = self._tree.order[depth]
        option = self._tree.frames[demand].options[at]
        narrowed = list(masks)
        for other, relations in self._later[depth]:
            narrowed[other] &= self._row(demand, at, other, relations)
            if not narrowed[other]:
                return
        self._take(demand, option, 1)
        self._chosen[demand] = option
        try:
            if self._narrow_by_room(depth, option, narrowed):
                mine = prices.get(demand)
                paid += (option.costs[demand] or 0.0) + (0.0 if mine is None else mine[at])
                if paid + self._scarcity(depth + 1) < self._worst() - NEAR:
                    self._descend(depth + 1, paid, narrowed, self._with(depth, at, prices))
        finally:
            self._take(demand, option, -1)
            del self._chosen[demand]

    def _with(self, depth: int, at: int, prices: dict[int, list[float]]) -> dict[int, list[float]]:
        """The prices with those of one more that has chosen."""
        if not self._priced[depth]:
            return prices
        demand = self._tree.order[depth]
        found = dict(prices)
        for other, between in self._priced[depth]:
            key = (demand, at, other)
            more = self._price_rows.get(key)
            if more is None:
                option = self._tree.frames[demand].options[at]
                more = price_row(between, option, self._tree.frames[other])
                if len(self._price_rows) >= _MOST_ROWS:
                    self._price_rows.clear()
                self._price_rows[key] = more
            known = found.get(other)
            found[other] = more if known is None else list(map(add, known, more))
        return found

    def _row(self, demand: int, at: int, other: int, relations: Sequence[Relation]) -> int:
        key = (demand, at, other)
        known = self._rows.get(key)
        if known is None:
            option = self._tree.frames[demand].options[at]
            known = self._rows[key] = row(relations, option, self._tree.frames[other])
        return known

    def _take(self, demand: int, option: Option, count: int) -> None:
        for scarce, taken in zip(self._scarce, self._taken, strict=True):
            if demand in scarce.demands:
                good = scarce.good[option]
                taken[good] = taken.get(good, 0) + count

    def _narrow_by_room(self, depth: int, option: Option, masks: list[int]) -> bool:
        """Nobody else may have an option that is full; whether all have some left."""
        if sum(one is option for one in self._chosen.values()) < option.room:
            return True
        for one in self._tree.order[depth + 1 :]:
            at = self._tree.frames[one].position.get(option)
            if at is not None:
                masks[one] &= ~(1 << at)
                if not masks[one]:
                    return False
        return True

    def _scarcity(self, depth: int) -> float:
        """The least that the others pay where goods are scarce, whoever takes what."""
        if not self._positive:
            return -math.inf
        waiting = self._tree.order[depth:]
        alone = sum(self._cheapest[one] for one in waiting)
        most = alone
        for scarce, taken in zip(self._scarce, self._taken, strict=True):
            theirs = [one for one in waiting if one in scarce.demands]
            if theirs:
                apart = alone - sum(self._cheapest[one] for one in theirs)
                most = max(most, apart + scarce.least(len(theirs), taken))
        return most

    def _least_of_the_others(self, at: dict[int, int]) -> list[float]:
        """By depth: what costs between demands outside the tree, of which none has chosen, may
        still give back at most.
        """
        found = [0.0] * len(at)
        for (one, other), prices in self._problem.pair_costs.items():
            if self._tree.parent[one] != other and self._tree.parent[other] != one:
                for depth in range(min(at[one], at[other]) + 1):
                    found[depth] += sum(part.least for part in prices)
        return found

    def _keep(self, paid: float) -> None:
        """Keep a whole choice: with its members, as many as are wanted."""
        chosen = [self._chosen[demand] for demand in range(len(self._tree.order))]
        if not self._problem.fair(chosen):
            return
        for ids in islice(members(chosen), self._limit):
            if paid >= self._worst() - NEAR:
                return
            insort(self._best, (paid, ids))
            del self._best[self._limit :]
