"""What commands of `gcf-am` have in common: options, and how they end when something is wrong."""

from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Any, Final

import click

from gcf_am.cli.installation import check_libraries
from gcf_am.errors import ConfigError, GcfAmError

HOME: Final = click.option(
    "--home",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path("var"),
    show_default=True,
    help="The directory with the configuration, keys and database.",
)


def plain_errors(command: Callable[..., Any]) -> Callable[..., Any]:
    """End a command with one sentence and status 1 when its files or the libraries are wrong."""

    @wraps(command)
    def run(*args: Any, **kwargs: Any) -> Any:
        try:
            check_libraries()
            return command(*args, **kwargs)
        except GcfAmError as error:
            raise click.ClickException(str(error)) from error

    return run


def new_home_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """The options that shape a home when it is made new, and override it when it is served."""
    for option in (
        click.option("--ch-port", type=click.IntRange(0, 65535), help="The clearinghouse's port."),
        click.option("--port", type=click.IntRange(0, 65535), help="The aggregate's port."),
        click.option("--host", help="The address that both bind."),
        click.option("--driver", help="host, simulated, auto, or another installed one's name."),
        click.option("--authority", help="The authority in all URNs; only for a new home."),
        click.option(
            "--database-url",
            metavar="URL",
            help="sqlite:///FILE, or postgresql://USER@HOST/DATABASE (doc/postgresql.md); only for"
            " a new home.",
        ),
        click.option(
            "--site",
            type=click.Path(exists=True, dir_okay=False, path_type=Path),
            help="The inventory; another aggregate's advertisement is imported first.",
        ),
    ):
        command = option(command)
    return command


def chosen(
    authority: str | None,
    database_url: str | None,
    driver: str | None,
    host: str | None,
    port: int | None,
    ch_port: int | None,
) -> dict[tuple[str, str], object]:
    """The options that were given, by configuration key; raises ConfigError."""
    if port and port == ch_port:
        raise ConfigError(
            f"--port and --ch-port are both {port}: aggregate and clearinghouse need one each"
        )
    given = {
        ("aggregate", "authority"): authority,
        ("store", "url"): database_url,
        ("driver", "name"): driver,
        ("listen", "host"): host,
        ("listen", "port"): port,
        ("clearinghouse", "host"): host,
        ("clearinghouse", "port"): ch_port,
    }
    return {key: value for key, value in given.items() if value is not None}
