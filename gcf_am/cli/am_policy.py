"""`gcf-am policy`: what the site's rules, or others that are thought of, would refuse."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click
from rich.table import Table

from gcf_am.cli.am_options import HOME, plain_errors
from gcf_am.cli.am_output import show
from gcf_am.cli.printable import cell, printable


def _day(text: str) -> datetime:
    try:
        return datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=UTC)
    except ValueError:
        raise click.BadParameter(f"{text[:40]!r} is no date like 2026-11-25") from None


@click.group()
def policy() -> None:
    """The site's rules: quotas, restrictions, lifetimes."""


@policy.command("test")
@HOME
@click.option(
    "--policy",
    "file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="The rules to try; else those of the home.",
)
@click.option(
    "--request",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A request RSpec to judge as things stand, with --user and --slice.",
)
@click.option("--user", help="Whose request it is: a URN.")
@click.option("--slice", "slice_name", help="The slice it is for: a URN, or a name here.")
@click.option(
    "--events",
    type=_day,
    metavar="DAY",
    help="Judge the recorded calls of a day (UTC), e.g. 2030-01-31, instead.",
)
@click.option("--json", "as_json", is_flag=True, help="For programs.")
@plain_errors
def try_rules(
    home: Path,
    file: Path | None,
    request: Path | None,
    user: str | None,
    slice_name: str | None,
    events: datetime | None,
    *,
    as_json: bool,
) -> None:
    """What rules say to a request, or would have said on a day. Nothing is changed.

    The exit status is 1 when anything would be refused.
    """
    if (request is None) is (events is None):
        raise click.UsageError("give either --request FILE or --events DAY")
    if request is not None and not (user and slice_name):
        raise click.UsageError("--request needs --user URN and --slice URN")
    from gcf_am.cli.trying import try_day, try_file

    if request is not None:
        found = try_file(home, file, request, str(user), str(slice_name))
        (_json if as_json else _show_request)(found)
    else:
        assert events is not None
        found = try_day(home, file, events)
        (_json if as_json else _show_day)(found)
    if found["refused"]:
        raise click.exceptions.Exit(1)


def _json(found: dict[str, Any]) -> None:
    click.echo(json.dumps(found, indent=1))


def _show_request(found: dict[str, Any]) -> None:
    if found["quotas"]:
        table = Table("rule", "who", "counts", "most", "has", "would have", "",
                      box=None, pad_edge=False)  # fmt: skip
        for row in found["quotas"]:
            table.add_row(*(cell(str(value)) for value in row.values()))
        show(table, whole=True)
    if found["refused"]:
        click.echo(printable(f"refused, code {found['code']}: {found['refused']}"))
        return
    click.echo(f"allowed; allocated until {found['allocated_until']}, "
               f"provisioned now until {found['provisioned_until']}")  # fmt: skip


def _show_day(found: dict[str, Any]) -> None:
    for row in found["refused"]:
        click.echo(printable(f"{row['at']} {row['verb']} by {row['user']} in {row['slice']},"
                             f" slivers: {row['slivers']}: {row['refused']}"))  # fmt: skip
    click.echo(f"{len(found['refused'])} of {found['judged']} calls would be refused")
