"""Answers as tables that are read at 80 columns.

URNs stand in a table of their own, one a line, so that they can be copied.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from rich.box import SIMPLE_HEAD
from rich.console import Console, Group, RenderableType
from rich.table import Table
from rich.text import Text

from gcf_am.cli.printable import cell
from gcf_am.client.answers import Slivers, SliverStatus, Version
from gcf_am.client.omni_config import Place
from gcf_am.client.shown import ShownComponent, ShownLink, ShownNode

_STYLES: Final = {
    "geni_ready": "green",
    "geni_failed": "bold red",
    "geni_configuring": "yellow",
    "geni_stopping": "yellow",
    "geni_updating_users": "yellow",
    "geni_updating": "yellow",
}


def make_console() -> Console:
    """Where tables go: standard output, never read as markup, nothing turned into links."""
    return Console(markup=False, highlight=False, emoji=False)


def table(columns: Sequence[str], rows: Iterable[Sequence[str | Text]]) -> Table:
    """A table whose cells are shown as they are; long words are folded, never cut."""
    made = Table(box=SIMPLE_HEAD, show_edge=False, pad_edge=False)
    for name in columns:
        made.add_column(name, overflow="fold")
    for row in rows:
        made.add_row(*(one if isinstance(one, Text) else cell(one) for one in row))
    return made


def heading(text: str) -> Text:
    """A line above a table."""
    return cell(text, "bold")


def _state(name: str) -> Text:
    return cell(name.removeprefix("geni_"), _STYLES.get(name, ""))


def _until(time: str) -> str:
    """`2030-01-31T12:00:00Z` as `2030-01-31 12:00 UTC`; anything else as it came."""
    if len(time) == 20 and time[10] == "T" and time[13] == ":" and time[19] == "Z":
        return f"{time[:10]} {time[11:16]} UTC"
    return time


def names_of(slivers: Sequence[SliverStatus], known: Mapping[str, str] | None = None) -> list[str]:
    """What to call each sliver in a table: its client_id where one is known, else a number."""
    known = known or {}
    return [
        one.client_id or known.get(one.urn) or f"#{number}" for number, one in enumerate(slivers, 1)
    ]


def sliver_tables(answer: Slivers, known: Mapping[str, str] | None = None) -> RenderableType:
    """States of slivers, what failed, and their URNs; `known` are client_ids by URN."""
    slivers = answer.slivers
    if not slivers:
        return Text("no slivers", style="dim")
    names = names_of(slivers, known)
    changing = any(one.next_allocation for one in slivers)
    columns = ["sliver", "allocation", *(["next"] if changing else []), "operational", "until"]
    rows: list[list[str | Text]] = []
    for name, one in zip(names, slivers, strict=True):
        row: list[str | Text] = [name, _state(one.allocation)]
        if changing:
            row.append(_state(one.next_allocation))
        rows.append([*row, _state(one.operational), _until(one.expires)])
    parts: list[RenderableType] = [table(columns, rows), Text()]
    errors = [(name, one.error) for name, one in zip(names, slivers, strict=True) if one.error]
    if errors:
        parts += [table(("sliver", "error"), errors), Text()]
    parts.append(
        table(("sliver", "URN"), [(n, one.urn) for n, one in zip(names, slivers, strict=True)])
    )
    return Group(*parts)


def waiting_table(
    title: str, answer: Slivers, known: Mapping[str, str] | None = None
) -> RenderableType:
    """Slivers while they are waited for; the table lives, and has as many lines as slivers."""
    rows = [
        (name, _state(one.allocation), _state(one.operational), one.error)
        for name, one in zip(names_of(answer.slivers, known), answer.slivers, strict=True)
    ]
    return Group(heading(title), table(("sliver", "allocation", "operational", "error"), rows))


def manifest_tables(nodes: Sequence[ShownNode], links: Sequence[ShownLink]) -> RenderableType:
    """Nodes with how to log in, and links with their ends."""
    parts: list[RenderableType] = []
    if nodes:
        rows = [
            (one.client_id, one.component, one.sliver_type, "\n".join(map(_login, one.logins)))
            for one in nodes
        ]
        parts.append(_lines_table(("node", "host", "type", "login"), rows))
    if links:
        ends = [(one.client_id, ", ".join(one.ends)) for one in links]
        parts += [*([Text()] if parts else []), table(("link", "between"), ends)]
    return Group(*parts)


def _lines_table(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> Table:
    """A table whose last cells may have several lines, each of them made harmless."""
    return table(
        columns,
        ((*row[:-1], Text("\n").join(cell(line) for line in row[-1].split("\n"))) for row in rows),
    )


def _login(login: tuple[str, str, str]) -> str:
    user, host, port = (" ".join(part.split()) for part in login)
    return f"ssh -p {port} {user}@{host}" if port != "22" else f"ssh {user}@{host}"


def component_table(components: Sequence[ShownComponent]) -> RenderableType:
    """The nodes of an advertisement."""
    return table(
        ("name", "free", "use", "hardware", "sliver types"),
        (
            (
                one.name or one.component_id,
                cell("yes", "green") if one.available else cell("no", "dim"),
                "exclusive" if one.exclusive else "shared",
                ", ".join(one.hardware_types),
                ", ".join(one.sliver_types),
            )
            for one in components
        ),
    )


def version_table(version: Version) -> RenderableType:
    """What an aggregate says of itself: plain values only, lists by their number."""
    rows = [(name, _brief(value)) for name, value in sorted(version.value.items())]
    return table(("what", "value"), rows)


def _brief(value: object) -> str:
    if isinstance(value, Mapping):
        if {"type", "version"} <= value.keys():
            return f"{value['type']} {value['version']}"
        if {"geni_type", "geni_version"} <= value.keys():
            return f"{value['geni_type']} {value['geni_version']}"
        return ", ".join(f"{name}: {_brief(one)}" for name, one in value.items())
    if isinstance(value, list):
        return ", ".join(map(_brief, value))
    return str(value)


def place_table(places: Sequence[Place]) -> RenderableType:
    """Aggregates that a clearinghouse knows."""
    return table(("URL", "URN"), [(one.url, one.urn) for one in places])
