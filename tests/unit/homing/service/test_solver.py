"""The solver's process: it answers, it can be stopped and killed, and another takes its place."""

import os
import signal
import threading
from collections.abc import Iterator

import pytest

from gcf_am.homing.service.solver import SolverFailed, Solvers
from gcf_am.homing.solution import Solution
from gcf_am.homing.stock import Candidate, Point, Stock
from gcf_am.homing.template.reading import read_template

ANY = "[{inventory_provider: x, inventory_type: cloud}]"
NAMES = [f"a{number}" for number in range(24)]
EASY = f"homing_template_version: 2017-10-10\ndemands: {{a0: {ANY}}}\n"
# Nobody finds the best hundred of these soon.
HARD = "\n".join(
    (
        "homing_template_version: 2017-10-10",
        "demands:",
        *(f"  {name}: {ANY}" for name in NAMES),
        "constraints:",
        "  apart:",
        "    type: distance_between_demands",
        f"    demands: [{', '.join(NAMES)}]",
        "    properties: {distance: '> 30 km'}",
        "optimization:",
        "  maximize:",
        "    sum:",
        *(
            f"    - {{distance_between: [{one}, {other}]}}"
            for place, one in enumerate(NAMES)
            for other in NAMES[:place]
        ),
    )
)


@pytest.fixture
def solvers() -> Iterator[Solvers]:
    made = Solvers()
    yield made
    made.close()


def stock(*demands: str) -> Stock:
    places = tuple(
        Candidate(f"c{n}", "cloud", "x", "m", point=Point(40 + n * n % 17, n * 7 % 31))
        for n in range(90)
    )
    return Stock(candidates=dict.fromkeys(demands, places))


def ask(
    solvers: Solvers, text: str, *, seconds: float = 60, stop: threading.Event | None = None
) -> Solution:
    template = read_template(text)
    return solvers.solve(
        template,
        stock(*template.demands),
        limit=100,
        seconds=seconds,
        stop=stop or threading.Event(),
    )


def test_the_same_process_answers_again(solvers: Solvers) -> None:
    assert ask(solvers, EASY).status == "solved"
    (first,) = solvers._idle
    assert ask(solvers, EASY) == ask(solvers, EASY)
    assert solvers._idle == [first]


def test_a_search_is_stopped(solvers: Solvers) -> None:
    stop = threading.Event()
    threading.Timer(1.0, stop.set).start()
    with pytest.raises(SolverFailed, match="stopped"):
        ask(solvers, HARD, stop=stop)
    assert solvers._idle == []
    assert ask(solvers, EASY).status == "solved"


def test_a_process_that_died_is_told_of_and_replaced(solvers: Solvers) -> None:
    ask(solvers, EASY)
    (idle,) = solvers._idle
    os.kill(idle.process.pid, signal.SIGKILL)
    idle.process.wait()
    with pytest.raises(SolverFailed, match="died"):
        ask(solvers, EASY)
    assert ask(solvers, EASY).status == "solved"


def test_a_search_ends_with_its_budget(solvers: Solvers) -> None:
    """By itself, with what it has until then; or killed."""
    try:
        found = ask(solvers, HARD, seconds=0.5)
    except SolverFailed as error:
        assert "killed" in str(error)  # noqa: PT017
    else:
        assert found.timed_out or not found.optimal
