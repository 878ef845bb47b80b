"""`gcf-ch`: aggregates, and what others get of the clearinghouse."""

from contextlib import closing
from pathlib import Path
from typing import Final

import click

from gcf_am.clearinghouse import backup as backups
from gcf_am.clearinghouse import export
from gcf_am.clearinghouse import home as homes
from gcf_am.clearinghouse.places import Places
from gcf_am.clearinghouse.register import Register
from gcf_am.clearinghouse.revoking import write_lists
from gcf_am.clearinghouse.settings import read_settings
from gcf_am.cli.ch_options import DIRECTORY, FILE, HOME
from gcf_am.clock import SystemClock
from gcf_am.errors import ConfigError
from gcf_am.trust.certificates import load_chain, write_chain
from gcf_am.trust.refusal import Refusal
from gcf_am.urn import Urn


@click.command("add-aggregate")
@HOME
@click.argument("url")
@click.option("--urn", "text", metavar="URN", help="The aggregate's URN.")
@click.option(
    "--make",
    type=DIRECTORY,
    metavar="DIR",
    help="Make its certificate, key and trusted roots there instead.",
)
@click.option("--name", default="am1", show_default=True, help="With --make: its part of the URN.")
@click.option("--host", "hosts", multiple=True, help="With --make: a name or address of its.")
@click.option("--certificate", type=FILE, help="Its certificate, for who looks it up.")
@click.option("--title", default="", help="What people call it.")
@click.option("--nickname", default="", help="A short name for it.")
@click.option("--description", default="", help="What it is.")
def add_aggregate(
    home: Path,
    url: str,
    text: str | None,
    make: Path | None,
    name: str,
    hosts: tuple[str, ...],
    *,
    certificate: Path | None,
    title: str,
    nickname: str,
    description: str,
) -> None:
    """Let clients know of an aggregate at URL."""
    if (text is None) == (make is None):
        raise click.UsageError("say either --urn or --make")
    if make is not None:
        urn = homes.make_aggregate(home, name, make, hosts=hosts)
        certificate = certificate or make / "am-cert.pem"
    else:
        urn = _urn(text or "")
    homes.add_aggregate(
        home,
        urn,
        url,
        name=title,
        short_name=nickname,
        description=description,
        certificate="" if certificate is None else _pem(certificate),
    )
    click.echo(f"{urn} is known at {url}")


@click.command("remove-aggregate")
@HOME
@click.argument("urn")
def remove_aggregate(home: Path, urn: str) -> None:
    """Let clients know of an aggregate no more."""
    if not homes.remove_aggregate(home, _urn(urn)):
        raise ConfigError(f"no aggregate {urn} is known here")
    click.echo(f"{urn} is known no more")


@click.command()
@HOME
@click.option("--out", type=FILE, help="The file, instead of the one in trusted_roots/.")
def crl(home: Path, *, out: Path | None) -> None:
    """Write the revocation lists of root, SA and MA into one file (PEM).

    They are fresh for a week; `gcf-ch serve` and `gcf-am up` write the one in trusted_roots/ anew
    in time. Aggregates elsewhere need a copy in their trusted_roots/.
    """
    places = Places(home)
    read_settings(places.settings)
    with closing(Register(places.database)) as register:
        file = write_lists(home, register, out, now=SystemClock().now())
    click.echo(f"the revocation lists are in {file}")


@click.command("export-trust")
@HOME
@click.argument("directory", type=DIRECTORY)
def export_trust(home: Path, directory: Path) -> None:
    """Write what an aggregate needs to trust this clearinghouse into DIRECTORY."""
    export.export_trust(home, directory)
    click.echo(f"{directory} holds root, SA, MA and the revocation lists")


@click.command("export-geni-lib")
@HOME
@click.argument("user")
@click.argument("directory", type=DIRECTORY)
@click.option("--url", default="", help="Where the clearinghouse answers, with a slash at its end.")
def export_geni_lib(home: Path, user: str, directory: Path, *, url: str) -> None:
    """Write geni-lib's framework for this clearinghouse and the user's credentials.

    With `context.datadir = DIRECTORY` geni-lib 0.9.9.4 finds the credentials there.
    """
    for file in export.export_geni_lib(home, user, directory, url=url):
        click.echo(str(file))


@click.command()
@HOME
@click.argument("directory", type=DIRECTORY)
def backup(home: Path, directory: Path) -> None:
    """Copy database, keys and settings into a new DIRECTORY, also while they are in use."""
    click.echo(f"{backups.back_up(home, directory)} is a copy that can be served")


def _urn(text: str) -> Urn:
    try:
        return Urn.parse(text)
    except ValueError as error:
        raise ConfigError(str(error)) from None


def _pem(file: Path) -> str:
    try:
        return write_chain(load_chain(file.read_bytes())[:1])
    except (OSError, Refusal) as error:
        raise ConfigError(f"{file} is no certificate: {error}") from error


FEDERATION: Final = (
    add_aggregate,
    remove_aggregate,
    crl,
    export_trust,
    export_geni_lib,
    backup,
)
