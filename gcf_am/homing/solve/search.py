"""Exact branch and bound: the k best choices in one pass."""

import math
from bisect import insort
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Final

from gcf_am.homing.solve.budget import Budget, Spent
from gcf_am.homing.solve.costs import PairCost
from gcf_am.homing.solve.option import Option, bits
from gcf_am.homing.solve.problem import Problem
from gcf_am.homing.solve.relations import Relation
from gcf_am.homing.solve.scarce import enough, scarce_goods
from gcf_am.homing.solve.tree import Tree, grow, price, related, row

# Sums of the same numbers in another order differ by less.
NEAR: Final = 1e-9
_HALF_ROUND_EARTH: Final = 20_016.0


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
        self._earlier: list[list[tuple[int, Sequence[PairCost]]]] = [
            [
                (other, prices)
                for other in tree.order[:depth]
                if (prices := problem.pair_costs.get((min(one, other), max(one, other)), ()))
            ]
            for depth, one in enumerate(tree.order)
        ]
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
            self._descend(0, 0.0, [frame.full for frame in frames])
        except Spent:
            return Found(tuple(self._best), complete=False, bound=self._bound)
        return Found(tuple(self._best), complete=True, bound=self._worst())

    def _worst(self) -> float:
        """What a choice must beat."""
        return self._best[-1][0] if len(self._best) == self._limit else math.inf

    def _descend(self, depth: int, paid: float, masks: list[int]) -> None:
        """Choose for the demand at this depth; `paid` is for those before it.

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
        for one in self._frontier[depth]:
            if one != demand:
                rest += self._least(one, masks[one])
        # 3.
        going = -math.inf
        options = self._options(depth, demand, masks[demand])
        try:
            for total, at in options:
                going = paid + total + rest
                if going >= self._worst() - NEAR:
                    return
                self._choose(depth, demand, at, paid, masks)
        except Spent:
            # where it stopped the option counts that was tried, before that only those after it
            if math.isfinite(self._bound):
                total, _ = next(options, (math.inf, 0))
                going = paid + total + rest
            self._bound = min(self._bound, going)
            raise

    def _options(self, depth: int, demand: int, mask: int) -> Iterator[tuple[float, int]]:
        """Options by what they cost with all that hangs on them, the least first."""
        costs = self._tree.costs[demand]
        if not self._earlier[depth]:
            for at in bits(mask):
                yield costs[at], at
            return
        options = self._tree.frames[demand].options
        yield from sorted(
            (total, at)
            for at in bits(mask)
            if math.isfinite(total := costs[at] + self._paid_before(depth, options[at]))
        )

    def _paid_before(self, depth: int, option: Option) -> float:
        """What an option costs with those that were chosen before."""
        return sum(price(found, self._chosen[one], option) for one, found in self._earlier[depth])

    def _choose(self, depth: int, demand: int, at: int, paid: float, masks: list[int]) -> None:
        """Give the demand an option, see what that leaves the others, and go on."""
        self._budget.check()
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
                paid += (option.costs[demand] or 0.0) + self._paid_before(depth, option)
                if paid + self._scarcity(depth + 1) < self._worst() - NEAR:
                    self._descend(depth + 1, paid, narrowed)
        finally:
            self._take(demand, option, -1)
            del self._chosen[demand]

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

    def _least(self, demand: int, mask: int) -> float:
        """The least that a demand costs whose parent has chosen."""
        costs = self._tree.costs[demand]
        up = self._tree.parent[demand]
        first = costs[(mask & -mask).bit_length() - 1]
        prices = (
            ()
            if up is None
            else self._problem.pair_costs.get((min(up, demand), max(up, demand)), ())
        )
        if not prices or up is None:
            return first
        options, chosen = self._tree.frames[demand].options, self._chosen[up]
        best, positive = math.inf, all(one.weight >= 0 for one in prices)
        for at in bits(mask):
            if positive and costs[at] >= best:
                break
            best = min(best, costs[at] + price(prices, chosen, options[at]))
        return best

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
        """By depth: what costs between demands outside the tree may still give back at most."""
        found = [0.0] * len(at)
        for (one, other), prices in self._problem.pair_costs.items():
            if self._tree.parent[one] == other or self._tree.parent[other] == one:
                continue
            for part in prices:
                if part.weight < 0:
                    gift = -math.inf if part.network else part.weight * _HALF_ROUND_EARTH
                    # until the later of the two has chosen; its own options tell it exactly
                    for depth in range(max(at[one], at[other])):
                        found[depth] += gift
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
