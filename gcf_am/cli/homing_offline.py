"""gcf-homing validate, solve and explain: templates and advertisements from files."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, NoReturn

import click

from gcf_am.cli.homing_files import (
    included,
    inventories_of,
    parameters_of,
    places_of,
    seats_of,
    text_of,
)
from gcf_am.cli.homing_tables import explanation, findings_lines, recommendations
from gcf_am.cli.printable import printable
from gcf_am.cli.tables import make_console
from gcf_am.homing.finding import TemplateErrors
from gcf_am.homing.inventory.fitting import Advertised
from gcf_am.homing.inventory.gather import gather
from gcf_am.homing.inventory.provider import Context, Fitting
from gcf_am.homing.solution import Solution
from gcf_am.homing.stock import Stock
from gcf_am.homing.template.reading import read_template
from gcf_am.homing.terms import Template

_Command = Callable[..., Any]
# Under the names that Conductor's templates use, too.
_FITTING: Final[dict[str, Fitting]] = {name: Advertised(name) for name in ("am", "sdn-c", "SDN-C")}


@dataclass(frozen=True, slots=True)
class _Given:
    """What the options say."""

    template: str
    param: tuple[str, ...]
    files_anywhere: bool
    ad: tuple[str, ...] = ()
    inventory: tuple[str, ...] = ()
    places: str | None = None
    seats: tuple[str, ...] = ()
    limit: int = 1
    timeout: float = 60.0


def _template_options(command: _Command) -> _Command:
    for option in (
        click.option("--json", "as_json", is_flag=True, help="For programs."),
        click.option(
            "--files-anywhere",
            is_flag=True,
            help="get_file may read outside the template's folder.",
        ),
        click.option("--param", multiple=True, metavar="NAME=VALUE", help="A parameter's value."),
        click.argument("template", type=click.Path(allow_dash=True)),
    ):
        command = option(command)
    return command


def _stock_options(command: _Command) -> _Command:
    file = click.Path(allow_dash=True)
    for option in (
        click.option(
            "--timeout", type=click.FloatRange(0.01, 86400), default=60.0, help="Seconds to search."
        ),
        click.option("--seats", multiple=True, metavar="ID=NUMBER", help="A licence's free seats."),
        click.option("--places", type=file, metavar="FILE", help="A table of places, CSV."),
        click.option(
            "--inventory", multiple=True, metavar="NAME=FILE", help="An inventory of your own."
        ),
        click.option("--ad", multiple=True, type=file, metavar="FILE", help="An advertisement."),
    ):
        command = option(command)
    return command


@click.command()
@_template_options
def validate(*, as_json: bool, **given: Any) -> None:
    """Judge a template: everything that is wrong with it, each with line and column."""
    asked = _Given(**given)
    try:
        template = _read(asked)
    except TemplateErrors as errors:
        _refuse(asked, errors, as_json=as_json)
    if as_json:
        warnings = [one.to_json() for one in template.warnings]
        click.echo(json.dumps({"valid": True, "errors": [], "warnings": warnings}, indent=1))
        return
    for line in findings_lines(asked.template, template.warnings, "warning: "):
        click.echo(line)
    many = len(template.demands)
    click.echo(printable(f"{asked.template}: valid, {many} demand{'s' if many > 1 else ''}"))


@click.command()
@_template_options
@_stock_options
@click.option("--limit", type=click.IntRange(1, 1000), default=1, help="How many solutions.")
def solve(*, as_json: bool, **given: Any) -> None:
    """Find homes in advertisements and inventories from files, without any server."""
    asked = _Given(**given)
    template, _, solution = _solved(asked, as_json=as_json)
    if as_json:
        click.echo(json.dumps(solution.to_json(), indent=1))
    else:
        for line in findings_lines(asked.template, template.warnings, "warning: "):
            click.echo(line, err=True)
        make_console().print(recommendations(solution))
    if solution.status != "solved":
        raise click.exceptions.Exit(1)


@click.command()
@_template_options
@_stock_options
def explain(*, as_json: bool, **given: Any) -> None:
    """Say what each constraint takes out, and which cannot hold together."""
    template, stock, solution = _solved(_Given(**given), as_json=as_json)
    if as_json:
        told = solution.to_json()
        told["removals"] = [
            {"demand": one.demand, "candidate": one.candidate, "by": one.by, "reason": one.reason}
            for one in solution.removals
        ]
        click.echo(json.dumps(told, indent=1))
    else:
        make_console().print(explanation(template, stock, solution))
    if solution.status != "solved":
        raise click.exceptions.Exit(1)


COMMANDS = {"validate": validate, "solve": solve, "explain": explain}


def _read(asked: _Given) -> Template:
    text = text_of(asked.template)
    return read_template(
        text,
        parameters=parameters_of(asked.param),
        files=included(text, asked.template, anywhere=asked.files_anywhere),
        controllers=None if not asked.ad and not asked.inventory else list(_FITTING),
    )


def _solved(asked: _Given, *, as_json: bool) -> tuple[Template, Stock, Solution]:
    # slow to import, and validate does without
    from gcf_am.homing.solve.solving import solve as search

    context = Context()
    try:
        template = _read(asked)
        stock = gather(
            template,
            inventories_of(asked.ad, asked.inventory),
            _FITTING,
            context,
            places=places_of(asked.places),
            seats=seats_of(asked.seats),
        )
    except TemplateErrors as errors:
        _refuse(asked, errors, as_json=as_json)
    return template, stock, search(template, stock, limit=asked.limit, budget=asked.timeout)


def _refuse(asked: _Given, errors: TemplateErrors, *, as_json: bool) -> NoReturn:
    if as_json:
        told = [one.to_json() for one in errors.findings]
        click.echo(json.dumps({"valid": False, "errors": told, "warnings": []}, indent=1))
    else:
        for line in findings_lines(asked.template, errors.findings):
            click.echo(line)
    raise click.exceptions.Exit(1)
