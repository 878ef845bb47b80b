"""gcf-conform: the conformance kit's command."""

from datetime import UTC, datetime
from pathlib import Path
from types import MappingProxyType

import click

from gcf_am import __version__
from gcf_am.cli import conform_reports, conform_showing
from gcf_am.cli.conform_reports import Wanted
from gcf_am.cli.conform_target import Asked, aimed
from gcf_am.cli.refusing import RefusingGroup
from gcf_am.cli.signals import stopped_by_signals
from gcf_am.conformance import checks
from gcf_am.conformance.check import Profile
from gcf_am.conformance.run import Run
from gcf_am.conformance.verdict import Verdict

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


@conform.command()
@click.option("--am", required=True, metavar="URL", help="The aggregate, URL or nickname.")
@click.option("-c", "--config", "configfile", type=_FILE, help="Omni configuration: who asks.")
@click.option("--second", type=_FILE, help="Omni configuration of a second user.")
@click.option("--operator", type=_FILE, help="Omni configuration of who may shut slices down.")
@click.option(
    "--slice-credential",
    "slice_credentials",
    type=_FILE,
    multiple=True,
    help="A slice that is empty at the aggregate, instead of new ones; may be repeated.",
)
@click.option("--user-credential", type=_FILE, help="Ours, instead of asking for one.")
@click.option(
    "--profile",
    type=click.Choice([*map(str, Profile), "all"]),
    default="v3",
    show_default=True,
    help="What it is held to.",
)
@click.option("--only", "areas", multiple=True, metavar="ID", help="Ids that begin so.")
@click.option("--request", type=_FILE, help="What to ask for, instead of what is advertised.")
@click.option("--bound", is_flag=True, help="Name components in requests.")
@click.option("--parallel", is_flag=True, help="Try several checks at once.")
@click.option("--readonly", is_flag=True, help="Reserve nothing.")
@click.option("--schemas", type=click.Path(path_type=Path, file_okay=False, exists=True),
              help="A folder of RSpec schemas to judge by, too.")  # fmt: skip
@click.option("--seconds", default=60.0, show_default=True, help="How long one call may take.")
@click.option("--patience", default=120.0, show_default=True, help="And nodes, to get ready.")
@click.option(
    "--report",
    "reports",
    callback=conform_reports.wanted,
    multiple=True,
    metavar="KIND=FILE",
    help="Write a report: html (a page to send around), junit or json; may be repeated.",
)
@click.pass_context
def run(
    context: click.Context,
    /,
    profile: str,
    areas: tuple[str, ...],
    reports: tuple[Wanted, ...],
    **given: object,
) -> None:
    """Try an aggregate; exit status 0: all held, 1: a MUST failed, 2: it could not be run."""
    started = datetime.now(UTC)
    asked = Asked(**given)  # type: ignore[arg-type]  # click's names are its
    chosen = [
        one
        for one in checks.of(None if profile == "all" else Profile(profile))
        if not areas or one.id.startswith(areas)
    ]
    if not chosen:
        raise click.UsageError("no check has such an id")
    with aimed(asked) as target, stopped_by_signals() as stop:
        target.stop = stop
        with conform_showing.showing(len(chosen)) as show:
            done = Run(target, began=show.began, told=show.told).run(
                chosen, workers=4 if asked.parallel else 1
            )
    conform_showing.ending(done)
    head = conform_reports.header(target, asked, profile, started, done)
    conform_reports.write(reports, head, done)
    failed = any(one.verdict is Verdict.FAIL for one in done.results)
    context.exit(2 if done.stopped else int(failed))


def main() -> None:
    """The command gcf-conform."""
    conform(prog_name="gcf-conform")
