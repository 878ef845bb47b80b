"""Waiting with something to look at."""

from collections.abc import Callable
from typing import Final

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from gcf_am.cli.omni_options import Settings
from gcf_am.client.answers import Slivers
from gcf_am.client.waiting import Goal, follow, reached

_SECONDS: Final = 600.0


def wait(settings: Settings, status: Callable[[], Slivers], *, pause: float = 1.0) -> Slivers:
    """Ask for the status until all slivers are at the goal of --wait; the last status.

    The progress is drawn on standard error, and only where that is a terminal. Raises WaitEnded.
    """
    goal = Goal(settings.wait or Goal.READY)
    seconds = _SECONDS if settings.wait_seconds is None else settings.wait_seconds
    console = Console(stderr=True, markup=False, highlight=False)
    columns = (
        TextColumn(f"waiting until {goal}", markup=False),
        BarColumn(bar_width=30),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    last = Slivers((), "", "", [])
    with Progress(*columns, console=console, disable=not console.is_terminal) as progress:
        task = progress.add_task("", total=None)
        for last in follow(status, goal, seconds=seconds, pause=pause):
            there = sum(reached(one, goal) for one in last.slivers)
            progress.update(task, completed=there, total=len(last.slivers))
    return last
