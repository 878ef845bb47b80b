"""The first schema: slices, frames, slivers, holds, components, events, counters."""

import time

import sqlalchemy as sa
from alembic import op

from gcf_am.store.migrations.kinds import KEY, NUMBER, word

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Make all tables.

    The types stand here as they were in this version; `tables` moves on. On PostgreSQL they are
    what the first release that knew it wanted.
    """
    moment = sa.DateTime(timezone=True)
    op.create_table(
        "slices",
        sa.Column("key", NUMBER, nullable=False),
        sa.Column("urn", word(512), nullable=False),
        sa.Column("uuid", word(64), nullable=False),
        sa.Column("spelling", word(512), nullable=False),
        sa.Column("shut_down", sa.Boolean, nullable=False),
        sa.Column("version", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("key", name="slices_pk"),
        sa.UniqueConstraint("urn", "uuid", name="slices_urn_uuid_uq"),
    )
    op.create_table(
        "frames",
        sa.Column("digest", word(64), nullable=False),
        sa.Column("body", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("digest", name="frames_pk"),
    )
    op.create_table(
        "slivers",
        sa.Column("key", NUMBER, nullable=False),
        sa.Column("urn", KEY, nullable=False),
        sa.Column("spelling", word(512), nullable=False),
        sa.Column("slice_key", NUMBER, nullable=False),
        sa.Column("kind", word(8), nullable=False),
        sa.Column("client_id", sa.Text, nullable=False),
        sa.Column("allocation", word(32), nullable=False),
        sa.Column("operational", word(32), nullable=False),
        sa.Column("expires", moment, nullable=False),
        sa.Column("contents", sa.Text, nullable=False),
        sa.Column("frame", word(64), nullable=False),
        sa.Column("pending", sa.Text),
        sa.Column("pending_frame", word(64)),
        sa.Column("step", word(16)),
        sa.Column("error", sa.Text, nullable=False),
        sa.Column("logins", sa.Text, nullable=False),
        sa.Column("access", sa.Text),
        sa.Column("touched", sa.Boolean, nullable=False),
        sa.Column("generation", sa.BigInteger, nullable=False),
        sa.Column("lease_owner", word(255)),
        sa.Column("lease_until", moment),
        sa.Column("retry_at", moment),
        sa.PrimaryKeyConstraint("key", name="slivers_pk"),
        sa.UniqueConstraint("urn", name="slivers_urn_uq"),
        sa.ForeignKeyConstraint(["slice_key"], ["slices.key"], name="slivers_slice_key_fk"),
        sa.ForeignKeyConstraint(["frame"], ["frames.digest"], name="slivers_frame_fk"),
        sa.ForeignKeyConstraint(
            ["pending_frame"], ["frames.digest"], name="slivers_pending_frame_fk"
        ),
    )
    op.create_index("slivers_slice_key_allocation_ix", "slivers", ["slice_key", "allocation"])
    op.create_index("slivers_allocation_expires_ix", "slivers", ["allocation", "expires"])
    op.create_index(
        "slivers_owed_ix",
        "slivers",
        ["key"],
        sqlite_where=sa.text("step IS NOT NULL"),
        postgresql_where=sa.text("step IS NOT NULL"),
    )
    op.create_table(
        "holds",
        sa.Column("sliver", KEY, nullable=False),
        sa.Column("component", word(512), nullable=False),
        sa.Column("dimension", word(32), nullable=False),
        sa.Column("amount", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("sliver", "component", "dimension", name="holds_pk"),
        sa.ForeignKeyConstraint(["sliver"], ["slivers.urn"], name="holds_sliver_fk"),
    )
    op.create_index("holds_sum_ix", "holds", ["component", "dimension", "amount"])
    op.create_table(
        "components",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("component", word(512), nullable=False),
        sa.Column("version", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("id", name="components_pk"),
        sa.UniqueConstraint("component", name="components_component_uq"),
    )
    op.create_table(
        "events",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("at", moment, nullable=False),
        sa.Column("request_id", word(64), nullable=False),
        sa.Column("caller", word(512), nullable=False),
        sa.Column("verb", word(64), nullable=False),
        sa.Column("subject", word(512), nullable=False),
        sa.Column("before", sa.Text, nullable=False),
        sa.Column("after", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("id", name="events_pk"),
    )
    counters = op.create_table(
        "counters",
        sa.Column("name", word(32), nullable=False),
        sa.Column("value", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("name", name="counters_pk"),
    )
    # A database made anew must not hand out the sliver URNs of one that was lost: its numbers
    # begin at the second it was made, above those of any that made less than one in a second.
    now = int(time.time())
    rows = [{"name": "hold version", "value": 0}]
    if op.get_bind().dialect.name == "postgresql":
        op.execute(sa.schema.CreateSequence(sa.Sequence("sliver_numbers", start=now + 1)))
    else:
        rows.append({"name": "sliver number", "value": now})
    op.bulk_insert(counters, rows)
