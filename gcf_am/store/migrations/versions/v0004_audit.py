"""Events become a chain; frames are found by the slivers that point to them."""

import sqlalchemy as sa
from alembic import op

from gcf_am.store.migrations.kinds import word

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Add what a chained row has more, and the chain's head.

    What was recorded before is chained as it is; `upgrade` then tells the state as it stands.
    """
    moment = sa.DateTime(timezone=True)
    for name, kind, default in (
        ("kind", word(16), "change"),
        ("slice", word(512), ""),
        ("uuid", word(64), ""),
        ("fingerprint", word(64), ""),
        ("credentials", sa.Text, ""),
        ("details", sa.Text, "{}"),
        ("hash", word(64), ""),
        ("salts", sa.Text, "{}"),
        ("forgotten", sa.Text, "{}"),
    ):
        op.add_column("events", sa.Column(name, kind, nullable=False, server_default=default))
    op.add_column("events", sa.Column("seq", sa.BigInteger))
    op.create_index("events_seq_ix", "events", ["seq"], unique=True)
    op.create_index("events_kind_seq_ix", "events", ["kind", "seq"])
    op.create_index(
        "events_unsealed_ix",
        "events",
        ["id"],
        sqlite_where=sa.text("seq IS NULL"),
        postgresql_where=sa.text("seq IS NULL"),
    )
    op.create_index("slivers_frame_ix", "slivers", ["frame"])
    op.create_index(
        "slivers_pending_frame_ix",
        "slivers",
        ["pending_frame"],
        sqlite_where=sa.text("pending_frame IS NOT NULL"),
        postgresql_where=sa.text("pending_frame IS NOT NULL"),
    )
    audit = op.create_table(
        "audit",
        sa.Column("key", sa.Integer, nullable=False),
        sa.Column("seq", sa.BigInteger, nullable=False),
        sa.Column("hash", word(64), nullable=False),
        sa.Column("begun", sa.Boolean, nullable=False),
        sa.Column("owner", word(255)),
        sa.Column("until", moment),
        sa.PrimaryKeyConstraint("key", name="audit_pk"),
    )
    op.bulk_insert(audit, [{"key": 1, "seq": 0, "hash": "0" * 64, "begun": False}])
