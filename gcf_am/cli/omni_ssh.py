"""gcf-omni ssh: a shell on a node of a slice, by the login that the manifest tells."""

import os
import shutil
import sys
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

import click

from gcf_am.cli.omni_options import AGGREGATE, Settings, with_options
from gcf_am.cli.omni_output import emit
from gcf_am.cli.omni_session import Session, open_session
from gcf_am.cli.omni_slices import SLICE
from gcf_am.client.answers import CallRefused
from gcf_am.client.login import NoLogin, login_of, ssh_words
from gcf_am.client.omni_config import find_omni_config
from gcf_am.client.shown import ShownNode, nodes_of
from gcf_am.errors import ConfigError, GcfAmError

_NOTHING_THERE = 12  # SEARCHFAILED: the slice has nothing at this aggregate
# What may give a node a login, by its operational state; in others geni_start.
_MAKE_LOGINS: Final = {
    "geni_ready": "geni_update_users",
    "geni_failed": "geni_restart` or, with a fresh disk, `geni_reload",
}


@dataclass(frozen=True, slots=True)
class _Seen:
    """A node that an aggregate told of, and its operational state."""

    node: ShownNode
    state: str
    where: str


@click.command()
@SLICE
@click.argument("node")
@click.argument("command", nargs=-1, type=click.UNPROCESSED)
@click.option("-l", "--login", metavar="NAME", help="The account; else your own.")
@click.option(
    "-i",
    "--identity",
    type=click.Path(path_type=Path, dir_okay=False, exists=True),
    help="The SSH private key; else those of the configuration.",
)
@with_options(*AGGREGATE, "slicecredfile")
def ssh(
    settings: Settings,
    slice_name: str,
    node: str,
    command: tuple[str, ...],
    login: str | None,
    identity: Path | None,
) -> None:
    """A shell on NODE (client_id or sliver URN), or after -- a COMMAND that runs there.

    The exit status is that of ssh. With --json nothing is opened: it prints how it would be.
    """
    session = open_session(settings)
    seen = _find(session, session.slice_urn(slice_name), node)
    if not seen.node.logins:
        action = _MAKE_LOGINS.get(seen.state, "geni_start")
        raise NoLogin(
            f"{seen.node.client_id} is {seen.state or 'in no state'} and has no login: "
            f"`gcf-omni performoperationalaction {slice_name} {action}` may give it one"
        )
    way = login_of(seen.node, session.user, login)
    words = ssh_words(way, _identities(session, identity), _known_hosts(settings), command)
    if settings.json:
        emit({**asdict(way), "command": words})
        return
    program = shutil.which("ssh")
    if program is None:
        raise ConfigError("there is no ssh (Debian: openssh-client)")
    sys.stdout.flush()
    os.execv(program, words)  # noqa: S606 - no shell: words stay words


def _find(session: Session, slice_urn: str, name: str) -> _Seen:
    """The one node of this name at the aggregates that are asked; raises NoLogin."""
    seen, troubles = _nodes(session, slice_urn)
    found = [one for one in seen if name in {one.node.client_id, one.node.sliver_urn}]
    if len(found) == 1:
        return found[0]
    if found:
        places = ", ".join(one.where for one in found)
        raise NoLogin(f"{name} is a node at {places}: choose one with -a")
    if troubles:
        raise NoLogin("; ".join(troubles))
    names = ", ".join(one.node.client_id for one in seen) or "none"
    raise NoLogin(f"{slice_urn} has no node {name}; there are: {names}")


def _nodes(session: Session, slice_urn: str) -> tuple[list[_Seen], list[str]]:
    """All nodes of the slice, and what aggregates said that told none."""
    seen: list[_Seen] = []
    troubles: list[str] = []
    credentials = [session.slice_credential(slice_urn)]
    for place in session.places():
        where = session.config.nickname(place.url)
        try:
            answer = session.aggregate(place).describe([slice_urn], credentials)
            nodes = nodes_of(answer.rspec)
        except GcfAmError as error:
            if not isinstance(error, CallRefused) or error.code != _NOTHING_THERE:
                troubles.append(f"{where}: {error}")
            continue
        states = {one.urn: one.operational for one in answer.slivers}
        seen += [_Seen(node, states.get(node.sliver_urn, ""), where) for node in nodes]
    return seen, troubles


def _identities(session: Session, named: Path | None) -> list[Path]:
    """The private keys to try: beside the user's public ones, and that of the certificate."""
    if named is not None:
        return [named]
    people = session.config.people
    own = [one for one in people if one.urn == session.user.text] or people
    beside = [file.with_suffix("") for one in own for file in one.keys if file.suffix == ".pub"]
    return [one for one in (*beside, session.identity.key) if one.is_file()]


def _known_hosts(settings: Settings) -> Path:
    """Where nodes' keys are remembered: beside the configuration, never among the user's own."""
    config = find_omni_config(settings.configfile).resolve()
    return config.with_name(f"{config.name}.known_hosts")


COMMANDS: dict[str, click.Command] = {"ssh": ssh}
