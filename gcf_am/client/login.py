"""How to log in to a node by what a manifest tells; nothing of it is believed.

A manifest is an aggregate's word: what of it becomes part of a command line is held against what
such a thing may look like, so that a host name is never an option of ssh.
"""

import ipaddress
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from gcf_am.client.shown import ShownNode
from gcf_am.errors import GcfAmError
from gcf_am.urn import Urn

_USER: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]{0,63}", re.ASCII)
_HOST: Final = re.compile(r"[A-Za-z0-9]([A-Za-z0-9.-]{0,252}[A-Za-z0-9])?", re.ASCII)
_NOT_IN_AN_ALIAS: Final = re.compile(r"[^A-Za-z0-9:+._-]", re.ASCII)
_LAST_PORT: Final = 65535


class NoLogin(GcfAmError):
    """The manifest tells no login that could be used."""


@dataclass(frozen=True, slots=True)
class Login:
    """An account on a node; `node` is the sliver, whose SSH host key is remembered by its URN."""

    user: str
    host: str
    port: int
    node: str


def login_of(node: ShownNode, user: Urn, wanted: str | None = None) -> Login:
    """The user's own login to the node, or that of the account `wanted`.

    An account is the user's own when the manifest says so (the user/1 extension), else when it
    has the user's name, else when there is no other. Raises NoLogin.
    """
    there = {one[0]: one for one in node.logins}
    own = [name for urn, name in node.accounts if _is(urn, user)]
    names = [wanted] if wanted else [*own, user.name, user.name.lower()]
    found = next((there[name] for name in names if name in there), None)
    if found is None and len(there) == 1 and not wanted:
        (found,) = there.values()
    if found is None:
        named = ", ".join(sorted(there))
        which = f"no account {wanted}" if wanted else "several accounts and none is yours"
        raise NoLogin(f"{node.client_id} has {which}: {named}; choose one with --login")
    return _checked(node, *found)


def _is(text: str, user: Urn) -> bool:
    try:
        return Urn.parse(text) == user
    except ValueError:
        return False


def _checked(node: ShownNode, user: str, host: str, port: str) -> Login:
    number = int(port) if port.isascii() and port.isdigit() and len(port) < 6 else 0
    if not _USER.fullmatch(user) or not _is_host(host) or not 0 < number <= _LAST_PORT:
        raise NoLogin(
            f"the manifest's login of {node.client_id} is none: {user!r} at {host!r} port {port!r}"
        )
    if host.lower().rstrip(".").endswith(".invalid"):
        # RFC 6761 6.4: no such name ever resolves
        raise NoLogin(f"{node.client_id} is only simulated: nobody can log in to {host}")
    return Login(user, host, number, node.sliver_urn)


def _is_host(host: str) -> bool:
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return _HOST.fullmatch(host) is not None
    # a zone is the name of a link of the caller's own machine, and may hold any character: a
    # ProxyCommand with %h would give it to a shell
    return not (isinstance(address, ipaddress.IPv6Address) and address.scope_id)


def ssh_words(
    login: Login, identities: Sequence[Path], known_hosts: Path, command: Sequence[str]
) -> list[str]:
    """What ssh is called with, its own name first; source: ssh(1), ssh_config(5).

    A node's key is remembered at its first login by its sliver's URN, not by an address and port
    that the next node gets, in a file of its own; a key that changes while the sliver lives is
    refused.
    """
    options = {
        "HostKeyAlias": _NOT_IN_AN_ALIAS.sub("_", login.node),
        "UserKnownHostsFile": _quoted(known_hosts),
        "StrictHostKeyChecking": "accept-new",
        "HashKnownHosts": "no",
        "PreferredAuthentications": "publickey",
    }
    if identities:
        options["IdentitiesOnly"] = "yes"
    told = [word for name, value in options.items() for word in ("-o", f"{name}={value}")]
    told += [word for one in identities for word in ("-o", f"IdentityFile={_quoted(one)}")]
    return ["ssh", *told, "-p", str(login.port), "-l", login.user, "--", login.host, *command]


def _quoted(path: Path) -> str:
    """A path as ssh reads it: in quotes, where a percent sign begins no token."""
    return '"{}"'.format(str(path).replace("%", "%%"))
