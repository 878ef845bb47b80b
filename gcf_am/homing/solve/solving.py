"""From a template and a stock to recommendations."""

import math
from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from gcf_am.homing.solution import Infeasible, Recommendation, Solution
from gcf_am.homing.solve.budget import Budget
from gcf_am.homing.solve.cpsat import installed, search_cpsat
from gcf_am.homing.solve.explaining import conflict, left, reasons, removed, sentence
from gcf_am.homing.solve.problem import Problem, compile_problem
from gcf_am.homing.solve.search import NEAR, Found, search
from gcf_am.homing.stock import Candidate, Stock
from gcf_am.homing.terms import Template

# What branch and bound has not finished by then, CP-SAT does better.
_FIRST: Final = 1.0
# Why there is no solution is worth some more time.
_EXPLAINING: Final = 5.0
_REASONS: Final = 20


def solve(template: Template, stock: Stock, *, limit: int = 1, budget: float = 60.0) -> Solution:
    """Find the best `limit` recommendations within `budget` seconds.

    The same input has the same answer, unless the budget is spent. Pure, and busy: run it in a
    process of its own.

    1. Branch and bound. 2. What it does not finish, by CP-SAT where that is installed.
    3. Candidates, or an explanation.
    """
    problem = compile_problem(template, stock)
    time = Budget(budget)
    if any(one.unique for found in stock.candidates.values() for one in found):
        found, engine = _one_by_one(template, stock, limit, time)
    else:
        found, engine = _search(problem, limit, time)
    # 3.
    solution = _solution(problem, stock, found)
    solution = replace(
        solution,
        engine=engine,
        removed=removed(template, stock, problem),
        left=left(problem),
        removals=tuple(reasons((*stock.removed, *problem.removals), _REASONS)),
        warnings=tuple(str(one) for one in template.warnings),
    )
    if found.choices:
        return solution
    if not found.complete:
        over = "timed out before a solution was found"
        return replace(solution, message="; ".join([over, *stock.failures]))
    told = Infeasible(conflict(template, stock, Budget(_EXPLAINING)))
    solution = replace(solution, infeasible=told)
    return replace(solution, message=sentence(solution, stock.failures))


def _search(problem: Problem, limit: int, time: Budget) -> tuple[Found, str]:
    # 1. costs between demands make CP-SAT's model as large as all pairs of options
    both = installed() and not problem.pair_costs
    found = search(problem, limit, Budget(min(_FIRST, time.left)) if both else time)
    if found.complete or not both or not time.left:
        return found, "branch and bound"
    # 2.
    return search_cpsat(problem, limit, time, found), "cp-sat"


def _one_by_one(template: Template, stock: Stock, limit: int, time: Budget) -> tuple[Found, str]:
    """Each recommendation without the unique candidates of those before it."""
    choices: list[tuple[float, tuple[str, ...]]] = []
    complete, bound, engine = True, math.inf, "branch and bound"
    candidates: Mapping[str, tuple[Candidate, ...]] = stock.candidates
    for _ in range(limit):
        problem = compile_problem(template, replace(stock, candidates=candidates))
        found, engine = _search(problem, 1, time)
        complete, bound = complete and found.complete, min(bound, found.bound)
        if not found.choices:
            break
        choices.append(found.choices[0])
        used = dict(zip(problem.demands, found.choices[0][1], strict=True))
        spent = {
            one.id
            for name, told in candidates.items()
            for one in told
            if one.unique and one.id == used[name]
        }
        if not spent:
            break
        candidates = {
            name: tuple(one for one in told if one.id not in spent)
            for name, told in candidates.items()
        }
    return Found(tuple(choices), complete, bound), engine


def _solution(problem: Problem, stock: Stock, found: Found) -> Solution:
    by_id = {
        demand: {one.id: one for one in stock.candidates.get(demand, ())}
        for demand in problem.demands
    }
    recommendations = tuple(
        Recommendation(
            {name: by_id[name][one] for name, one in zip(problem.demands, ids, strict=True)},
            problem.objective(paid),
        )
        for paid, ids in found.choices
    )
    if not recommendations:
        return Solution("not found", timed_out=not found.complete)
    best = found.choices[0][0]
    bound = best if found.complete else min(best, found.bound)
    gap = 0.0 if best - bound <= NEAR else (best - bound) / max(abs(best), NEAR)
    return Solution(
        "solved",
        recommendations,
        optimal=found.complete,
        objective=recommendations[0].objective,
        bound=problem.objective(bound) if math.isfinite(bound) else None,
        gap=gap if math.isfinite(gap) else None,
        timed_out=not found.complete,
    )
