"""The member authority's members, and what the caller may see of them.

Source: Federation API v2, MEMBER; FED 1.7.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from gcf_am.clearinghouse.handlers import MA, spelled, urn
from gcf_am.clearinghouse.matching import matching
from gcf_am.clearinghouse.register import key_of
from gcf_am.clearinghouse.tables import MemberRow
from gcf_am.clearinghouse.turn import Turn
from gcf_am.errors import BadArgs
from gcf_am.surface.ch_decoding import Asked
from gcf_am.surface.ch_elements import Operation, Protect, Who
from gcf_am.surface.ch_objects import MEMBER
from gcf_am.surface.ch_v2 import IDENTIFYING, PRIVATE
from gcf_am.trust.certificates import Certificate, load_chain, write_chain
from gcf_am.urn import Urn

_LONGEST_NAME: Final = 100
_SEEN_BY: Final = {Protect.IDENTIFYING: IDENTIFYING, Protect.PRIVATE: PRIVATE}


def chain_of(member: MemberRow) -> tuple[Certificate, ...]:
    """A member's registered certificate with its signers."""
    return load_chain(member.certificate)


def find_member(session: Session, about: Urn) -> MemberRow | None:
    """The member of this name."""
    return session.scalar(select(MemberRow).where(MemberRow.urn_key == key_of(about)))


def known_member(turn: Turn, about: Urn) -> MemberRow:
    """The same; raises BadArgs where there is none. Members of other authorities are none here."""
    row = find_member(turn.session, about)
    if row is None:
        raise BadArgs(f"{about} is no member here")
    return row


def put_member(session: Session, chain: tuple[Certificate, ...], *, now: datetime) -> MemberRow:
    """Register whom the chain's first certificate names, or their new certificate."""
    leaf = chain[0]
    row = find_member(session, leaf.named)
    if row is None:
        row = MemberRow(
            urn=leaf.named.text,
            urn_key=key_of(leaf.named),
            name=leaf.named.name,
            uuid=leaf.uuid or "",
            operator=False,
            added=now,
        )
        session.add(row)
    row.certificate = write_chain(chain)
    row.email = (leaf.email or "").lower()
    session.flush()
    return row


@MA.serves("lookup/MEMBER")
def lookup(turn: Turn, asked: Asked, operation: Operation) -> Mapping[str, object]:
    """The members that match, and of each what the caller may see.

    Whom nobody may identify is not found by what identifies them: a search must not tell whose
    address it is. Leads and admins of projects may look for people by their addresses.
    """
    turn.permit(operation, "members")
    match = asked.match or {}
    hidden = [one.name for one in MEMBER.attributes if one.protect is not Protect.PUBLIC]
    identified = not match.keys().isdisjoint(hidden)
    seeks = turn.leads_a_project and "MEMBER_EMAIL" in match
    query = matching(select(MemberRow), asked.match, turn.now).order_by(MemberRow.id)
    name = spelled(asked, "MEMBER_URN")
    found = {}
    for row in turn.session.scalars(query):
        standings = turn.actor.standings | turn.towards(row.id)
        if seeks:
            standings |= {Who.SEEKS_BY_EMAIL}
        if not identified or not standings.isdisjoint(IDENTIFYING):
            found[name(Urn.parse(row.urn))] = _visible(row, standings)
    return found


@MA.serves("update/MEMBER")
def update(turn: Turn, asked: Asked, operation: Operation) -> bool:
    """Change a member's names."""
    about = urn(asked.about)
    row = find_member(turn.session, about)
    turn.permit(operation, about.text, turn.towards(row.id) if row else ())
    row = known_member(turn, about)
    fields: Mapping[str, Any] = asked.fields
    for name, value in fields.items():
        if len(value) > _LONGEST_NAME:
            raise BadArgs(f"{name} has more than {_LONGEST_NAME} characters")
    row.first_name = fields.get("MEMBER_FIRSTNAME", row.first_name)
    row.last_name = fields.get("MEMBER_LASTNAME", row.last_name)
    turn.record("update MEMBER", row.urn)
    return True


def _visible(row: MemberRow, standings: frozenset[Who]) -> dict[str, object]:
    """A member's fields, without those whose protection is not for one who is this to them."""
    told = {
        "MEMBER_URN": row.urn,
        "MEMBER_UID": row.uuid,
        "MEMBER_USERNAME": row.name,
        "MEMBER_FIRSTNAME": row.first_name,
        "MEMBER_LASTNAME": row.last_name,
        "MEMBER_EMAIL": row.email,
    }
    return {
        one.name: told[one.name]
        for one in MEMBER.attributes
        if one.protect is Protect.PUBLIC or not standings.isdisjoint(_SEEN_BY[one.protect])
    }
