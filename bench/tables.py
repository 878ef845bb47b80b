"""Results as Markdown tables."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final

from bench.figures import Figure, Part, Results
from bench.goals import judged
from bench.machine import MOVING

_MET: Final = {True: "yes", False: "no", None: "not measured"}
_NAMES: Final = {
    "ms": "ms",
    "per_second": "per second",
    "echo_ms": "echo, ms",
    "echo_per_second": "echo, per second",
    "ratio": "times the echo",
    "around": "slivers around",
    "nodes": "nodes of the site",
}


def goals(results: Results) -> str:
    """Each goal with what was wanted and measured."""
    return table(
        ("goal", "database", "wanted", "measured", "met"),
        (
            (one.what, one.database, one.wanted, number(one.measured), _MET[one.met])
            for one in judged(results)
        ),
    )


def part(results: Results, name: str) -> str:
    """A part's figures, and when and how it was measured."""
    found = results.parts.get(name)
    if found is None:
        return "Not measured.\n"
    if found.note:
        return f"Not measured: {found.note}.\n"
    return f"{_about(found)}\n\n{figures(found.figures)}"


def figures(lines: Sequence[Figure]) -> str:
    """Figures as a table: what, under which circumstances, what came of it."""
    given = list(dict.fromkeys(key for one in lines for key in one.given))
    measured = list(dict.fromkeys(key for one in lines for key in one.measured))
    head = ("what", *(_NAMES.get(one, one) for one in (*given, *measured)))
    return table(
        head,
        (
            (
                one.what,
                *(number(one.given.get(key)) for key in given),
                *(number(one.measured.get(key)) for key in measured),
            )
            for one in lines
        ),
    )


def whole(results: Results) -> str:
    """Everything: what results.md holds."""
    sections = [f"# Results of make bench\n\n## Goals\n\n{goals(results)}"]
    sections += [f"## {name}\n\n{part(results, name)}" for name in results.parts]
    return "\n".join(sections)


def machines(results: Results) -> str:
    """Where the parts were measured: each machine with its versions once."""
    return "\n".join(_machines(results.parts.values()))


def _machines(parts: Iterable[Part]) -> Iterator[str]:
    seen: dict[str, list[str]] = {}
    for one in parts:
        of_machine = {key: one.machine[key] for key in one.machine if key not in MOVING}
        seen.setdefault(_listed({**of_machine, **one.versions}), []).append(one.name)
    for told, names in seen.items():
        yield f"{', '.join(names)}: {told}\n"


def _listed(told: Mapping[str, str]) -> str:
    return ", ".join(f"{key} {value}" for key, value in told.items())


def _about(found: Part) -> str:
    quick = ", quickly" if found.quick else ""
    on = _listed({**found.machine, **found.versions})
    return f"Measured on {found.date} in {found.seconds:.0f} s{quick}: {on}."


def number(value: str | float | None) -> str:
    """As people read it; empty where there is none."""
    if value is None:
        return ""
    return value if isinstance(value, str) else f"{value:,}"


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A Markdown table."""
    lines = [head, ["---"] * len(head), *rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)
