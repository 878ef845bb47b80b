"""Members, slices, aggregates, events."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "member",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("urn", sa.String(255), nullable=False),
        sa.Column("urn_key", sa.String(255), nullable=False, unique=True),
        sa.Column("certificate", sa.Text, nullable=False),
        sa.Column("operator", sa.Boolean, nullable=False),
        sa.Column("added", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "slice",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("urn", sa.String(255), nullable=False),
        sa.Column("live_key", sa.String(255), unique=True),
        sa.Column("uuid", sa.String(36), nullable=False, unique=True),
        sa.Column("owner_id", sa.Integer, sa.ForeignKey("member.id"), nullable=False),
        sa.Column("certificate", sa.Text, nullable=False),
        sa.Column("created", sa.BigInteger, nullable=False),
        sa.Column("expires", sa.BigInteger, nullable=False),
    )
    op.create_index("slice_owner", "slice", ["owner_id", "live_key"])
    op.create_index("ix_slice_expires", "slice", ["expires"])
    op.create_table(
        "aggregate",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("urn", sa.String(255), nullable=False),
        sa.Column("urn_key", sa.String(255), nullable=False, unique=True),
        sa.Column("url", sa.String(1000), nullable=False),
    )
    op.create_table(
        "event",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("request_id", sa.String(64), nullable=False),
        sa.Column("caller", sa.String(255), nullable=False),
        sa.Column("verb", sa.String(64), nullable=False),
        sa.Column("subject", sa.String(255), nullable=False),
    )
    op.create_index("ix_event_at", "event", ["at"])


def downgrade() -> None:
    for table in ("event", "aggregate", "slice", "member"):
        op.drop_table(table)
