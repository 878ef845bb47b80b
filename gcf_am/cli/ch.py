"""gcf-ch: the clearinghouse on its own, for its operator."""

import signal
from pathlib import Path
from typing import Final

import click

from gcf_am import __version__
from gcf_am.clearinghouse import home as homes
from gcf_am.clearinghouse.places import Places
from gcf_am.clearinghouse.settings import read_settings
from gcf_am.cli.ch_federation import FEDERATION
from gcf_am.cli.ch_options import HOME
from gcf_am.cli.ch_people import PEOPLE
from gcf_am.cli.installation import check_libraries
from gcf_am.cli.refusing import RefusingGroup
from gcf_am.errors import ConfigError

_LARGEST_PORT: Final = 65535
_STOP_SECONDS: Final = 10.0


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
    from gcf_am.app.logs import write_logs
    from gcf_am.clearinghouse.application import make_application
    from gcf_am.xmlrpc.server import HttpLimits, Server, bind

    write_logs()
    settings = read_settings(Places(home).settings)
    address = host or settings.host
    chosen = settings.port if port is None else port
    try:
        listen = bind(address, chosen)
    except OSError as error:
        raise ConfigError(f"{address} port {chosen} cannot be had: {error.strerror}") from error
    stops = {signal.SIGINT, signal.SIGTERM}
    # blocked in every thread that starts now, so that this one gets them
    signal.pthread_sigmask(signal.SIG_BLOCK, stops)
    with listen:
        shown = f"[{address}]" if ":" in address else address
        url = f"https://{shown}:{listen.getsockname()[1]}/"
        server = Server(make_application(home, url), listen, HttpLimits())
        server.start()
        click.echo(f"ready: {url}")
        signal.sigwait(stops)
        server.stop(_STOP_SECONDS)


for one in (*PEOPLE, *FEDERATION):
    ch.add_command(one)


def main() -> None:
    """The command gcf-ch."""
    ch(prog_name="gcf-ch")
