"""What gcf-conform's run, record and replay do."""

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

import click

from gcf_am import __version__
from gcf_am.cli import conform_reports, conform_showing
from gcf_am.cli.conform_reports import Wanted
from gcf_am.cli.conform_target import Asked, aimed
from gcf_am.cli.signals import stopped_by_signals
from gcf_am.conformance import checks
from gcf_am.conformance.cassette import read_cassette, recorded, write_cassette
from gcf_am.conformance.check import Check, Profile
from gcf_am.conformance.report.matrix import conforms
from gcf_am.conformance.run import Outcome, Run
from gcf_am.conformance.tape import Recording

# checks at once with --parallel
_WORKERS: Final = 4


def run(
    *,
    cassette: Path | None,
    profile: str,
    areas: tuple[str, ...],
    reports: tuple[Wanted, ...],
    **given: Any,
) -> int:
    """Try an aggregate; the exit status. Raises what the configuration or the network does."""
    started = datetime.now(UTC)
    asked = Asked(**given)
    chosen = [
        one
        for one in checks.of(None if profile == "all" else Profile(profile))
        if not areas or one.id.startswith(areas)
    ]
    if not chosen:
        held = "" if profile == "all" else f" of profile {profile}"
        raise click.UsageError(f"no check{held} has an id that begins so")
    tapes = {one.id: Recording() for one in chosen}
    with aimed(asked) as target, stopped_by_signals() as stop:
        target.stop = stop
        with conform_showing.showing(len(chosen)) as show:
            trying = Run(target, tape=lambda one: tapes[one.id], began=show.began, told=show.told)
            trying.reach()
            outcome = trying.run(chosen, workers=_WORKERS if asked.parallel else 1)
        told = {
            "version": __version__,
            "profile": profile,
            "options": conform_reports.told_options(asked, outcome),
            "started": started.isoformat(),
            "seconds": round(outcome.seconds, 3),
        }
        if cassette is not None:
            write_cassette(cassette, recorded(target, tapes, outcome, told))
        conform_showing.ending(outcome)
        conform_reports.write(reports, conform_reports.header(target, told), outcome)
    return _status(outcome)


def replay(file: Path, schemas: Path | None, reports: tuple[Wanted, ...]) -> int:
    """Judge a cassette; the exit status. What is judged otherwise than then is told."""
    cassette = read_cassette(file)
    chosen: Sequence[Check] = [one for one in checks.ALL if one.id in cassette.checks]
    unknown = cassette.checks.keys() - {one.id for one in chosen}
    with TemporaryDirectory(prefix="gcf-conform-") as folder:
        target = cassette.target(Path(folder), schemas)
        with conform_showing.showing(len(chosen)) as show:
            outcome = Run(
                target,
                tape=lambda one: cassette.tape(one.id),
                began=show.began,
                told=show.told,
            ).run(chosen)
    conform_showing.ending(outcome)
    for one in outcome.results:
        then = cassette.verdicts.get(one.check.id, "")
        if then != one.verdict:
            click.echo(f"{one.check.id}: {one.verdict} now, {then or 'not judged'} then", err=True)
    for name in sorted(unknown):
        click.echo(f"{name}: recorded, but this kit has no such check", err=True)
    head = conform_reports.header(target, cassette.run, replayed=True)
    conform_reports.write(reports, head, outcome)
    return _status(outcome)


def _status(outcome: Outcome) -> int:
    if outcome.stopped:
        return 2
    return int(not conforms(outcome.results))
