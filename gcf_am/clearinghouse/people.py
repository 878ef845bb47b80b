"""Users, projects: what the operator decides about people. Source: FED 2.8, 3.3 and 3.6."""

from contextlib import closing
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Final
from uuid import UUID, uuid4

from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from sqlalchemy import select
from sqlalchemy.orm import Session

from gcf_am.clearinghouse.certificates import check_unused, issued, issued_to, requested_key
from gcf_am.clearinghouse.key_files import keep_identity, write_file
from gcf_am.clearinghouse.keys import add as add_key
from gcf_am.clearinghouse.members import chain_of, find_member, put_member
from gcf_am.clearinghouse.places import Places
from gcf_am.clearinghouse.projects import add
from gcf_am.clearinghouse.register import Deed, Register, record
from gcf_am.clearinghouse.settings import read_settings
from gcf_am.clearinghouse.tables import KeyRow, MemberRow
from gcf_am.clock import Clock, SystemClock
from gcf_am.errors import AlreadyExists, BadArgs, ConfigError
from gcf_am.trust.certificates import Certificate, load_chain, write_chain
from gcf_am.trust.issue import Identity, certify_user, make_user
from gcf_am.trust.refusal import Refusal
from gcf_am.urn import Urn

_SOON: Final = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Words:
    """What the operator says of a user; None leaves it as it is."""

    email: str | None = None
    first_name: str | None = None
    last_name: str | None = None
    operator: bool | None = None
    makes_projects: bool | None = None


_NOTHING: Final = Words()


@dataclass(frozen=True, slots=True)
class Standing:
    """How the register knows a user: the registered certificate, and whether it counts."""

    leaf: Certificate
    enabled: bool
    revoked: bool

    @property
    def counts(self) -> bool:
        """Whether they may call."""
        return self.enabled and not self.revoked


def standing_of(session: Session, urn: Urn) -> Standing | None:
    """How the register knows a user; None for who is not in it."""
    member = find_member(session, urn)
    if member is None:
        return None
    leaf = chain_of(member)[0]
    serial = str(leaf.parsed.serial_number)
    revoked = any(one.serial == serial and one.revoked for one in issued_to(session, urn))
    return Standing(leaf, member.enabled, revoked)


def is_ending(certificate: Certificate, now: datetime) -> bool:
    """Whether a certificate ends within 30 days."""
    return certificate.not_after < now + _SOON


def add_user(
    home: Path,
    name: str,
    words: Words = _NOTHING,
    *,
    new_key: bool = False,
    clock: Clock | None = None,
) -> Path:
    """Give somebody a certificate and a place in the register; returns the certificate's file.

    Certificate and key that are there are kept; a certificate that ends within 30 days is made
    anew for the same key and UUID. With `new_key` both are made anew: for who lost the old key.
    Raises ConfigError.
    """
    places, urn = _named(home, name)
    now = (clock or SystemClock()).now()
    with closing(Register(places.database)) as register, register.unit() as session:
        known = standing_of(session, urn)
    if known is not None and known.revoked and not new_key:
        raise ConfigError(f"the certificate of {name} was revoked: give it a new key (--new-key)")
    certificate, key = places.pair(name)
    if known is not None and not key.exists() and not new_key:
        raise ConfigError(f"{name} keeps the key elsewhere: `gcf-ch enroll` renews certificates")
    email = words.email or (known.leaf.email if known is not None else None)
    uuid = UUID(known.leaf.uuid) if known is not None and known.leaf.uuid else _uuid(certificate)
    make = partial(make_user, places.authority("ma"), name, now=now, email=email, uuid=uuid)
    if new_key:
        certificate.unlink(missing_ok=True)
        key.unlink(missing_ok=True)
    identity = keep_identity(certificate, key, make, due=partial(is_ending, now=now))
    if identity.urn != urn:
        raise ConfigError(f"{certificate} belongs to {identity.urn}, not to {urn}")
    line = _ssh_line(identity, name)
    write_file(places.certs / f"{name}-ssh.pub", line)
    with closing(Register(places.database)) as register, register.unit() as session:
        member = _register(session, identity.chain, words, now, "add-user")
        if not session.scalar(select(KeyRow.id).where(KeyRow.member_id == member.id)):
            add_key(session, member, line, "the key of the certificate")
    return certificate


