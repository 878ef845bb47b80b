"""Waiting with something to look at, on standard error."""

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Final

from rich.console import Console, RenderableType
from rich.live import Live

from gcf_am.cli.omni_options import Settings
from gcf_am.cli.omni_output import tell
from gcf_am.cli.tables import names_of, waiting_table
from gcf_am.client.answers import Slivers
from gcf_am.client.waiting import Goal, follow, reached

_SECONDS: Final = 600.0
_Show = Callable[[Slivers], None]


def wait(
    settings: Settings,
    status: Callable[[], Slivers],
    *,
    known: Mapping[str, str] | None = None,
    pause: float = 1.0,
) -> Slivers:
    """Ask for the status until all slivers are at the goal of --wait; the last status.

    On a terminal a table lives meanwhile, elsewhere each change is a line; with --json nothing is
    shown. `known` are client_ids by sliver URN. Raises WaitEnded.
    """
    goal = Goal(settings.wait or Goal.READY)
    seconds = _SECONDS if settings.wait_seconds is None else settings.wait_seconds
    last = Slivers((), "", "", [])
    with _showing(settings, goal, known or {}) as show:
        for last in follow(status, goal, seconds=seconds, pause=pause):
            show(last)
    return last


@contextmanager
def _showing(settings: Settings, goal: Goal, known: Mapping[str, str]) -> Iterator[_Show]:
    """How each status is shown."""
    console = Console(stderr=True, markup=False, highlight=False, emoji=False)
    if settings.json:
        yield lambda _: None
    elif console.is_terminal:
        begin = time.monotonic()
        # gone in the end: the result is shown then
        with Live(console=console, auto_refresh=False, transient=True) as live:
            yield lambda seen: live.update(_table(seen, goal, known, begin), refresh=True)
    else:
        yield _Lines(known).show


def _table(seen: Slivers, goal: Goal, known: Mapping[str, str], begin: float) -> RenderableType:
    there = sum(reached(one, goal) for one in seen.slivers)
    title = (
        f"waiting until {goal}: {there} of {len(seen.slivers)}, {time.monotonic() - begin:.0f} s"
    )
    return waiting_table(title, seen, known)


class _Lines:
    """A line for each sliver when it is first seen and when its state changes."""

    def __init__(self, known: Mapping[str, str]) -> None:
        self._known = known
        self._told: dict[str, str] = {}

    def show(self, seen: Slivers) -> None:
        for name, one in zip(names_of(seen.slivers, self._known), seen.slivers, strict=True):
            if self._told.get(one.urn) != one.operational:
                self._told[one.urn] = one.operational
                tell(f"{name}: {one.operational}{f' ({one.error})' if one.error else ''}")
