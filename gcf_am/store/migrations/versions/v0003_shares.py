"""What slivers take of quotas; of those that are live, as far as it was recorded."""

import json
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from alembic import op

from gcf_am.store.migrations.kinds import KEY, NUMBER, word

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Make the table, and fill it for live slivers; who allocated them stands in the events."""
    op.create_table(
        "shares",
        sa.Column("sliver", KEY, nullable=False),
        sa.Column("owner", word(512), nullable=False),
        sa.Column("slice_key", NUMBER, nullable=False),
        sa.Column("project", word(512), nullable=False),
        sa.Column("authority", word(512), nullable=False),
        sa.Column("began", sa.BigInteger, nullable=False),
        sa.Column("until", sa.BigInteger, nullable=False),
        sa.Column("live", sa.Boolean, nullable=False),
        sa.Column("types", sa.Text, nullable=False),
        sa.Column("vlans", sa.Integer, nullable=False),
        sa.ForeignKeyConstraint(["sliver"], ["slivers.urn"], name="shares_sliver_fk"),
        sa.ForeignKeyConstraint(["slice_key"], ["slices.key"], name="shares_slice_key_fk"),
        sa.PrimaryKeyConstraint("sliver", name="shares_pk"),
    )
    for whose in ("owner", "slice_key", "project", "authority"):
        op.create_index(f"shares_{whose}_ix", "shares", [whose, "live", "until"])
    rows = [_row(found) for found in op.get_bind().execute(_LIVE).mappings()]
    if rows:
        op.get_bind().execute(_INSERT, rows)


_LIVE = sa.text(
    "SELECT slivers.urn, slivers.slice_key, slivers.expires, slivers.contents, slivers.pending,"
    " slices.urn AS slice, events.at, events.caller"
    " FROM slivers JOIN slices ON slices.key = slivers.slice_key"
    " JOIN (SELECT subject, min(id) AS id FROM events GROUP BY subject) AS began"
    " ON began.subject = slivers.spelling"
    " JOIN events ON events.id = began.id"
    " WHERE slivers.allocation <> 'geni_unallocated'"
)
_INSERT = sa.text(
    "INSERT INTO shares VALUES (:sliver, :owner, :slice_key, :project, :authority, :began, :until,"
    " :live, :types, :vlans)"
)


def _row(found: Any) -> dict[str, object]:
    both = [json.loads(one) for one in (found["contents"], found["pending"]) if one]
    placed = [one["placement"] for one in both]
    types = list(dict.fromkeys(one["sliver_type"] for one in placed if one["type"] == "node"))
    tags = {hold[0] for one in both for hold in one["holds"] if hold[1] == "vlan"}
    parts = found["slice"].split("+", 1)[0].split(":")
    authority, kind, name = found["caller"].split("+", 3)[1:]
    return {
        "sliver": found["urn"],
        "owner": f"{authority}+{kind}+{name}".lower(),
        "slice_key": found["slice_key"],
        "project": ":".join(parts) if len(parts) > 1 else "",
        "authority": ":".join(parts[:-1] or parts),
        "began": _seconds(found["at"]),
        "until": _seconds(found["expires"]),
        "live": True,
        "types": json.dumps(types) if types else "",
        "vlans": len(tags),
    }


def _seconds(moment: datetime | str) -> int:
    """SQLite keeps moments as text, in UTC."""
    if isinstance(moment, str):
        moment = datetime.fromisoformat(moment)
    return int((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp())
