"""gcf-ch: the clearinghouse on its own, for its operator."""

import logging
import signal
import sys
from pathlib import Path
from typing import Final

import click

from gcf_am import __version__
from gcf_am.clearinghouse import home as homes
from gcf_am.clearinghouse.places import Places
from gcf_am.clearinghouse.settings import read_settings
from gcf_am.cli.installation import check_libraries
from gcf_am.cli.refusing import RefusingGroup
from gcf_am.errors import ConfigError
from gcf_am.urn import Urn

_LARGEST_PORT: Final = 65535
_STOP_SECONDS: Final = 10.0
HOME = click.option(
    "--home",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("var"),
    show_default=True,
    help="The directory where everything lies.",
)


class ClearinghouseGroup(RefusingGroup):
    """The operator's commands."""

    program = "gcf-ch"


@click.group(cls=ClearinghouseGroup)
@click.version_option(__version__, prog_name="gcf-ch")
def ch() -> None:
    """A clearinghouse: it knows users, makes slices and signs their credentials."""


@ch.command()
@HOME
@click.option("--authority", default="gcf.local", show_default=True, help="In all URNs; no colon.")
@click.option("--user", "users", multiple=True, metavar="NAME", help="Make this user; repeatable.")
@click.option(
    "--operator", "operators", multiple=True, metavar="NAME", help="The same, an operator."
)
@click.option("--host", "hosts", multiple=True, help="A name or address its server answers at.")
def init(
    home: Path,
    authority: str,
    users: tuple[str, ...],
    operators: tuple[str, ...],
    hosts: tuple[str, ...],
) -> None:
    """Make authorities, keys and database; what is there is kept."""
    homes.create(
        home, authority=authority, users=(*users, *operators), operators=operators, hosts=hosts
    )
    click.echo(f"{home} is a clearinghouse of the authority {authority}")


@ch.command()
@HOME
@click.option("--host", help="The address to bind, instead of the settings'.")
@click.option("--port", type=click.IntRange(0, _LARGEST_PORT), help="The port, likewise.")
def serve(home: Path, host: str | None, port: int | None) -> None:
    """Serve until Ctrl-C."""
    check_libraries()
    # what a server needs is not loaded for the other commands
    from gcf_am.clearinghouse.application import make_application
    from gcf_am.xmlrpc.server import HttpLimits, Server, bind

    logging.basicConfig(stream=sys.stderr, format="%(asctime)s %(levelname)s %(message)s")
    settings = read_settings(Places(home).settings)
    address = host or settings.host
    chosen = settings.port if port is None else port
    application = make_application(home)
    try:
        listen = bind(address, chosen)
    except OSError as error:
        raise ConfigError(f"{address} port {chosen} cannot be had: {error.strerror}") from error
    stops = {signal.SIGINT, signal.SIGTERM}
    # blocked in every thread that starts now, so that this one gets them
    signal.pthread_sigmask(signal.SIG_BLOCK, stops)
    with listen:
        server = Server(application, listen, HttpLimits())
        server.start()
        shown = f"[{address}]" if ":" in address else address
        click.echo(f"ready: https://{shown}:{listen.getsockname()[1]}/")
        signal.sigwait(stops)
        server.stop(_STOP_SECONDS)


@ch.command("add-user")
@HOME
@click.argument("name")
@click.option("--email", help="For the certificate.")
@click.option("--operator", is_flag=True, help="May see everybody's slices.")
def add_user(home: Path, name: str, *, email: str | None, operator: bool) -> None:
    """Make certificate and key of a user; what is there is kept."""
    certificate = homes.add_user(home, name, operator=operator, email=email)
    click.echo(f"{name} has {certificate} and the key beside it")


@ch.command("add-aggregate")
@HOME
@click.argument("url")
@click.option("--urn", "text", metavar="URN", help="The aggregate's URN.")
@click.option(
    "--make",
    type=click.Path(path_type=Path, file_okay=False),
    metavar="DIR",
    help="Make its certificate, key and trusted roots there instead.",
)
@click.option("--name", default="am1", show_default=True, help="With --make: its part of the URN.")
@click.option("--host", "hosts", multiple=True, help="With --make: a name or address of its.")
def add_aggregate(
    home: Path, url: str, text: str | None, make: Path | None, name: str, hosts: tuple[str, ...]
) -> None:
    """Let clients know of an aggregate at URL."""
    if (text is None) == (make is None):
        raise click.UsageError("say either --urn or --make")
    if make is not None:
        urn = homes.make_aggregate(home, name, make, hosts=hosts)
    else:
        try:
            urn = Urn.parse(text or "")
        except ValueError as error:
            raise ConfigError(str(error)) from None
    homes.add_aggregate(home, urn, url)
    click.echo(f"{urn} is known at {url}")


def main() -> None:
    """The command gcf-ch."""
    ch(prog_name="gcf-ch")
