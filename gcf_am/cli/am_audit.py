"""`gcf-am audit`: the log of who did what, and what follows from it."""

import json
from datetime import datetime
from pathlib import Path
from typing import IO

import click

from gcf_am.cli.am_options import HOME, plain_errors
from gcf_am.cli.printable import printable
from gcf_am.clock import parse_time


def _time(_context: click.Context, _option: click.Parameter, value: str | None) -> datetime | None:
    if value is None:
        return None
    try:
        return parse_time(value)
    except ValueError as error:
        raise click.BadParameter(str(error)) from error


@click.group()
def audit() -> None:
    """The log of who did what: export it, prove it, ask it. TIME is like 2030-01-31T12:00:00Z."""


@audit.command()
@HOME
@click.option(
    "--since", metavar="TIME", callback=_time, help="Rows from then on; else from the first."
)
@click.option("--until", metavar="TIME", callback=_time, help="Rows before then; else all.")
@click.option("-o", "--output", type=click.File("w", lazy=True), default="-", help="Where to.")
@plain_errors
def export(home: Path, since: datetime | None, until: datetime | None, output: IO[str]) -> None:
    """Write the sealed rows as JSON lines. Names of people are in them: keep them as such."""
    from gcf_am.cli.auditing import lines

    for line in lines(home, since, until):
        output.write(f"{line}\n")


@audit.command()
@HOME
@plain_errors
def head(home: Path) -> None:
    """Where the log ends now, as NUMBER:HASH; to be noted down where nobody here can change it."""
    from gcf_am.cli.auditing import head_of

    click.echo(str(head_of(home)))


@audit.command()
@HOME
@click.option("--head", "noted", multiple=True, help="A head noted down earlier; may be repeated.")
@click.option(
    "--file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Prove this export instead of the log.",
)
@plain_errors
def verify(home: Path, noted: tuple[str, ...], file: Path | None) -> None:
    """Prove the log's chain. What was changed, removed, inserted or moved is named: status 1."""
    from gcf_am.cli.auditing import prove

    proof = prove(home, noted, file)
    if proof.verdict.seq is not None:
        raise click.ClickException(f"row {proof.verdict.seq} {proof.verdict.what}")
    click.echo("\n".join(proof.lines()))


@audit.command()
@HOME
@click.argument("resource")
@click.option("--at", metavar="TIME", callback=_time, help="When; else now.")
@click.option("--json", "as_json", is_flag=True, help="For programs.")
@plain_errors
def who(home: Path, resource: str, at: datetime | None, *, as_json: bool) -> None:
    """Who held RESOURCE: a component's URN or name, vlan:TAG, an IP or MAC address, host:port."""
    from gcf_am.cli.auditing import holders

    rows = holders(home, resource, at)
    if as_json:
        click.echo(json.dumps(rows, indent=1))
        return
    if not rows:
        click.echo("nobody")
        return
    for row in rows:
        by = row["caller"] or "nobody whom the log still knows"
        by += f" through {row['tool']}" if row["tool"] else ""
        span = f"from {row['from']}" + (f" until {row['until']}" if row["until"] else "")
        click.echo(printable(f"{row['what']} {span}"))
        click.echo(printable(f"  {row['slice']} {row['client_id']}"))
        click.echo(printable(f"  {row['sliver']} allocated by {by}"))


@audit.command()
@HOME
@click.option("--until", metavar="TIME", callback=_time, help="To when; else to the last row.")
@click.option("--json", "as_json", is_flag=True, help="For programs, holds included.")
@plain_errors
def replay(home: Path, until: datetime | None, *, as_json: bool) -> None:
    """The state as the log tells it: slivers, what they hold, slices that are shut down."""
    from gcf_am.cli.auditing import state_of

    state = state_of(home, until)
    if as_json:
        click.echo(json.dumps(state, indent=1))
        return
    before = None
    for row in state["slivers"]:
        if row["slice"] != before:
            click.echo(printable(before := row["slice"]))
        states = f"{row['allocation']} {row['operational']}".replace("geni_", "")
        told = (row["sliver"], row["client_id"], states, "until", row["expires"])
        click.echo(printable("  " + " ".join(told)))
        for component, dimension, amount in row["holds"]:
            click.echo(printable(f"    {amount} {dimension} of {component}"))
    for urn in state["shut_down"]:
        click.echo(printable(f"shut down: {urn}"))


@audit.command("forget-user")
@HOME
@click.argument("urn")
@click.option("--yes", is_flag=True, help="Do not ask.")
@plain_errors
def forget_user(home: Path, urn: str, *, yes: bool) -> None:
    """Erase name, certificates and credentials of a user from the log; it stays provable."""
    from gcf_am.cli.auditing import erase

    if not yes:
        click.confirm(f"Erase {printable(urn)} from the log for good?", abort=True)
    click.echo(f"erased from {erase(home, urn)} rows")
