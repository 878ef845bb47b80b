"""Why a template has no solution: what each constraint took out, and which cannot hold together."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace

from gcf_am.homing.solution import Solution
from gcf_am.homing.solve.budget import Budget
from gcf_am.homing.solve.problem import Problem, compile_problem
from gcf_am.homing.solve.search import search
from gcf_am.homing.stock import Removal, Stock
from gcf_am.homing.terms import Constraint, Objective, Template

OBJECTIVE = "optimization"


def removed(template: Template, stock: Stock, problem: Problem) -> dict[str, Counter[str]]:
    """How many candidates of each demand each constraint, or own condition, took out."""
    counts: dict[str, Counter[str]] = {name: Counter() for name in sorted(template.demands)}
    for one in (*stock.removed, *problem.removals):
        counts[one.demand][one.by] += 1
    return counts


def left(problem: Problem) -> dict[str, int]:
    """How many candidates each demand has left."""
    return {
        name: sum(len(problem.options[at].members) for at in domain)
        for name, domain in zip(problem.demands, problem.domains, strict=True)
    }


def conflict(template: Template, stock: Stock, budget: Budget) -> tuple[str, ...]:
    """The constraints of a template without a solution that cannot hold together.

    Without any one of them the others can. Where the budget does not suffice to tell, a
    constraint stays among them.

    1. Is it the objective? 2. Are there enough candidates at all? 3. Leave out one after another.
    """
    free = replace(template, objective=Objective(()))
    everything: Sequence[Constraint] = sorted(template.constraints, key=lambda one: one.name)
    # 1.
    if not _impossible(free, stock, everything, budget):
        return (OBJECTIVE,)
    # 2.
    if _impossible(free, stock, (), budget):
        return ()
    # 3.
    kept = list(everything)
    for one in everything:
        trial = [other for other in kept if other is not one]
        if _impossible(free, stock, trial, budget):
            kept = trial
    return tuple(one.name for one in kept)


def _impossible(
    template: Template, stock: Stock, constraints: Sequence[Constraint], budget: Budget
) -> bool:
    """Whether it is proven that these cannot hold together."""
    found = search(compile_problem(template, stock, constraints), 1, budget)
    return found.complete and not found.choices


def sentence(told: Solution, failures: Iterable[str] = ()) -> str:
    """For people: what cannot be."""
    conflict = told.infeasible.conflict if told.infeasible else ()
    if conflict == (OBJECTIVE,):
        text = "the objective cannot be told for any combination that the constraints leave"
    elif len(conflict) == 1:
        text = f"no combination of candidates meets the constraint {conflict[0]}"
    elif conflict:
        text = f"these constraints cannot hold together: {', '.join(conflict)}"
    else:
        empty = [name for name, count in told.left.items() if not count]
        text = (
            f"there are no candidates for {', '.join(empty)}"
            if empty
            else "there are not enough candidates for all demands at once"
        )
    parts = [
        f"{demand}: {', '.join(f'{count} removed by {by}' for by, count in counts.items())}"
        for demand, counts in told.removed.items()
        if counts and not told.left.get(demand)
    ]
    return "; ".join([text, *parts, *failures])


def reasons(removals: Iterable[Removal], most: int) -> list[Removal]:
    """A few of the removals for each demand and constraint."""
    seen: Counter[tuple[str, str]] = Counter()
    found: list[Removal] = []
    for one in removals:
        seen[one.demand, one.by] += 1
        if seen[one.demand, one.by] <= most:
            found.append(one)
    return found
