"""`gcf-homing`'s commands for who runs the service."""

from pathlib import Path
from typing import Any, Final

import click

from gcf_am.cli.am_options import HOME


@click.command()
@HOME
@click.option("--host", help="The address to bind.")
@click.option("--port", type=click.IntRange(0, 65535), help="The port.")
@click.option("--debug", is_flag=True, default=None, help="Tell tracebacks in error documents.")
def serve(home: Path, **given: Any) -> None:
    """Serve Homing over TLS, from a home that is there."""
    from gcf_am.app.logs import write_logs
    from gcf_am.cli.homing_serving import serve_homing

    write_logs()
    serve_homing(home, {key: value for key, value in given.items() if value is not None})


@click.command()
@click.password_option(help="The password; else it is asked for.")
def password(password: str) -> None:
    """Print what [homing.passwords] keeps of a password, for HTTP Basic."""
    from gcf_am.homing.api.access import hash_password

    click.echo(f'"{hash_password(password)}"')


COMMANDS: Final[dict[str, click.Command]] = {"serve": serve, "password": password}
