"""`gcf-ch`: users, their certificates, and projects."""

from datetime import datetime
from pathlib import Path
from typing import Any, Final

import click

from gcf_am.clearinghouse import people, revoking
from gcf_am.cli.ch_options import FILE, HOME, moment, with_words
from gcf_am.trust.revocation_list import REASONS


@click.command("add-user")
@HOME
@click.argument("name")
@click.option("--new-key", is_flag=True, help="Another key and certificate, for a lost one.")
@with_words
def add_user(home: Path, name: str, *, new_key: bool, **words: Any) -> None:
    """Make certificate and key of a user; what is there is kept."""
    certificate = people.add_user(home, name, people.Words(**words), new_key=new_key)
    click.echo(f"{name} has {certificate} and the key beside it")


@click.command()
@HOME
@click.argument("name")
@click.argument("request", type=FILE, metavar="CSR")
@click.option("--out", type=FILE, help="Where the certificate goes, instead of certs/.")
@with_words
def enroll(home: Path, name: str, request: Path, *, out: Path | None, **words: Any) -> None:
    """Certify a user's key, which the user keeps: CSR is a request (PKCS #10, PEM).

    Of the request only the key counts, which its signature proves to be the user's:

        openssl req -new -newkey rsa:2048 -nodes -keyout key.pem -subj /CN=me -out me.csr
    """
    certificate = people.enroll(home, name, request, words=people.Words(**words), out=out)
    click.echo(f"{name} has {certificate}; the key stays where the request was made")


@click.command()
@HOME
@click.argument("name", required=False)
@click.option("--certificate", type=FILE, help="Revoke the certificate in this file instead.")
@click.option(
    "--reason", type=click.Choice(tuple(REASONS)), default="unspecified", show_default=True
)
def revoke(home: Path, name: str | None, *, certificate: Path | None, reason: str) -> None:
    """Revoke every certificate of the user NAME, and write the revocation lists.

    Aggregates that read trusted_roots/ of this home follow within a second.
    """
    if (name is None) == (certificate is None):
        raise click.UsageError("say either NAME or --certificate")
    if name is not None:
        count = revoking.revoke_user(home, name, reason)
        click.echo(f"{name}: {count} certificates were revoked now")
    elif certificate is not None:
        click.echo(f"revoked: {revoking.revoke_certificate(home, certificate, reason)}")


@click.command()
@HOME
@click.argument("name")
def disable(home: Path, name: str) -> None:
    """Let a user call no more; certificates and credentials stay valid at aggregates."""
    people.enable(home, name, enabled=False)
    click.echo(f"{name} is disabled; `gcf-ch revoke` also shuts aggregates")


@click.command()
@HOME
@click.argument("name")
def enable(home: Path, name: str) -> None:
    """Let a user who was disabled call again."""
    people.enable(home, name, enabled=True)
    click.echo(f"{name} is enabled")


@click.command("add-project")
@HOME
@click.argument("name")
@click.argument("lead")
@click.option("--until", callback=moment, metavar="TIME", help="When it ends; else it does not.")
@click.option("--description", default="", help="What it is for.")
def add_project(
    home: Path, name: str, lead: str, *, until: datetime | None, description: str
) -> None:
    """Make a project that the user LEAD leads."""
    urn = people.add_project(home, name, lead, until=until, description=description)
    click.echo(f"{urn} is led by {lead}")


PEOPLE: Final = (add_user, enroll, revoke, disable, enable, add_project)
