"""geni_users: experimenters become accounts on nodes."""

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from gcf_am.errors import BadArgs
from gcf_am.model.sliver import Login
from gcf_am.trust.ssh_keys import judge_key
from gcf_am.urn import Urn

_NOT_IN_A_NAME: Final = re.compile(r"[^a-z0-9_-]+", re.ASCII)
_LONGEST: Final = 32
# Every node keeps and shows all of its accounts, and Provision makes them for every node.
MOST_USERS: Final = 100
MOST_KEYS: Final = 64 * 1024  # characters, of all users together
# Names that machines have accounts by already; they are given to nobody.
_TAKEN_BY_SYSTEMS: Final = frozenset(
    [
        "root",
        "toor",
        "admin",
        "administrator",
        "adm",
        "bin",
        "daemon",
        "sys",
        "sync",
        "games",
        "man",
        "lp",
        "mail",
        "news",
        "uucp",
        "proxy",
        "operator",
        "backup",
        "list",
        "irc",
        "gnats",
        "nobody",
        "nogroup",
        "sshd",
        "ftp",
        "www",
        "www-data",
        "wheel",
        "sudo",
        "staff",
        "users",
        "systemd-network",
        "systemd-resolve",
        "systemd-timesync",
        "messagebus",
        "dbus",
        "polkitd",
        "ubuntu",
        "debian",
        "centos",
        "fedora",
        "ec2-user",
        "cloud-user",
        "vagrant",
        "docker",
        "guest",
        "postgres",
        "mysql",
    ]
)


@dataclass(frozen=True, slots=True)
class User:
    """An entry of geni_users: whose account, and the SSH public keys that open it."""

    urn: str
    keys: tuple[str, ...]


def judged(users: Iterable[User]) -> tuple[User, ...]:
    """The users, each once, with keys that an account may be opened with.

    Raises BadArgs for a URN that is no user's, for a key that is none, and for too many.
    """
    named: dict[Urn, dict[str, None]] = {}
    for user in users:
        named.setdefault(_user_urn(user.urn), {}).update(dict.fromkeys(map(_key, user.keys)))
    told = tuple(User(urn.text, tuple(keys)) for urn, keys in named.items())
    _check_number(told)
    return told


def with_users(logins: Sequence[Login], users: Iterable[User]) -> tuple[Login, ...]:
    """A node's accounts after `users`, who were judged, were named.

    New users are added, the keys of users that are there are replaced whole (none: locked out),
    others stay. A login name is the sanitised name in the user's URN, and unique on the node.
    Raises BadArgs when they would be too many.

    Source: AM API v3, Provision, geni_users; geni_update_users as adopted beside v3.
    """
    accounts = {Urn.parse(one.urn): one for one in logins}
    for user in users:
        urn = Urn.parse(user.urn)
        there = accounts.get(urn)
        name = there.name if there else _name(urn, {one.name for one in accounts.values()})
        accounts[urn] = Login(urn.text, name, user.keys)
    after = tuple(accounts.values())
    _check_number(after)
    return after


def _check_number(accounts: Collection[User | Login]) -> None:
    size = sum(len(key) for one in accounts for key in one.keys)
    if len(accounts) > MOST_USERS or size > MOST_KEYS:
        raise BadArgs(
            f"geni_users: a node has at most {MOST_USERS} users"
            f" with {MOST_KEYS} characters of keys together"
        )


def _user_urn(text: str) -> Urn:
    try:
        urn = Urn.parse(text)
    except ValueError as error:
        raise BadArgs(f"geni_users: {error}") from None
    if urn.kind != "user":
        raise BadArgs(f"geni_users: {text[:80]!r} does not name a user")
    return urn


def _name(urn: Urn, taken: Iterable[str]) -> str:
    """A login name for the user: lower case, begins with a letter, nobody else's."""
    plain = _NOT_IN_A_NAME.sub("_", urn.name.lower()).strip("_-")
    if not plain or not plain[0].isalpha() or plain in _TAKEN_BY_SYSTEMS:
        plain = f"u_{plain}".rstrip("_") if plain else "user"
    plain = plain[:_LONGEST]
    others = set(taken)
    number, name = 1, plain
    while name in others:
        number += 1
        name = f"{plain[: _LONGEST - len(str(number))]}{number}"
    return name


def _key(text: str) -> str:
    try:
        return judge_key(text)
    except ValueError as error:
        raise BadArgs(f"geni_users: {error}") from None