def enroll(
    home: Path,
    name: str,
    request: Path,
    words: Words = _NOTHING,
    *,
    out: Path | None = None,
    clock: Clock | None = None,
) -> Path:
    """Certify the key of somebody's request (PKCS #10, PEM), which never leaves its owner.

    Only the key of the request counts, which its signature proves to be the owner's; names and
    everything else follow our profile. Returns the certificate's file. Raises ConfigError.
    """
    places, urn = _named(home, name)
    now = (clock or SystemClock()).now()
    try:
        text = request.read_text("ascii")
        key = requested_key(text)
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{request} cannot be read as a certificate request") from error
    except BadArgs as error:
        raise ConfigError(f"{request}: {error}") from None
    target = out or places.pair(name)[0]
    with closing(Register(places.database)) as register, register.unit() as session:
        try:
            check_unused(session, key, urn)
        except BadArgs as error:
            raise ConfigError(str(error)) from None
        member = find_member(session, urn)
        ma = places.authority("ma")
        leaf = certify_user(
            ma,
            name,
            key,
            now=now,
            email=words.email or (member.email or None if member is not None else None),
            uuid=UUID(member.uuid) if member is not None and member.uuid else uuid4(),
        )
        chain = (leaf, *ma.chain)
        _register(session, chain, words, now, "enroll")
        write_file(target, write_chain(chain))
    return target


def add_project(
    home: Path,
    name: str,
    lead: str,
    *,
    until: datetime | None = None,
    description: str = "",
    clock: Clock | None = None,
) -> Urn:
    """Make a project that a user leads; returns its URN. Raises ConfigError."""
    places, user = _named(home, lead)
    now = (clock or SystemClock()).now()
    one = Urn.of(read_settings(places.settings).authority, "project", name)
    try:
        with closing(Register(places.database)) as register, register.unit() as session:
            add(session, one, _member(session, user), now=now, until=until, description=description)
            record(session, Deed(now, "", "operator", "create PROJECT", one.text))
    except (BadArgs, AlreadyExists) as error:
        raise ConfigError(str(error)) from None
    return one


def enable(home: Path, name: str, *, enabled: bool, clock: Clock | None = None) -> None:
    """Let a user call, or not any more; raises ConfigError for who is not known."""
    places, urn = _named(home, name)
    now = (clock or SystemClock()).now()
    with closing(Register(places.database)) as register, register.unit() as session:
        _member(session, urn).enabled = enabled
        record(session, Deed(now, "", "operator", "enable" if enabled else "disable", urn.text))


def _register(
    session: Session, chain: tuple[Certificate, ...], words: Words, now: datetime, verb: str
) -> MemberRow:
    member = put_member(session, chain, now=now)
    issued(session, chain[0], "ma")
    for name in ("first_name", "last_name", "operator", "makes_projects"):
        value = getattr(words, name)
        if value is not None:
            setattr(member, name, value)
    record(session, Deed(now, "", "operator", verb, member.urn))
    return member


def _named(home: Path, name: str) -> tuple[Places, Urn]:
    places = Places(home)
    urn = Urn.of(read_settings(places.settings).authority, "user", name)
    if not urn.well_named:
        raise ConfigError(
            f"{name!r} is no user name: a letter, then up to 7 letters, digits or underscores"
        )
    return places, urn


def _member(session: Session, urn: Urn) -> MemberRow:
    member = find_member(session, urn)
    if member is None:
        raise ConfigError(f"there is no user {urn.name}: `gcf-ch add-user` makes one")
    return member


def _ssh_line(identity: Identity, name: str) -> str:
    public = identity.key.public_key().public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH)
    return f"{public.decode('ascii')} {name}\n"


def _uuid(certificate: Path) -> UUID | None:
    """The UUID of a user who has a certificate already."""
    if not certificate.exists():
        return None
    try:
        text = load_chain(certificate.read_bytes())[0].uuid
    except Refusal as error:
        raise ConfigError(f"{certificate}: {error}") from None
    return UUID(text) if text else None
