"""A bookmark in the record, for who tells a slice authority of slivers."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Begin at the end: what happened before was nobody's to tell."""
    connection = op.get_bind()
    events = sa.table("events", sa.column("id", sa.BigInteger))
    last = connection.execute(sa.select(sa.func.max(events.c.id))).scalar() or 0
    counters = sa.table("counters", sa.column("name", sa.String), sa.column("value", sa.BigInteger))
    op.bulk_insert(counters, [{"name": "told", "value": last}])
