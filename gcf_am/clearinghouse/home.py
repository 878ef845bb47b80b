"""The clearinghouse's home: its authorities, its people, and what an aggregate needs of it.

    certs/          what people and servers use: ch-cert.pem (the root), NAME-cert.pem (with its
                    chain), NAME-key.pem, NAME-ssh.pub (the same key as SSH writes it)
    trusted_roots/  what an aggregate trusts: the root, and the lists of what is revoked
    ch/             the authorities' keys, the server's, the settings and the database

Decision 28: a root, and below it SA and MA with keys of their own.
"""

import shutil
from collections.abc import Iterable, Sequence
from contextlib import closing
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Final

from cryptography.x509 import DNSName, IPAddress, SubjectAlternativeName
from sqlalchemy import select

from gcf_am.clearinghouse.key_files import (
    keep_identity,
    load_identity,
    private_directory,
    write_file,
)
from gcf_am.clearinghouse.people import Standing, Words, add_user, is_ending, standing_of
from gcf_am.clearinghouse.places import Places
from gcf_am.clearinghouse.register import Register, key_of
from gcf_am.clearinghouse.settings import (
    Settings,
    check_authority,
    read_settings,
    write_settings,
)
from gcf_am.clearinghouse.tables import AggregateRow
from gcf_am.clock import Clock, SystemClock
from gcf_am.errors import ConfigError
from gcf_am.trust.certificates import Certificate
from gcf_am.trust.issue import make_authority, make_root, make_server
from gcf_am.trust.issue_credentials import USER, issue_credential
from gcf_am.urn import Urn

HOSTS: Final = ("localhost", "127.0.0.1", "::1")
_AUTHORITY_BITS: Final = 3072


def create(
    home: Path,
    *,
    authority: str,
    users: Sequence[str] = (),
    operators: Sequence[str] = ("carol",),
    hosts: Iterable[str] = HOSTS,
    clock: Clock | None = None,
) -> None:
    """Make whatever of a home is missing; what is there is kept.

    `users` get certificates and may have slices; those who are also in `operators` may see
    everybody's. `hosts` are the names and addresses that the servers' certificates carry.
    A certificate that ends within 30 days, or a server's that lacks a host, is made anew for the
    same key. Raises ConfigError.
    """
    check_authority(authority)
    now = (clock or SystemClock()).now()
    places = Places(home)
    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    private_directory(places.certs)
    private_directory(places.inner)
    if not places.settings.exists():
        write_file(places.settings, write_settings(Settings(authority)))
    elif (settled := read_settings(places.settings).authority) != authority:
        raise ConfigError(
            f"this home belongs to the authority {settled}, not {authority}: use another home"
        )
    root = keep_identity(
        places.certs / "ch-cert.pem",
        places.inner / "ca-key.pem",
        partial(make_root, authority, now=now),
        bits=_AUTHORITY_BITS,
    )
    for name in ("sa", "ma"):
        make = partial(make_authority, root, name, now=now)
        keep_identity(*places.pair(name, inner=True), make, bits=_AUTHORITY_BITS)
    hosts = tuple(dict.fromkeys((*HOSTS, *hosts)))
    for name, pair in (("ch", places.pair("tls", inner=True)), ("am", places.pair("am"))):
        make = partial(
            make_server, root, Urn.of(authority, "authority", name), now=now, hosts=hosts
        )
        keep_identity(*pair, make, due=partial(_server_due, now, frozenset(hosts)))
    _trust(home / "trusted_roots", places)
    for name, standing in _people(places, authority, users).items():
        if standing is None:
            add_user(home, name, Words(operator=name in operators), clock=clock)
        # nobody's who is shut out, or keeps the key elsewhere
        elif standing.counts and is_ending(standing.leaf, now) and places.pair(name)[1].exists():
            add_user(home, name, clock=clock)


def _people(places: Places, authority: str, users: Iterable[str]) -> dict[str, Standing | None]:
    """Whom of these the register knows, and how."""
    with closing(Register(places.database)) as register, register.unit() as session:
        return {name: standing_of(session, Urn.of(authority, "user", name)) for name in users}


