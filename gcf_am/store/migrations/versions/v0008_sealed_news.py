"""The bookmark of who tells a slice authority counts sealed rows, no longer all of them."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    """Go to the last sealed row that was told; what was told and not yet sealed is told again."""
    connection = op.get_bind()
    events = sa.table("events", sa.column("id", sa.BigInteger), sa.column("seq", sa.BigInteger))
    audit = sa.table("audit", sa.column("seq", sa.BigInteger))
    counters = sa.table("counters", sa.column("name", sa.String), sa.column("value", sa.BigInteger))
    bookmark = counters.c.name == "told"
    told = connection.execute(sa.select(counters.c.value).where(bookmark)).scalar_one()
    heard = sa.select(sa.func.max(events.c.seq)).where(events.c.id <= told)
    seq = connection.execute(heard).scalar()
    if seq is None:
        # none of what is there was told
        first = connection.execute(sa.select(sa.func.min(events.c.seq))).scalar()
        end = connection.execute(sa.select(audit.c.seq)).scalar_one()
        seq = end if first is None else first - 1
    connection.execute(sa.update(counters).where(bookmark).values(value=seq))
