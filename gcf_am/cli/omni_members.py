"""The commands of gcf-omni about people: members of slices, keys, projects.

They speak the Federation API, at SA and MA beside the clearinghouse's own URL.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import click

from gcf_am.cli.omni_options import Settings, with_options
from gcf_am.cli.omni_output import emit
from gcf_am.cli.omni_session import Session, open_session
from gcf_am.cli.omni_slices import SLICE
from gcf_am.cli.tables import make_console, table
from gcf_am.client.answers import BadAnswer, member

_USER = click.argument("user", metavar="USER")


def _tell(session: Session, names: Sequence[str], rows: Sequence[Mapping[str, Any]]) -> None:
    """Rows as a table of these members; as JSON whole."""
    if session.settings.json:
        emit(list(rows))
        return
    shown = [tuple(str(row.get(name, "")) for name in names) for row in rows]
    heads = tuple(name.partition("_")[2].lower().replace("_", " ") for name in names)
    make_console().print(table(heads, shown))


def _rows(value: object) -> list[Mapping[str, Any]]:
    if not isinstance(value, list) or not all(isinstance(one, dict) for one in value):
        raise BadAnswer("the authority did not answer a list of structs")
    return value


@click.command()
@SLICE
@with_options()
def listslicemembers(settings: Settings, slice_name: str) -> None:
    """Who is a member of a slice, as what."""
    session = open_session(settings)
    urn = session.slice_urn(slice_name)
    rows = _rows(session.authority("SA").call("lookup_members", "SLICE", urn, [], {}))
    _tell(session, ("SLICE_MEMBER", "SLICE_ROLE"), rows)


@click.command()
@SLICE
@_USER
@click.argument("role", default="MEMBER")
@with_options()
def addslicemember(settings: Settings, slice_name: str, user: str, role: str) -> None:
    """Make USER (name or URN) a member of a slice: ADMIN, MEMBER or AUDITOR."""
    session = open_session(settings)
    row = {"SLICE_MEMBER": session.user_urn(user), "SLICE_ROLE": role.upper()}
    _modify(session, slice_name, {"members_to_add": [row]})


@click.command()
@SLICE
@_USER
@with_options()
def removeslicemember(settings: Settings, slice_name: str, user: str) -> None:
    """Let USER (name or URN) be a member of a slice no more."""
    session = open_session(settings)
    _modify(session, slice_name, {"members_to_remove": [session.user_urn(user)]})


def _modify(session: Session, slice_name: str, options: dict[str, object]) -> None:
    urn = session.slice_urn(slice_name)
    authority = session.authority("SA")
    authority.call("modify_membership", "SLICE", urn, [], options)
    rows = _rows(authority.call("lookup_members", "SLICE", urn, [], {}))
    _tell(session, ("SLICE_MEMBER", "SLICE_ROLE"), rows)


@click.command()
@click.argument("user", required=False)
@with_options()
def listkeys(settings: Settings, user: str | None) -> None:
    """The SSH public keys that the clearinghouse knows of you, or of USER."""
    session = open_session(settings)
    urn = session.user_urn(user) if user else session.user.text
    found = session.authority("MA").lookup("KEY", {"KEY_MEMBER": urn})
    rows = [{"KEY_PUBLIC": member(one, "KEY_PUBLIC", str, "a key")} for one in found.values()]
    _tell(session, ("KEY_PUBLIC",), rows)


@click.command()
@with_options()
def listprojects(settings: Settings) -> None:
    """The projects that you are a member of."""
    session = open_session(settings)
    mine = session.authority("SA").call("lookup_for_member", "PROJECT", session.user.text, [], {})
    living = [one for one in _rows(mine) if not one.get("EXPIRED")]
    _tell(session, ("PROJECT_URN", "PROJECT_ROLE"), living)


COMMANDS: dict[str, click.Command] = {
    "listslicemembers": listslicemembers,
    "addslicemember": addslicemember,
    "removeslicemember": removeslicemember,
    "listkeys": listkeys,
    "listprojects": listprojects,
}
