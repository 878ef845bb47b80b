"""Events, and rows of the log, as the rows of the events table and back."""

import json
from typing import Any

from gcf_am.audit.event import Event, Kind
from gcf_am.audit.row import PERSONAL, Row
from gcf_am.errors import DatabaseError
from gcf_am.store.rows import plain


def write_event(event: Event) -> dict[str, Any]:
    """An event as it is inserted."""
    return {
        "at": event.at,
        "request_id": event.request_id,
        "caller": event.caller,
        "verb": event.verb,
        "subject": event.subject,
        "before": plain(event.before),
        "after": plain(event.after),
        "tool": event.tool,
        "kind": event.kind.value,
        "slice": event.slice,
        "uuid": event.uuid,
        "fingerprint": event.fingerprint,
        "credentials": event.credentials,
        "details": event.details,
    }


def write_seal(row: Row) -> dict[str, Any]:
    """What an event's row has more once it is sealed."""
    return {"seq": row.seq, "hash": row.hash, "salts": json.dumps(row.salts)}


def write_people(row: Row) -> dict[str, Any]:
    """What changes of a row when something of it is forgotten."""
    people = {name: getattr(row.event, name) for name in PERSONAL}
    return people | {"salts": json.dumps(row.salts), "forgotten": json.dumps(row.forgotten)}


def read_row(row: Any) -> Row:
    """A row of the table; raises DatabaseError naming one that was not written here."""
    try:
        return Row(
            Event(
                at=row["at"],
                request_id=row["request_id"],
                caller=row["caller"],
                verb=row["verb"],
                subject=row["subject"],
                before=row["before"],
                after=row["after"],
                tool=row["tool"],
                kind=Kind(row["kind"]),
                slice=row["slice"],
                uuid=row["uuid"],
                fingerprint=row["fingerprint"],
                credentials=row["credentials"],
                details=row["details"],
            ),
            id=row["id"],
            seq=row["seq"],
            hash=row["hash"],
            salts=json.loads(row["salts"]),
            forgotten=json.loads(row["forgotten"]),
        )
    except ValueError as error:
        raise DatabaseError(f"row {row['seq'] or row['id']} of the log is unreadable") from error
