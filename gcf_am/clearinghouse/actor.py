"""Who calls the clearinghouse: the TLS peer, or the member for whom it may speak.

Source: FED 1.8 and 4.6; decision 26.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from gcf_am.clearinghouse.register import key_of
from gcf_am.clearinghouse.tables import AggregateRow, CertificateRow, MemberRow
from gcf_am.errors import Forbidden
from gcf_am.model.credential_argument import CredentialArgument
from gcf_am.surface.ch_elements import Who
from gcf_am.trust.certificates import load_chain
from gcf_am.trust.chains import Chain
from gcf_am.trust.refusal import Refusal
from gcf_am.trust.verifier import Verifier
from gcf_am.urn import Urn

_OFFICES: Final = frozenset({"ca", "sa", "ma", "ch"})
_AGGREGATES: Final = frozenset({"am", "cm"})
_MOST_CREDENTIALS: Final = 20


class Unauthenticated(Forbidden):
    """The peer shows no certificate that counts here."""


@dataclass(frozen=True, slots=True)
class Visit:
    """One call: the moment, its id, the peer's verified chain (DER, leaf first), and by what a
    tool says that it speaks for a user.
    """

    now: datetime
    request_id: str
    chain: Sequence[bytes] = field(repr=False)
    credentials: Sequence[CredentialArgument] = field(default=(), repr=False)
    speaking_for: Urn | None = None


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts, and what that makes them everywhere; `tool` speaks for them, where one does.

    `member` is the registered member they are, None for servers and for strangers; `aggregate` is
    the key of the URN of a registered aggregate, which is nobody else's business.
    """

    urn: Urn
    member: MemberRow | None
    standings: frozenset[Who]
    tool: Urn | None = None
    aggregate: str = ""


@dataclass(frozen=True, slots=True)
class Shown:
    """Whose chains were proved: the peer's, and of the one in whose name it calls."""

    peer: Chain
    person: Chain

    @property
    def tool(self) -> Urn | None:
        """The peer, where it speaks for another."""
        return self.peer.urn if self.person is not self.peer else None


def prove(visit: Visit, verifier: Verifier) -> Shown:
    """Prove by signatures who calls; asks no database, so that none waits for it.

    (1) The peer shows a certificate that leads to a trusted root and was not revoked.
    (2) Who speaks for a user has brought the user's word for it, and is from then on that user;
        without it the call is refused, whatever the tool's own rights are.

    Raises Unauthenticated or Forbidden.
    """
    # (1) a certificate
    if not visit.chain:
        raise Unauthenticated("this call needs a client certificate; none was shown")
    try:
        peer = verifier.caller(visit.chain, visit.now).chain
    except Refusal as error:
        raise Unauthenticated(str(error)) from None
    # (2) in whose name
    if visit.speaking_for is None:
        return Shown(peer, peer)
    return Shown(peer, _spoken_for(visit, peer, verifier, visit.speaking_for))


def identify(session: Session, shown: Shown, authority: str) -> Actor:
    """The one who calls, as they are registered.

    (1) Neither certificate was revoked here, whatever lists say.
    (2) A member calls with the key that is registered, and is enabled.

    Raises Unauthenticated or Forbidden.
    """
    # (1) not revoked
    person, tool = shown.person, shown.tool
    _check_issued(session, shown.peer)
    if tool is not None:
        _check_issued(session, person)
    # (2) as whom
    if person.urn.kind == "authority":
        return _server(session, person, authority)
    member = session.scalar(select(MemberRow).where(MemberRow.urn_key == key_of(person.urn)))
    if member is None:
        return Actor(person.urn, None, frozenset({Who.CERTIFIED}), tool)
    # decision 26: by key, never by URN alone
    if person.leaf.key != load_chain(member.certificate)[0].key:
        raise Unauthenticated(f"this certificate of {person.urn} is not the one registered here")
    if not member.enabled:
        raise Forbidden(f"{person.urn} is disabled here; ask the operator")
    standings = {Who.CERTIFIED}
    if member.operator:
        standings.add(Who.OPERATOR)
    if member.makes_projects:
        standings.add(Who.PI)
    return Actor(person.urn, member, frozenset(standings), tool)


def _check_issued(session: Session, chain: Chain) -> None:
    """Raise Unauthenticated for a certificate of ours that was revoked, whatever lists say."""
    revoked = session.scalar(
        select(CertificateRow.id).where(
            CertificateRow.serial == str(chain.leaf.parsed.serial_number),
            CertificateRow.urn_key == key_of(chain.urn),
            CertificateRow.revoked.is_not(None),
        )
    )
    if revoked is not None:
        raise Unauthenticated(f"this certificate of {chain.urn} was revoked")


def _spoken_for(visit: Visit, tool: Chain, verifier: Verifier, user: Urn) -> Chain:
    """The chain of the user for whom the tool speaks; raises Forbidden without the user's word."""
    why = f"speaking_for names {user}: send a geni_abac credential in which they let you"
    if len(visit.credentials) > _MOST_CREDENTIALS:
        raise Forbidden(f"more than {_MOST_CREDENTIALS} credentials came")
    for one in visit.credentials:
        if one.kind != "geni_abac":
            continue
        try:
            return verifier.speaks_for(one.text, user, tool, visit.now).user
        except Refusal as refusal:
            why = refusal.message
    raise Forbidden(why)


def _server(session: Session, person: Chain, authority: str) -> Actor:
    """A server: one of this federation's authorities, a registered aggregate, or a stranger."""
    urn, standings, aggregate = person.urn, {Who.CERTIFIED}, ""
    name = urn.key[2]
    if name in _OFFICES and urn.namespace == tuple(authority.lower().split(":")):
        standings.add(Who.AUTHORITY)
    elif name in _AGGREGATES and session.scalar(
        select(AggregateRow.id).where(AggregateRow.urn_key == key_of(urn))
    ):
        aggregate = key_of(urn)
    return Actor(urn, None, frozenset(standings), aggregate=aggregate)
