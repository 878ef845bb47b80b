"""Options that commands of gcf-ch share."""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import click

from gcf_am.clock import parse_time

HOME = click.option(
    "--home",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("var"),
    show_default=True,
    help="The directory where everything lies.",
)
FILE: Any = click.Path(path_type=Path, dir_okay=False)
DIRECTORY: Any = click.Path(path_type=Path, file_okay=False)


def moment(
    _context: click.Context, _parameter: click.Parameter, text: str | None
) -> datetime | None:
    """A date and time; without a zone it is UTC."""
    try:
        return None if text is None else parse_time(text)
    except ValueError as error:
        raise click.BadParameter(str(error)) from None


def with_words(command: Callable[..., None]) -> Callable[..., None]:
    """What can be said of a user."""
    for option in (
        click.option("--pi/--no-pi", "makes_projects", default=None, help="May make projects."),
        click.option(
            "--operator/--no-operator", default=None, help="May see and run everybody's slices."
        ),
        click.option("--last-name", help="For who may know it."),
        click.option("--first-name", help="For who may know it."),
        click.option("--email", help="For the certificate, and for who may know it."),
    ):
        command = option(command)
    return command
