"""The clearinghouse's home: its authorities, its people, and what an aggregate needs of it.

    certs/          what people and servers use: ch-cert.pem (the root), NAME-cert.pem (with its
                    chain), NAME-key.pem, NAME-ssh.pub (the same key as SSH writes it)
    trusted_roots/  what an aggregate trusts: the root
    ch/             the authorities' keys, the server's, the settings and the database

Decision 28: a root, and below it SA and MA with keys of their own.
"""

import shutil
from collections.abc import Iterable, Sequence
from contextlib import closing
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Final
from uuid import UUID

from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509 import DNSName, IPAddress, SubjectAlternativeName

from gcf_am.clearinghouse.key_files import (
    keep_identity,
    load_identity,
    private_directory,
    write_file,
)
from gcf_am.clearinghouse.places import Places
from gcf_am.clearinghouse.register import Register
from gcf_am.clearinghouse.settings import (
    Settings,
    check_authority,
    read_settings,
    write_settings,
)
from gcf_am.clock import Clock, SystemClock
from gcf_am.errors import ConfigError
from gcf_am.trust.certificates import Certificate, load_chain
from gcf_am.trust.issue import make_authority, make_root, make_server, make_user
from gcf_am.trust.refusal import Refusal
from gcf_am.urn import Urn

_SOON: Final = timedelta(days=30)
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
    with closing(Register(places.database)) as register:
        known = {one.urn: one for one in register.members()}
    for name in users:
        member = known.get(Urn.of(authority, "user", name))
        if member is None or _ending(now, member.chain[0]):
            add_user(
                home,
                name,
                operator=name in operators if member is None else member.operator,
                email=None if member is None else member.chain[0].email,
                clock=clock,
            )


def _ending(now: datetime, certificate: Certificate) -> bool:
    return certificate.not_after < now + _SOON


def _server_due(now: datetime, hosts: frozenset[str], certificate: Certificate) -> bool:
    names = certificate.parsed.extensions.get_extension_for_class(SubjectAlternativeName).value
    carried = {*names.get_values_for_type(DNSName), *map(str, names.get_values_for_type(IPAddress))}
    return _ending(now, certificate) or not hosts <= carried


def add_user(
    home: Path,
    name: str,
    *,
    operator: bool = False,
    email: str | None = None,
    clock: Clock | None = None,
) -> Path:
    """Give somebody a certificate and a place in the register; returns the certificate's file.

    Certificate and key that are there are kept; a certificate that ends within 30 days is made
    anew for the same key and UUID. Raises ConfigError.
    """
    places = Places(home)
    settings = read_settings(places.settings)
    urn = Urn.of(settings.authority, "user", name)
    if not urn.well_named:
        raise ConfigError(
            f"{name!r} is no user name: a letter, then up to 7 letters, digits or underscores"
        )
    now = (clock or SystemClock()).now()
    certificate, key = places.pair(name)
    uuid = _uuid_in(certificate)
    make = partial(make_user, places.authority("ma"), name, now=now, email=email, uuid=uuid)
    identity = keep_identity(certificate, key, make, due=partial(_ending, now))
    if identity.urn != urn:
        raise ConfigError(f"{certificate} belongs to {identity.urn}, not to {urn}")
    ssh = identity.key.public_key().public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH)
    write_file(places.certs / f"{name}-ssh.pub", f"{ssh.decode('ascii')} {name}\n")
    with closing(Register(places.database)) as register:
        register.put_member(identity.chain, operator=operator, now=now)
    return certificate


def _uuid_in(certificate: Path) -> UUID | None:
    """The UUID of a user who has a certificate already."""
    if not certificate.exists():
        return None
    try:
        text = load_chain(certificate.read_bytes())[0].uuid
    except Refusal as error:
        raise ConfigError(f"{certificate}: {error}") from None
    return UUID(text) if text else None


def add_aggregate(home: Path, urn: Urn, url: str) -> None:
    """Name an aggregate in the register; raises ConfigError."""
    if urn.kind != "authority":
        raise ConfigError(f"{urn} is no aggregate: its type must be authority")
    if not url.startswith("https://"):
        raise ConfigError(f"{url!r} is no https:// URL")
    places = Places(home)
    read_settings(places.settings)
    with closing(Register(places.database)) as register:
        register.put_aggregate(urn, url)


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


def _trust(directory: Path, places: Places) -> None:
    """Put the root where an aggregate looks for it."""
    directory.mkdir(exist_ok=True)
    target = directory / "ch-cert.pem"
    if not target.exists():
        shutil.copyfile(places.certs / "ch-cert.pem", target)