def _server_due(now: datetime, hosts: frozenset[str], certificate: Certificate) -> bool:
    names = certificate.parsed.extensions.get_extension_for_class(SubjectAlternativeName).value
    carried = {*names.get_values_for_type(DNSName), *map(str, names.get_values_for_type(IPAddress))}
    return is_ending(certificate, now) or not hosts <= carried


def add_aggregate(home: Path, urn: Urn, url: str, **words: str) -> None:
    """Name an aggregate in the register, or its new URL; raises ConfigError.

    `words` are its name, short_name, description and certificate (PEM), as far as they are told.
    """
    if urn.kind != "authority":
        raise ConfigError(f"{urn} is no aggregate: its type must be authority")
    if not url.startswith("https://"):
        raise ConfigError(f"{url!r} is no https:// URL")
    places = Places(home)
    read_settings(places.settings)
    told = {name: value for name, value in words.items() if value}
    with closing(Register(places.database)) as register, register.unit() as session:
        row = session.scalar(select(AggregateRow).where(AggregateRow.urn_key == key_of(urn)))
        if row is None:
            row = AggregateRow(urn=urn.text, urn_key=key_of(urn))
            session.add(row)
        row.url = url
        for name, value in told.items():
            setattr(row, name, value)


def aggregates_of(home: Path) -> dict[str, str]:
    """Where the aggregates that the register names answer, by URN; raises ConfigError."""
    places = Places(home)
    read_settings(places.settings)
    with closing(Register(places.database)) as register, register.unit() as session:
        rows = session.scalars(select(AggregateRow).order_by(AggregateRow.id))
        return {row.urn: row.url for row in rows}


def remove_aggregate(home: Path, urn: Urn) -> bool:
    """Forget an aggregate; whether it was known. Raises ConfigError."""
    places = Places(home)
    read_settings(places.settings)
    with closing(Register(places.database)) as register, register.unit() as session:
        row = session.scalar(select(AggregateRow).where(AggregateRow.urn_key == key_of(urn)))
        if row is not None:
            session.delete(row)
        return row is not None


def make_aggregate(
    home: Path, name: str, directory: Path, *, hosts: Iterable[str], clock: Clock | None = None
) -> Urn:
    """Make what an aggregate on another machine needs: certificate, key and trusted roots.

    Its URN is AUTHORITY:NAME+authority+am. Raises ConfigError.
    """
    places = Places(home)
    authority = read_settings(places.settings).authority
    check_authority(name)
    root = load_identity(places.certs / "ch-cert.pem", places.inner / "ca-key.pem")
    urn = Urn.of(f"{authority}:{name}", "authority", "am")
    now = (clock or SystemClock()).now()
    private_directory(directory)
    make = partial(make_server, root, urn, now=now, hosts=(*HOSTS, *hosts))
    keep_identity(directory / "am-cert.pem", directory / "am-key.pem", make)
    _trust(directory / "trusted_roots", places)
    return urn


def keep_homing(
    home: Path, certificate: Path, key: Path, *, hosts: Iterable[str], clock: Clock | None = None
) -> str:
    """Homing's identity in these files, made where missing, and a credential of its own.

    Its URN is AUTHORITY+authority+homing. The credential gives it no right in any slice; it lets
    it ask for advertisements where this authority is trusted. Raises ConfigError.
    """
    places = Places(home)
    authority = read_settings(places.settings).authority
    root = load_identity(places.certs / "ch-cert.pem", places.inner / "ca-key.pem")
    now = (clock or SystemClock()).now()
    hosts = tuple(dict.fromkeys((*HOSTS, *hosts)))
    urn = Urn.of(authority, "authority", "homing")
    make = partial(make_server, root, urn, now=now, hosts=hosts)
    identity = keep_identity(
        certificate, key, make, due=partial(_server_due, now, frozenset(hosts))
    )
    return issue_credential(
        root,
        owner=identity.chain,
        target=identity.chain,
        privileges=USER,
        expires=min(one.not_after for one in identity.chain),
    )


def _trust(directory: Path, places: Places) -> None:
    """Put the root where an aggregate looks for it."""
    directory.mkdir(exist_ok=True)
    target = directory / "ch-cert.pem"
    if not target.exists():
        shutil.copyfile(places.certs / "ch-cert.pem", target)
