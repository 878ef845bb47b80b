"""The command of `gcf-am` that counts."""

import json
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

import click
from click.core import ParameterSource
from rich.table import Table

from gcf_am.cli.am_options import HOME, plain_errors
from gcf_am.cli.am_output import show
from gcf_am.cli.printable import cell, printable
from gcf_am.config import FILE
from gcf_am.errors import ConfigError


@click.command()
@HOME
@click.argument("logs", nargs=-1, type=click.Path(allow_dash=True, dir_okay=False))
@click.option("--json", "as_json", is_flag=True, help="For programs.")
@plain_errors
@click.pass_context
def stats(context: click.Context, home: Path, logs: tuple[str, ...], *, as_json: bool) -> None:
    """Slots in use; of LOGS, what servers wrote to standard error, calls by code and steps' seconds.

    Of what is deprecated or removed of the API, how often it was used: look before it goes.

    Provision sets off the step `prepare`, geni_start the step `start`. - is standard input.
    Logs are counted without a home, too; there are no slots then.
    """
    from gcf_am.cli.stats import count, slots

    named = context.get_parameter_source("home") is not ParameterSource.DEFAULT
    held = slots(home) if named or not logs or (home / FILE).exists() else None
    counted = count(_lines(logs))
    calls, steps = counted.calls, counted.steps
    if as_json:
        click.echo(json.dumps({"slots": held, **asdict(counted)}, indent=1))
        return
    if held is not None:
        click.echo(f"slots: {held['used']} used, {held['free']} free")
    if calls:
        table = Table("call", "ok", "failures by code", box=None, pad_edge=False)
        for method, codes in calls.items():
            failed = ", ".join(f"{code}: {number}" for code, number in codes.items() if code)
            table.add_row(cell(method), str(codes.get(0, 0)), failed or "-")
        show(table)
    if steps:
        table = Table("step", "done", "failed", "median s", "longest s", box=None, pad_edge=False)
        for step, row in steps.items():
            table.add_row(step, *("-" if one is None else str(one) for one in row.values()))
        show(table)
    if counted.uses:
        table = Table("element", "is", "calls", box=None, pad_edge=False)
        for state, uses in counted.uses.items():
            for identity, number in uses.items():
                table.add_row(cell(identity), state, str(number))
        show(table)


def _lines(logs: tuple[str, ...]) -> Iterator[str]:
    for log in logs:
        try:
            with click.open_file(log, errors="replace") as stream:
                yield from (line.rstrip("\n") for line in stream)
        except OSError as error:
            raise ConfigError(f"{printable(log)} cannot be read: {error.strerror}") from error
