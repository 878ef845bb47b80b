"""Branch and bound against everything there is, and against CP-SAT."""

import itertools
import os
import random
import subprocess
import sys
from dataclasses import replace

import pytest

from gcf_am.homing.solution import Solution
from gcf_am.homing.solve.budget import Budget
from gcf_am.homing.solve.cpsat import installed, search_cpsat
from gcf_am.homing.solve.problem import compile_problem
from gcf_am.homing.solve.search import search
from gcf_am.homing.solve.solving import solve
from gcf_am.homing.stock import Stock
from gcf_am.homing.terms import Objective, Template
from tests.unit.homing.solve.problems import between, candidate, everything, sites, small, template

needs_cpsat = pytest.mark.skipif(not installed(), reason="OR-tools is not installed")


def objectives(solution: Solution) -> list[float]:
    return [one.objective for one in solution.recommendations]


@pytest.mark.parametrize("part", range(4))
def test_the_five_best_of_small_problems_are_those_of_a_search_through_everything(
    part: int,
) -> None:
    for seed in range(part * 100, part * 100 + 100):
        asked, stock = small(seed)
        expected = everything(asked, stock)
        solution = solve(asked, stock, limit=5)
        assert objectives(solution) == pytest.approx(expected[:5]), seed
        assert (solution.status == "solved") is bool(expected), seed
        assert solution.optimal is bool(expected), seed
        homes = [
            tuple(one.id for _, one in sorted(each.choices.items()))
            for each in solution.recommendations
        ]
        assert len(set(homes)) == len(homes), seed


def test_demands_as_far_apart_as_they_can_be() -> None:
    names = "abcd"
    terms = tuple(between(one, other) for one, other in itertools.combinations(names, 2))
    asked = template(names, (), Objective(terms, maximize=True))
    for seed in range(20):
        numbers = random.Random(seed)
        nodes = tuple(
            candidate(f"c{at}", (numbers.uniform(-60, 60), numbers.uniform(-180, 180)), capacity=1)
            for at in range(7)
        )
        stock = Stock(dict.fromkeys(names, nodes))
        best = objectives(solve(asked, stock, limit=3))
        assert best == pytest.approx(everything(asked, stock)[:3])


@needs_cpsat
def test_cp_sat_finds_the_same_on_small_problems() -> None:
    for seed in range(60):
        problem = compile_problem(*small(seed))
        exact = search(problem, 3, Budget(60))
        other = search_cpsat(problem, 3, Budget(60))
        assert other.complete, seed
        assert [cost for cost, _ in other.choices] == pytest.approx(
            [cost for cost, _ in exact.choices], abs=0.01
        ), seed


@needs_cpsat
@pytest.mark.parametrize("kind", ["easy", "chain", "tight"])
def test_cp_sat_finds_the_same_on_problems_of_sites(kind: str) -> None:
    for seed in range(4):
        problem = compile_problem(*sites(kind, 4, 50, seed))
        exact = search(problem, 1, Budget(60))
        other = search_cpsat(problem, 1, Budget(60))
        assert exact.complete
        assert other.complete
        assert [cost for cost, _ in other.choices] == pytest.approx(
            [cost for cost, _ in exact.choices], abs=0.01
        )


def test_tight_problems_have_the_solutions_that_the_original_did_not_find() -> None:
    found = [solve(*sites("tight", 4, 50, seed)) for seed in range(8)]
    # each is proven, whichever it is
    assert all(one.optimal or one.infeasible is not None for one in found)
    assert any(one.status == "solved" for one in found)


def test_the_order_of_constraints_and_candidates_changes_nothing() -> None:
    for seed in range(40):
        asked, stock = small(seed)
        mixed = random.Random(seed)
        other = replace(asked, constraints=_shuffled(asked.constraints, mixed))
        turned = replace(
            stock,
            candidates={name: _shuffled(one, mixed) for name, one in stock.candidates.items()},
        )
        assert _homes(asked, stock) == _homes(other, turned), seed


def _shuffled(values: tuple, numbers: random.Random) -> tuple:  # type: ignore[type-arg]
    return tuple(numbers.sample(values, len(values)))


def _homes(asked: Template, stock: Stock) -> list[dict[str, str]]:
    solution = solve(asked, stock, limit=3)
    return [
        {name: one.id for name, one in each.choices.items()} for each in solution.recommendations
    ]


def test_the_answer_does_not_depend_on_the_hash_seed() -> None:
    script = (
        "from tests.unit.homing.solve.test_exact import _homes\n"
        "from tests.unit.homing.solve.problems import small\n"
        "print([_homes(*small(seed)) for seed in range(30)])"
    )
    answers = {
        subprocess.run(
            [sys.executable, "-c", script],
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert len(answers) == 1
    assert len(answers.pop()) > 100
