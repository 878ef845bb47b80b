"""Members' SSH public keys. Source: Federation API v2, KEY; FED 1.7."""

import hashlib
from collections.abc import Mapping
from typing import Any, Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from gcf_am.clearinghouse.handlers import MA
from gcf_am.clearinghouse.matching import matching
from gcf_am.clearinghouse.members import find_member, known_member
from gcf_am.clearinghouse.tables import KeyRow, MemberRow
from gcf_am.clearinghouse.turn import Turn
from gcf_am.errors import AlreadyExists, BadArgs
from gcf_am.surface.ch_decoding import Asked
from gcf_am.surface.ch_elements import Operation
from gcf_am.trust.ssh_keys import judge_key

_MOST: Final = 50


@MA.serves("create/KEY")
def create(turn: Turn, asked: Asked, operation: Operation) -> Mapping[str, object]:
    """Register a key."""
    fields: Mapping[str, Any] = asked.fields
    about = fields["KEY_MEMBER"]
    owner = find_member(turn.session, about)
    turn.permit(operation, f"keys of {about}", turn.towards(owner.id) if owner else ())
    owner = known_member(turn, about)
    row = add(turn.session, owner, fields["KEY_PUBLIC"], fields.get("KEY_DESCRIPTION", ""))
    if fields.get("KEY_TYPE", row.kind) not in {row.kind, ""}:
        raise BadArgs(f"KEY_TYPE: the key is of type {row.kind}")
    turn.record("create KEY", owner.urn)
    return told(row)


def add(session: Session, owner: MemberRow, public: str, description: str = "") -> KeyRow:
    """Keep a member's key; raises BadArgs for what is none, AlreadyExists for one that is kept."""
    try:
        line = judge_key(public)
    except ValueError as error:
        raise BadArgs(f"KEY_PUBLIC: {error}") from None
    kind, blob = line.split()[:2]
    # two members may have the same key; each has it under a name of its own
    key_id = hashlib.sha256(f"{owner.urn_key}|{blob}".encode()).hexdigest()
    if session.scalar(select(KeyRow.id).where(KeyRow.key_id == key_id)):
        raise AlreadyExists(f"{owner.urn} has this key already")
    mine = select(func.count()).select_from(KeyRow).where(KeyRow.member_id == owner.id)
    if (session.scalar(mine) or 0) >= _MOST:
        raise BadArgs(f"{owner.urn} has {_MOST} keys, the most that are kept; delete one")
    row = KeyRow(key_id=key_id, member=owner, kind=kind, public=line, description=description)
    session.add(row)
    session.flush()
    return row


@MA.serves("lookup/KEY")
def lookup(turn: Turn, asked: Asked, operation: Operation) -> Mapping[str, object]:
    """The keys that match; those of disabled members are withheld (FED 48)."""
    turn.permit(operation, "keys")
    query = select(KeyRow).join(KeyRow.member).where(MemberRow.enabled)
    rows = turn.session.scalars(matching(query, asked.match, turn.now).order_by(KeyRow.id))
    return {row.key_id: told(row) for row in rows}


@MA.serves("update/KEY")
def update(turn: Turn, asked: Asked, operation: Operation) -> bool:
    """Describe a key anew."""
    row = _mine(turn, asked, operation)
    fields: Mapping[str, Any] = asked.fields
    row.description = fields["KEY_DESCRIPTION"]
    turn.record("update KEY", row.member.urn)
    return True


@MA.serves("delete/KEY")
def delete(turn: Turn, asked: Asked, operation: Operation) -> bool:
    """Forget a key."""
    row = _mine(turn, asked, operation)
    turn.record("delete KEY", row.member.urn)
    turn.session.delete(row)
    return True


def told(row: KeyRow) -> dict[str, object]:
    """A key's fields; of a private key nothing is ever known here."""
    return {
        "KEY_MEMBER": row.member.urn,
        "KEY_ID": row.key_id,
        "KEY_TYPE": row.kind,
        "KEY_PUBLIC": row.public,
        "KEY_DESCRIPTION": row.description,
    }


def _mine(turn: Turn, asked: Asked, operation: Operation) -> KeyRow:
    about = str(asked.about)
    row = turn.session.scalar(select(KeyRow).where(KeyRow.key_id == about.lower()))
    if row is None:
        raise BadArgs(f"there is no key {about[:80]!r} here")
    turn.permit(operation, f"keys of {row.member.urn}", turn.towards(row.member_id))
    return row
