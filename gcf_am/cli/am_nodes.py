"""The commands of `gcf-am` that look at what runs: nodes, console, doctor."""

import json
from collections.abc import Mapping
from itertools import islice
from pathlib import Path
from typing import Any

import click
from rich.table import Table
from rich.text import Text

from gcf_am.cli.am_options import HOME, plain_errors
from gcf_am.cli.am_output import show
from gcf_am.cli.printable import cell, printable


@click.command()
@HOME
@click.option("--json", "as_json", is_flag=True, help="For programs.")
@plain_errors
def nodes(home: Path, *, as_json: bool) -> None:
    """What stands: nodes with their process, login port, memory, age, state and image.

    A server need not run, and one that does is not held up. `-` is what cannot be told.
    """
    from gcf_am.cli.machines import node_rows

    rows = node_rows(home)
    if as_json:
        click.echo(json.dumps(rows, indent=1))
        return
    if not rows:
        click.echo("no nodes")
        return
    columns = ("node", "sliver", "pid", "port", "memory", "age", "state", "image", "tag")
    for slice_urn in dict.fromkeys(row["slice"] for row in rows):
        mine = [row for row in rows if row["slice"] == slice_urn]
        shut = any(row["shut_down"] for row in mine)
        click.echo(f"{printable(slice_urn)}{'  (shut down)' if shut else ''}")
        table = Table(*columns, box=None, pad_edge=False)
        for row in mine:
            table.add_row(*_cells(row))
        show(table, whole=True)


def _cells(row: Mapping[str, Any]) -> list[Text]:
    state = (row["operational"] or "nobody's").removeprefix("geni_")
    if row["running"] is False and state == "ready":
        state = "ended"
    told = (
        row["client_id"],
        row["sliver"],
        row["pid"],
        row["port"],
        None if row["memory"] is None else f"{row['memory'] / (1 << 20):.1f} MiB",
        None if row["age"] is None else age(row["age"]),
        state,
        row["image"],
        row["tag"],
    )
    return [cell("-" if one is None else str(one)) for one in told]


def age(seconds: int) -> str:
    """The two largest units: `3 d 4 h`."""
    days, hours, minutes = seconds // 86400, seconds // 3600 % 24, seconds // 60 % 60
    if days:
        return f"{days} d {hours} h"
    if hours:
        return f"{hours} h {minutes} min"
    return f"{minutes} min {seconds % 60} s" if minutes else f"{seconds} s"


@click.command()
@click.argument("node")
@HOME
@click.option("--slice", "slice_name", help="The node's slice, by name or URN.")
@click.option("--follow", is_flag=True, help="Go on until the node is gone, or Ctrl-C.")
@plain_errors
def console(node: str, home: Path, slice_name: str | None, *, follow: bool) -> None:
    """The newest that NODE printed: a client_id, a sliver's URN, or a tag of `gcf-am nodes`."""
    from gcf_am.cli.machines import console_of

    told = console_of(home, node, slice_name)
    for text in told if follow else islice(told, 1):
        # an experimenter is root in the node and prints what it likes
        click.echo(printable(text, lines=True), nl=False)


@click.command()
@HOME
@plain_errors
def doctor(home: Path) -> None:
    """What is wrong with the home, its server and its nodes, and what to do; numbered.

    The exit status is 1 when anything is.
    """
    from gcf_am.cli.doctor import diagnosis

    bad = False
    for number, (what, trouble) in enumerate(diagnosis(home), 1):
        verdict = "wrong" if trouble else "ok"
        click.echo(printable(f"{number:2} {verdict:6} {what}{': ' if trouble else ''}{trouble}"))
        bad = bad or bool(trouble)
    if bad:
        raise click.exceptions.Exit(1)


COMMANDS: tuple[click.Command, ...] = (nodes, console, doctor)
