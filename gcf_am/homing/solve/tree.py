"""A tree of the tightest relations, and what each option costs with the best of what hangs on it.

On the tree these costs are exact, so that a search which follows them is led astray by the other
relations only. Options without a partner are out (directional arc consistency; Dechter and
Pearl, "Network-based heuristics for constraint-satisfaction problems", 1988).
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from operator import add
from typing import Final

from gcf_am.homing.solve.budget import Budget
from gcf_am.homing.solve.costs import Pair, PairCost
from gcf_am.homing.solve.option import Frame, Option, bits, least
from gcf_am.homing.solve.problem import Problem
from gcf_am.homing.solve.relations import Relation

_SAMPLES: Final = 8
_CHEAPEST: Final = 12


@dataclass(frozen=True, slots=True)
class Tree:
    """`order` are the demands as a search goes through them, parents first; `parent` is None for
    roots. `frames` are each demand's options, cheapest first, `costs` what they cost with all
    that hangs on them.
    """

    order: tuple[int, ...]
    parent: tuple[int | None, ...]
    frames: tuple[Frame, ...]
    costs: tuple[tuple[float, ...], ...]


def related(pair_of: Mapping[Pair, Sequence[Relation]], one: int, other: int) -> Sequence[Relation]:
    """The relations between two demands."""
    return pair_of.get((min(one, other), max(one, other)), ())


def row(
    relations: Sequence[Relation], option: Option, frame: Frame, among: int | None = None
) -> int:
    """The set of the frame's options, or of those among them, that go with this one."""
    found = frame.full if among is None else among
    for one in relations:
        found = one.row(option, frame, found)
        if not found:
            break
    return found


def grow(problem: Problem, budget: Budget) -> Tree:
    """Make the tree; raises Spent.

    1. Frames as the domains are.
    2. The tightest relations, and those with costs.
    3. From the leaves up: costs, and frames in their order.
    """
    # 1.
    count = len(problem.demands)
    bases = [Frame([problem.options[at] for at in domain]) for domain in problem.domains]
    # 2.
    neighbours = _span(problem, bases, budget)
    parent: list[int | None] = [None] * count
    order: list[int] = []
    for root in sorted(range(count), key=lambda one: (len(problem.domains[one]), one)):
        waiting = [] if root in order else [root]
        while waiting:
            one = waiting.pop()
            order.append(one)
            for other in reversed(neighbours[one]):
                if other != parent[one]:
                    parent[other] = one
                    waiting.append(other)
    # 3.
    frames, costs = list(bases), [()] * count  # type: list[Frame], list[tuple[float, ...]]
    for one in reversed(order):
        totals = [option.costs[one] or 0.0 for option in bases[one].options]
        for child in neighbours[one]:
            if parent[child] != one:
                continue
            added = _with_child(
                problem, one, child, bases[one], frames[child], costs[child], budget
            )
            totals = [mine + theirs for mine, theirs in zip(totals, added, strict=True)]
        # options are in the order of their ids, which decides between equals
        kept = sorted((total, at) for at, total in enumerate(totals) if math.isfinite(total))
        frames[one] = Frame([bases[one].options[at] for _, at in kept])
        costs[one] = tuple(total for total, _ in kept)
    return Tree(tuple(order), tuple(parent), tuple(frames), tuple(costs))


def _span(problem: Problem, bases: Sequence[Frame], budget: Budget) -> list[list[int]]:
    """The neighbours of each demand in a spanning forest."""
    edges = sorted(
        (
            pair not in problem.pair_costs,
            _density(problem.relations.get(pair, ()), bases[pair[0]], bases[pair[1]], budget),
            pair,
        )
        for pair in {*problem.relations, *problem.pair_costs}
    )
    component = list(range(len(bases)))
    neighbours: list[list[int]] = [[] for _ in bases]
    for _, _, (one, other) in edges:
        first, second = component[one], component[other]
        if first != second:
            component = [first if at == second else at for at in component]
            neighbours[one].append(other)
            neighbours[other].append(one)
    return neighbours


def _density(relations: Sequence[Relation], one: Frame, other: Frame, budget: Budget) -> float:
    """The share of options that go together, by a few of the first demand's."""
    budget.check()
    options = one.options[:: max(1, len(one.options) // _SAMPLES)]
    if not options or not other.options:
        return 0.0
    found = sum(row(relations, option, other).bit_count() for option in options)
    return found / len(options) / len(other.options)


def _with_child(
    problem: Problem,
    parent: int,
    child: int,
    base: Frame,
    frame: Frame,
    costs: Sequence[float],
    budget: Budget,
) -> list[float]:
    """What the child adds to each option of its parent, in the order of `base`."""
    relations = related(problem.relations, parent, child)
    prices = problem.pair_costs.get((min(parent, child), max(parent, child)), ())
    found = [math.inf] * len(base.options)
    if prices:
        for at, option in enumerate(base.options):
            budget.check()
            together = list(map(add, costs, price_row(prices, option, frame)))
            found[at] = least(together, row(relations, option, frame))
        return found
    # the cheapest few serve nearly all: what they leave alone looks for its own
    alone = base.full
    for option, cost in zip(frame.options[:_CHEAPEST], costs[:_CHEAPEST], strict=True):
        partners = row(relations, option, base, alone)
        for at in bits(partners):
            found[at] = cost
        alone ^= partners
    for at in bits(alone):
        budget.check()
        partners = row(relations, base.options[at], frame)
        if partners:
            found[at] = costs[(partners & -partners).bit_length() - 1]
    return found


def price_row(prices: Sequence[PairCost], option: Option, frame: Frame) -> list[float]:
    """What each option of the frame costs with this one."""
    first, *others = (one.row(option, frame) for one in prices)
    for one in others:
        first = list(map(add, first, one))
    return first
