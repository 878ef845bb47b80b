"""The same search by CP-SAT (OR-tools), for what branch and bound does not finish in time.

The extra `cpsat` brings it. It takes half a second to import: only who needs it does.
"""

import math
from collections.abc import Iterator
from importlib.util import find_spec
from itertools import islice
from typing import Any, Final

from gcf_am.homing.solve.budget import Budget
from gcf_am.homing.solve.option import Frame, Option, bits
from gcf_am.homing.solve.problem import Problem
from gcf_am.homing.solve.search import Found, members
from gcf_am.homing.solve.tree import price_row, row

# CP-SAT counts in whole numbers: metres, where kilometres are minimised
_SCALE: Final = 1000
_LARGEST: Final = 2**50


def installed() -> bool:
    """Whether it is there."""
    return find_spec("ortools") is not None


def search_cpsat(
    problem: Problem, limit: int, budget: Budget, before: Found | None = None
) -> Found:
    """Find the `limit` best choices; `before` is what another search found already.

    Costs are rounded to thousandths in comparing; those answered are exact.
    """
    if any(not domain for domain in problem.domains):
        return Found((), complete=True, bound=math.inf)
    model = _Model(problem)
    if before is not None and before.choices:
        model.hint(before.choices[0][1])
    found: list[tuple[float, tuple[str, ...]]] = []
    bound = math.inf
    while len(found) < limit:
        status, chosen, least = model.solve(budget)
        bound = min(bound, least)
        if chosen is not None and problem.fair(chosen):
            paid = cost_of(problem, chosen)
            found += ((paid, ids) for ids in islice(members(chosen), limit - len(found)))
        if status == "infeasible":
            return Found(tuple(sorted(found)), complete=True, bound=bound)
        if status != "optimal" or chosen is None:
            merged = sorted({*found, *(before.choices if before else ())})[:limit]
            known = -math.inf if before is None else before.bound
            return Found(tuple(merged), complete=False, bound=max(bound, known))
        model.forbid(chosen)
    return Found(tuple(sorted(found)), complete=True, bound=bound)


def cost_of(problem: Problem, chosen: list[Option]) -> float:
    """What a whole choice costs."""
    paid = sum(option.costs[demand] or 0.0 for demand, option in enumerate(chosen))
    return paid + sum(
        price_row(prices, chosen[one], Frame([chosen[other]]))[0]
        for (one, other), prices in problem.pair_costs.items()
    )


class _Model:
    """A boolean for each option of each demand, of which one is true.

    Relations are sums (an option wants one of its partners), which the linear relaxation sees;
    as clauses they take many times as long.
    """

    def __init__(self, problem: Problem) -> None:
        from ortools.sat.python import cp_model  # slow, and optional

        self._cp: Any = cp_model
        self._problem = problem
        self._model = cp_model.CpModel()
        self._frames = [Frame([problem.options[at] for at in one]) for one in problem.domains]
        self._scale = self._fitting_scale()
        self._chosen: list[list[Any]] = [
            [self._model.new_bool_var("") for _ in frame.options] for frame in self._frames
        ]
        for variables in self._chosen:
            self._model.add_exactly_one(variables)
        self._add_relations()
        self._add_room()
        costs = [
            self._whole(option.costs[demand] or 0.0) * variable
            for demand, frame in enumerate(self._frames)
            for option, variable in zip(frame.options, self._chosen[demand], strict=True)
        ]
        self._model.minimize(sum(costs) + sum(self._pair_costs()))

    def solve(self, budget: Budget) -> tuple[str, list[Option] | None, float]:
        """`optimal`, `infeasible`, or what there is when the budget is spent; and a bound."""
        solver = self._cp.CpSolver()
        solver.parameters.max_time_in_seconds = budget.left
        # more workers were slower, and answer differently each time
        solver.parameters.num_workers = 1
        solver.parameters.linearization_level = 2
        solver.parameters.random_seed = 0
        status = solver.solve(self._model)
        if status == self._cp.INFEASIBLE:
            return "infeasible", None, math.inf
        if status not in {self._cp.OPTIMAL, self._cp.FEASIBLE}:
            return "spent", None, -math.inf
        chosen = [
            next(
                option for option, one in zip(frame.options, row_, strict=True) if solver.value(one)
            )
            for frame, row_ in zip(self._frames, self._chosen, strict=True)
        ]
        optimal = status == self._cp.OPTIMAL
        # of what is proven optimal the exact costs are the bound
        bound = cost_of(self._problem, chosen) if optimal else (
            (solver.best_objective_bound - len(self._frames) ** 2) / self._scale
        )  # fmt: skip
        return "optimal" if optimal else "spent", chosen, bound

    def hint(self, ids: tuple[str, ...]) -> None:
        """Begin with this choice."""
        for frame, variables, name in zip(self._frames, self._chosen, ids, strict=True):
            for option, variable in zip(frame.options, variables, strict=True):
                self._model.add_hint(variable, name in option.members)

    def forbid(self, chosen: list[Option]) -> None:
        """Never make the choice again."""
        literals = [
            self._chosen[demand][self._frames[demand].position[option]]
            for demand, option in enumerate(chosen)
        ]
        self._model.add_bool_or([one.negated() for one in literals])

    def _add_relations(self) -> None:
        for (one, other), relations in self._problem.relations.items():
            for first, second in ((one, other), (other, one)):
                for at, option in enumerate(self._frames[first].options):
                    partners = row(relations, option, self._frames[second])
                    if partners != self._frames[second].full:
                        supports = sum(self._chosen[second][place] for place in bits(partners))
                        self._model.add(supports >= self._chosen[first][at])

    def _add_room(self) -> None:
        for option in self._problem.options:
            takers = [
                self._chosen[demand][at]
                for demand, frame in enumerate(self._frames)
                if (at := frame.position.get(option)) is not None
            ]
            if len(takers) > option.room:
                self._model.add(sum(takers) <= int(option.room))

    def _pair_costs(self) -> Iterator[Any]:
        """A variable for each pair with a cost: no less than what its two options cost."""
        for (one, other), prices in self._problem.pair_costs.items():
            table: list[list[float]] = [
                price_row(prices, option, self._frames[other])
                for option in self._frames[one].options
            ]
            told = [self._whole(cost) for line in table for cost in line if math.isfinite(cost)]
            low, high = min(told, default=0), max(told, default=0)
            variable = self._model.new_int_var(low, high, "")
            for option, line in zip(self._chosen[one], table, strict=True):
                costs = [
                    (self._whole(cost) if math.isfinite(cost) else low) * partner
                    for cost, partner in zip(line, self._chosen[other], strict=True)
                ]
                self._model.add(variable >= sum(costs) - (high - low) * (1 - option))
                for cost, partner in zip(line, self._chosen[other], strict=True):
                    if not math.isfinite(cost):
                        self._model.add_bool_or([option.negated(), partner.negated()])
            yield variable

    def _fitting_scale(self) -> float:
        most = max(
            (abs(cost) for one in self._problem.options for cost in one.costs if cost is not None),
            default=0.0,
        )
        return min(float(_SCALE), _LARGEST / (most + 1) / (len(self._problem.demands) + 1))

    def _whole(self, cost: float) -> int:
        return round(cost * self._scale)
