"""A run as a person sees it: what is being tried, what came of it, and the matrix in the end."""

import threading
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from time import monotonic
from typing import Final

import click
from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.text import Text

from gcf_am.cli.printable import cell, printable
from gcf_am.cli.tables import heading, make_console, table
from gcf_am.conformance.check import Check
from gcf_am.conformance.report.matrix import count, matrix
from gcf_am.conformance.run import Outcome
from gcf_am.conformance.verdict import Result, Verdict

_STYLES: Final = {
    Verdict.PASS: "green",
    Verdict.FAIL: "bold red",
    Verdict.WARN: "yellow",
    Verdict.SKIP: "dim",
    Verdict.CANNOT_TELL: "magenta",
}
# so many of the last results are seen while it runs
_SEEN: Final = 12


@dataclass
class Show:
    """Hears of checks from several threads; `count` is how many there will be."""

    count: int
    live: Live | None = None
    results: list[Result] = field(default_factory=list)
    trying: dict[str, float] = field(default_factory=dict)
    start: float = field(default_factory=monotonic)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def began(self, check: Check) -> None:
        """A check is being tried."""
        with self.lock:
            self.trying[check.id] = monotonic()
            self._refresh()

    def told(self, result: Result) -> None:
        """What came of it."""
        with self.lock:
            self.results.append(result)
            self.trying.pop(result.check.id, None)
            if self.live is None:
                click.echo(printable(line(result)))
            self._refresh()

    def _refresh(self) -> None:
        if self.live is not None:
            self.live.update(self._table(), refresh=True)

    def _table(self) -> RenderableType:
        counts = count(self.results)
        told = ", ".join(f"{counts[one]} {one}" for one in Verdict if counts[one])
        title = f"{len(self.results)} of {self.count} checks, {monotonic() - self.start:.0f} s"
        rows: list[list[str | Text]] = [
            [cell(str(one.verdict), _STYLES[one.verdict]), one.check.id, _why(one)[:60]]
            for one in self.results[-_SEEN:]
        ]
        rows += [[cell("...", "dim"), one, ""] for one in self.trying]
        return Group(
            heading(f"{title}: {told}" if told else title), table(("verdict", "check", ""), rows)
        )


@contextmanager
def showing(count: int) -> Iterator[Show]:
    """A table that lives on a terminal; elsewhere a line for each result."""
    console = Console(markup=False, highlight=False, emoji=False)
    if not console.is_terminal:
        yield Show(count)
        return
    with Live(console=console, auto_refresh=False, transient=True) as live:
        yield Show(count, live)


def line(result: Result) -> str:
    """A result in a line."""
    why = _why(result)
    return f"{result.verdict:<11} {result.check.id}{f': {why}' if why else ''}"


def _why(result: Result) -> str:
    if result.reason:
        return result.reason
    return f"expected {result.expected}; got {result.got}" if result.expected else ""


def ending(outcome: Outcome) -> None:
    """What did not hold, the matrix by method and severity, and what was left behind."""
    console = make_console()
    wrong = [one for one in outcome.results if one.verdict in {Verdict.FAIL, Verdict.WARN}]
    if console.is_terminal:
        for one in wrong:
            console.print(cell(line(one), _STYLES[one.verdict]))
    console.print(table(("method", *(str(one) for one in Verdict), ""), _matrix(outcome.results)))
    for sentence in outcome.left:
        click.echo(printable(f"left at the aggregate: {sentence}"), err=True)
    if outcome.stopped:
        what = "all else that" if outcome.left else "what"
        click.echo(f"the run was stopped before its end; {what} it had made was removed", err=True)


def _matrix(results: Sequence[Result]) -> list[list[str]]:
    rows = [
        [method, *_cells(counts), str(severity)]
        for method, severities in matrix(results).items()
        for severity, counts in severities.items()
        if counts.total()
    ]
    return [*rows, ["all", *_cells(count(results)), ""]]


def _cells(counts: Counter[Verdict]) -> list[str]:
    return [str(counts[one] or "") for one in Verdict]
