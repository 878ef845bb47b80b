"""The log as JSON lines, one for each row: for people, for other programs, and to be proved."""

import json
from datetime import datetime

from gcf_am.audit.event import Event, Kind
from gcf_am.audit.row import PERSONAL, Row
from gcf_am.errors import ConfigError


def write_line(row: Row) -> str:
    """A row with all that its hash can be proved from; ASCII, without a line's end."""
    event = row.event
    return json.dumps(
        {
            "seq": row.seq,
            "at": event.at.isoformat(timespec="microseconds"),
            "kind": event.kind,
            "request": event.request_id,
            "verb": event.verb,
            "subject": event.subject,
            "slice": event.slice,
            "uuid": event.uuid,
            "before": event.before,
            "after": event.after,
            **{name: getattr(event, name) for name in PERSONAL},
            "details": event.told,
            "salts": row.salts,
            "forgotten": row.forgotten,
            "hash": row.hash,
        }
    )


def read_line(line: str) -> Row:
    """What write_line wrote; raises ConfigError."""
    try:
        told = json.loads(line)
        return Row(
            Event(
                at=datetime.fromisoformat(told["at"]),
                request_id=told["request"],
                verb=told["verb"],
                subject=told["subject"],
                before=told["before"],
                after=told["after"],
                kind=Kind(told["kind"]),
                slice=told["slice"],
                uuid=told["uuid"],
                details=json.dumps(told["details"], separators=(",", ":"), sort_keys=True),
                **{name: told[name] for name in PERSONAL},
            ),
            seq=int(told["seq"]),
            hash=told["hash"],
            salts=told["salts"],
            forgotten=told["forgotten"],
        )
    except (ValueError, KeyError, TypeError, AttributeError):
        raise ConfigError("a line of the file is none that `gcf-am audit export` wrote") from None
