"""A row of the log: the event, its place in the chain, and what can be erased of it.

(1) A row's hash is the SHA-256 of the hash of the row before it and of the row's text.
(2) What tells of a person is in the text only as a commitment, the SHA-256 of a salt and the
    value. So value and salt can be erased, and the hash stays provable; without the salt nobody
    finds the value by trying.
"""

import hashlib
import json
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final

from gcf_am.audit.event import Event

# What stands before the first row.
GENESIS: Final = "0" * 64
PERSONAL: Final[tuple[str, ...]] = ("caller", "tool", "fingerprint", "credentials")
_SALT_BYTES: Final = 16


@dataclass(frozen=True, slots=True)
class Row:
    """One row. `seq` is its number in the chain, from 1 without a gap; None until it is sealed.

    `salts` are those of the personal fields that are there, `forgotten` the commitments of those
    that were erased.
    """

    event: Event
    id: int = 0
    seq: int | None = None
    hash: str = ""
    salts: Mapping[str, str] = field(default_factory=dict)
    forgotten: Mapping[str, str] = field(default_factory=dict)


def commitment(name: str, salt: str, value: str) -> str:
    """(2) What stands for a personal value in the chain."""
    return hashlib.sha256(f"{name}\0{salt}\0{value}".encode()).hexdigest()


def new_salt() -> str:
    """A salt that nobody guesses."""
    return secrets.token_hex(_SALT_BYTES)


def digest(row: Row, before: str) -> str:
    """(1) The hash of a numbered row behind the one with the hash `before`."""
    event = row.event
    text = json.dumps(
        [
            row.seq,
            event.at.isoformat(timespec="microseconds"),
            event.kind,
            event.request_id,
            event.verb,
            event.subject,
            event.slice,
            event.uuid,
            event.before,
            event.after,
            event.details,
            [_committed(row, name) for name in PERSONAL],
        ],
        separators=(",", ":"),
    )
    return hashlib.sha256(f"{before}\n{text}".encode()).hexdigest()


def sealed(row: Row, seq: int, before: str) -> Row:
    """The row as the next one of the chain, with salts of its own."""
    salts = {name: new_salt() for name in PERSONAL if getattr(row.event, name)}
    numbered = replace(row, seq=seq, salts=salts)
    return replace(numbered, hash=digest(numbered, before))


def without(row: Row, names: frozenset[str]) -> Row:
    """The row with these personal fields erased; its hash holds as before."""
    gone = {
        name: commitment(name, row.salts.get(name) or new_salt(), getattr(row.event, name))
        for name in PERSONAL
        if name in names and getattr(row.event, name)
    }
    return replace(
        row,
        event=_without(row.event, gone),
        salts={name: salt for name, salt in row.salts.items() if name not in gone},
        forgotten={**row.forgotten, **gone},
    )


def _without(event: Event, names: Iterable[str]) -> Event:
    nothing: dict[str, Any] = dict.fromkeys(names, "")
    return replace(event, **nothing)


def _committed(row: Row, name: str) -> str:
    value: str = getattr(row.event, name)
    if name in row.forgotten:
        return row.forgotten[name]
    return commitment(name, row.salts.get(name, ""), value) if value else ""
