"""gcf-conform: the conformance kit's command."""

from collections.abc import Callable
from functools import reduce
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final, TypeVar

import click

from gcf_am import __version__
from gcf_am.cli import conform_reports, conform_running, conform_target
from gcf_am.cli.conform_reports import Wanted
from gcf_am.cli.refusing import RefusingGroup
from gcf_am.conformance import checks
from gcf_am.conformance.check import Profile

F = TypeVar("F", bound=Callable[..., Any])
_FILE = click.Path(path_type=Path, dir_okay=False, exists=True)


class ConformGroup(RefusingGroup):
    """The kit's commands; what keeps one from running ends with the exit status 2."""

    program = "gcf-conform"
    aliases = MappingProxyType({})
    status = 2


@click.group(cls=ConformGroup)
@click.version_option(__version__, prog_name="gcf-conform")
def conform() -> None:
    """Hold an aggregate against the AM API: see what it promises, and whether it keeps it."""


_ASKING: Final = (
    click.option("--am", required=True, metavar="URL", help="The aggregate, URL or nickname."),
    click.option("-c", "--config", "configfile", type=_FILE, help="Omni configuration: who asks."),
    click.option("--second", type=_FILE, help="Omni configuration of a second user."),
    click.option("--operator", type=_FILE, help="Omni configuration of who may shut slices down."),
    click.option(
        "--slice-credential",
        "slice_credentials",
        type=_FILE,
        multiple=True,
        help="A slice that is empty at the aggregate, instead of new ones; may be repeated.",
    ),
    click.option(
        "--certificate",
        "certificates",
        callback=conform_target.certificates,
        multiple=True,
        metavar="KIND=CERT,KEY",
        help="A certificate of the federation's: an authority (CA), or expired, or nameless.",
    ),
    click.option("--user-credential", type=_FILE, help="Ours, instead of asking for one."),
    click.option(
        "--profile",
        type=click.Choice([*map(str, Profile), "all"]),
        default="v3",
        show_default=True,
        help="What it is held to.",
    ),
    click.option("--only", "areas", multiple=True, metavar="ID", help="Ids that begin so."),
    click.option("--request", type=_FILE, help="What to ask for, instead of what is advertised."),
    click.option("--bound", is_flag=True, help="Name components in requests."),
    click.option("--parallel", is_flag=True, help="Try several checks at once."),
    click.option("--readonly", is_flag=True, help="Reserve nothing."),
    click.option("--seconds", default=60.0, show_default=True, help="How long one call may take."),
    click.option("--patience", default=120.0, show_default=True, help="And nodes, to get ready."),
)
_JUDGING: Final = (
    click.option(
        "--schemas",
        type=click.Path(path_type=Path, file_okay=False, exists=True),
        help="A folder of RSpec schemas to judge by, too.",
    ),
    click.option(
        "--report",
        "reports",
        callback=conform_reports.wanted,
        multiple=True,
        metavar="KIND=FILE",
        help="Write a report: html (a page to send around), junit or json; may be repeated.",
    ),
)


def _with(*options: Callable[[F], F]) -> Callable[[F], F]:
    """A command with these options, in this order."""
    return lambda command: reduce(lambda made, one: one(made), reversed(options), command)


@conform.command()
@_with(*_ASKING, *_JUDGING)
@click.pass_context
def run(context: click.Context, /, **given: Any) -> None:
    """Try an aggregate; exit status 0: all held, 1: a MUST failed, 2: it could not be run."""
    context.exit(conform_running.run(cassette=None, **given))


@conform.command()
@_with(*_ASKING, *_JUDGING)
@click.option(
    "--cassette",
    required=True,
    type=click.Path(path_type=Path, dir_okay=False, writable=True),
    help="Where to write what the aggregate answered; it holds no secrets.",
)
@click.pass_context
def record(context: click.Context, /, cassette: Path, **given: Any) -> None:
    """The same as run, and keep the answers, to be judged again by replay."""
    context.exit(conform_running.run(cassette=cassette, **given))


@conform.command()
@click.argument("cassette", type=_FILE)
@_with(*_JUDGING)
@click.pass_context
def replay(
    context: click.Context, /, cassette: Path, schemas: Path | None, reports: tuple[Wanted, ...]
) -> None:
    """Judge recorded answers again; nobody is asked. Exit status as with run."""
    context.exit(conform_running.replay(cassette, schemas, reports))


@conform.command("list")
def list_checks() -> None:
    """All checks: id, how much it binds, profiles, the rule and its clause."""
    for one in checks.ALL:
        profiles = ", ".join(sorted(one.profiles))
        click.echo(f"{one.id} ({one.severity}; {profiles}): {one.rule} [{one.clause}]")


def main() -> None:
    """The command gcf-conform."""
    conform(prog_name="gcf-conform")
