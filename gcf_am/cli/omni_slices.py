"""The commands of gcf-omni that ask the clearinghouse."""

from datetime import datetime
from typing import Any

import click

from gcf_am.cli.omni_options import FILES, Settings, moment, with_options
from gcf_am.cli.omni_output import deliver_credential, emit
from gcf_am.cli.omni_session import Session, open_session
from gcf_am.cli.refusing import Sentence
from gcf_am.cli.tables import make_console, place_table, table
from gcf_am.client.credential_file import Credential
from gcf_am.clock import format_time

SLICE = click.argument("slice_name", metavar="SLICE")


def _tell_slice(session: Session, urn: str, credential: Credential) -> None:
    until = format_time(credential.expires)
    if session.settings.json:
        emit({"slice_urn": urn, "expires": until})
    else:
        make_console().print(table(("slice", "until"), [(urn, until)]))


@click.command()
@with_options()
def get_ch_version(settings: Settings) -> None:
    """What the clearinghouse says of itself."""
    value: dict[str, Any] = open_session(settings).clearinghouse.get_version()
    if settings.json:
        emit(value)
    else:
        rows = [(name, str(one)) for name, one in value.items()]
        make_console().print(table(("what", "value"), rows))


@click.command()
@with_options()
def listaggregates(settings: Settings) -> None:
    """The aggregates the clearinghouse knows."""
    places = open_session(settings).clearinghouse.list_aggregates()
    if settings.json:
        emit([{"urn": one.urn, "url": one.url} for one in places])
    else:
        make_console().print(place_table(places))


@click.command()
@with_options(*FILES)
def getusercred(settings: Settings) -> None:
    """Your user credential."""
    session = open_session(settings)
    credential = session.user_credential()
    if settings.json:
        emit(credential.argument())
    else:
        deliver_credential(settings, credential.text, what=f"{session.user.name}-usercred.xml")


@click.command()
@SLICE
@with_options()
def createslice(settings: Settings, slice_name: str) -> None:
    """Make a slice, or find yours of that name."""
    session = open_session(settings)
    urn = session.slice_urn(slice_name)
    _tell_slice(session, urn, session.clearinghouse.create_slice(urn))


@click.command()
@SLICE
@with_options("slicecredfile", *FILES)
def getslicecred(settings: Settings, slice_name: str) -> None:
    """The credential of one of your slices."""
    session = open_session(settings)
    urn = session.slice_urn(slice_name)
    credential = session.slice_credential(urn)
    if settings.json:
        emit(credential.argument())
    else:
        deliver_credential(settings, credential.text, what="cred.xml", slice_name=urn)


@click.command()
@SLICE
@click.argument("until", type=moment, metavar="TIME")
@with_options()
def renewslice(settings: Settings, slice_name: str, until: datetime) -> None:
    """Let a slice live until TIME (UTC)."""
    session = open_session(settings)
    urn = session.slice_urn(slice_name)
    if not session.clearinghouse.renew_slice(urn, until):
        # a slice of somebody else, or none, is told by its credential
        now = format_time(session.slice_credential(urn).expires)
        raise Sentence(
            "gcf-omni",
            f"{urn} lives until {now}; the clearinghouse does not let it live until "
            f"{format_time(until)}: a slice is never shortened, nor outlives your certificate "
            "or the clearinghouse's limit",
        )
    _tell_slice(session, urn, session.slice_credential(urn))


@click.command()
@SLICE
@with_options()
def deleteslice(settings: Settings, slice_name: str) -> None:
    """End a slice; what it holds at aggregates lives on until it is deleted there or expires."""
    session = open_session(settings)
    urn = session.slice_urn(slice_name)
    if not session.clearinghouse.delete_slice(urn):
        raise Sentence("gcf-omni", f"the clearinghouse did not end {urn}: is it yours?")
    if settings.json:
        emit({"slice_urn": urn, "deleted": True})
    else:
        make_console().print(f"{urn} has ended", soft_wrap=True)


@click.command()
@click.argument("user", required=False)
@with_options()
def listslices(settings: Settings, user: str | None) -> None:
    """Your slices, or those of USER (name or URN) where you may see them."""
    session = open_session(settings)
    owner = session.user_urn(user) if user else session.user.text
    urns = session.clearinghouse.list_my_slices(owner)
    if settings.json:
        emit(list(urns))
    else:
        make_console().print(table(("slice", "URN"), [(u.rpartition("+")[2], u) for u in urns]))


@click.command()
@SLICE
@with_options("slicecredfile")
def print_slice_expiration(settings: Settings, slice_name: str) -> None:
    """Until when a slice lives."""
    session = open_session(settings)
    urn = session.slice_urn(slice_name)
    _tell_slice(session, urn, session.slice_credential(urn))


COMMANDS: dict[str, click.Command] = {
    "get_ch_version": get_ch_version,
    "listaggregates": listaggregates,
    "getusercred": getusercred,
    "createslice": createslice,
    "getslicecred": getslicecred,
    "renewslice": renewslice,
    "deleteslice": deleteslice,
    "listslices": listslices,
    "print_slice_expiration": print_slice_expiration,
}
