"""Solutions and their reasons as tables."""

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Final

from rich.console import Group, RenderableType

from gcf_am.cli.printable import cell, printable
from gcf_am.cli.tables import heading, table
from gcf_am.homing.finding import Finding
from gcf_am.homing.solution import Solution
from gcf_am.homing.stock import Candidate, Removal, Stock
from gcf_am.homing.terms import Template

_MOST_REASONS: Final = 3


def findings_lines(file: str, findings: Iterable[Finding], grade: str = "") -> Iterator[str]:
    """`t.yaml:7:5: constraints.c1.type: ...`, a line for each, as compilers write them."""
    for one in findings:
        where = f"{file}:{one.line}:{one.column}" if one.line else file
        path = f"{one.path}: " if one.path else ""
        hint = f" ({one.hint})" if one.hint else ""
        yield printable(f"{where}: {grade}{path}{one.message}{hint}")


def recommendations(solution: Solution) -> RenderableType:
    """Each with its homes; or why there is none."""
    if not solution.recommendations:
        return cell(f"not found: {solution.message}")
    parts: list[RenderableType] = []
    for number, one in enumerate(solution.recommendations, 1):
        parts += [
            heading(f"recommendation {number}: objective {one.objective:.6g}"),
            table(
                ("demand", "home", "at", "place"),
                [(name, *_home(choice)) for name, choice in sorted(one.choices.items())],
            ),
            table(
                ("demand", "candidate"),
                [(name, choice.id) for name, choice in sorted(one.choices.items())],
            ),
        ]
    return Group(*parts, cell(_quality(solution)))


def explanation(template: Template, stock: Stock, solution: Solution) -> RenderableType:
    """How many candidates each demand had, and what each constraint took out."""
    causes = sorted({cause for counts in solution.removed.values() for cause in counts})
    rows = []
    for name in sorted(template.demands):
        had = len(stock.candidates.get(name, ())) + len(
            {one.candidate for one in stock.removed if one.demand == name}
        )
        taken = [str(solution.removed[name].get(cause, "")) for cause in causes]
        rows.append((name, str(had), *taken, str(solution.left.get(name, 0))))
    parts: list[RenderableType] = [table(("demand", "had", *causes, "left"), rows)]
    few = list(_few(solution.removals))
    if few:
        parts.append(table(("demand", "candidate", "out by", "since"), few))
    if solution.infeasible is not None and solution.infeasible.conflict:
        parts.append(heading("cannot hold together"))
        parts += [cell(f"  {name}") for name in solution.infeasible.conflict]
    parts.append(cell(solution.message or _quality(solution)))
    return Group(*parts)


def _few(removals: Iterable[Removal]) -> Iterator[tuple[str, str, str, str]]:
    """Some of those that are out for each demand and cause; how many there are the table tells."""
    seen: Counter[tuple[str, str]] = Counter()
    for one in removals:
        seen[one.demand, one.by] += 1
        if seen[one.demand, one.by] <= _MOST_REASONS:
            yield one.demand, _short(one.candidate), one.by, one.reason


def _home(choice: Candidate) -> tuple[str, str, str]:
    point = choice.point
    place = "" if point is None else f"{point.latitude:.2f} {point.longitude:.2f}"
    country = choice.zones.get("country", "")
    return _short(choice.id), _authority(choice.location_id), f"{place} {country}".strip()


def _short(urn: str) -> str:
    """A URN's name; anything else as it is."""
    return urn.rpartition("+")[2] if urn.startswith("urn:publicid:") else urn


def _authority(urn: str) -> str:
    parts = urn.split("+")
    return parts[1] if urn.startswith("urn:publicid:") and len(parts) > 1 else urn


def _quality(solution: Solution) -> str:
    if solution.optimal:
        return "none is better" + (", proven by CP-SAT" if solution.engine == "cp-sat" else "")
    if solution.gap is None or solution.bound is None:
        return "the time was over: there may be better ones"
    return f"the time was over: none is below {solution.bound:.6g}, a gap of {solution.gap:.1%}"
