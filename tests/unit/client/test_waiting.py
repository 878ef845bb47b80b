from collections.abc import Iterator

import pytest

from gcf_am.client.answers import Slivers, SliverStatus
from gcf_am.client.waiting import Goal, WaitEnded, follow


def seen(*states: str) -> Slivers:
    rows = (
        SliverStatus(f"urn:{number}", "", "geni_provisioned", state, "", "broken", "")
        for number, state in enumerate(states)
    )
    return Slivers(tuple(rows), "", "", [])


class Hands:
    """A clock that moves only when somebody sleeps."""

    def __init__(self) -> None:
        self.time = 0.0

    def now(self) -> float:
        return self.time

    def sleep(self, seconds: float) -> None:
        self.time += seconds


def run(answers: Iterator[Slivers], goal: Goal, seconds: float = 10) -> int:
    hands = Hands()
    steps = follow(
        lambda: next(answers), goal, seconds=seconds, pause=2, now=hands.now, sleep=hands.sleep
    )
    return len(list(steps))


def test_it_ends_when_all_are_there() -> None:
    answers = [
        seen("geni_configuring", "geni_ready"),
        seen("geni_configuring", "geni_ready"),
        seen("geni_ready", "geni_ready"),
    ]
    assert run(iter(answers), Goal.READY) == 3


def test_what_runs_is_prepared_too() -> None:
    assert run(iter([seen("geni_notready", "geni_ready")]), Goal.NOTREADY) == 1


def test_a_failure_ends_it_with_its_reason() -> None:
    with pytest.raises(WaitEnded, match="urn:1 failed: broken"):
        run(iter([seen("geni_configuring", "geni_failed")]), Goal.READY)


def test_the_time_is_bounded() -> None:
    def forever() -> Iterator[Slivers]:
        while True:
            yield seen("geni_configuring", "geni_ready")

    with pytest.raises(WaitEnded, match="after 10 seconds 1 of 2 slivers are not ready"):
        run(forever(), Goal.READY)


def test_no_slivers_are_not_ready_slivers() -> None:
    with pytest.raises(WaitEnded, match="0 of 0"):
        run(iter([seen()] * 9), Goal.READY)
