"""The bookmark of who tells a slice authority counts sealed rows, no longer all of them."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    """Go to the last row that was told, as it is sealed or will be: in the order of their ids."""
    connection = op.get_bind()
    events = sa.table("events", sa.column("id", sa.BigInteger), sa.column("seq", sa.BigInteger))
    audit = sa.table("audit", sa.column("seq", sa.BigInteger))
    counters = sa.table("counters", sa.column("name", sa.String), sa.column("value", sa.BigInteger))
    bookmark = counters.c.name == "told"
    told = connection.execute(sa.select(counters.c.value).where(bookmark)).scalar_one()
    heard = events.c.id <= told
    waiting = sa.select(sa.func.count()).where(heard, events.c.seq.is_(None))
    unsealed = connection.execute(waiting).scalar_one()
    end = connection.execute(sa.select(audit.c.seq)).scalar_one()
    seq = connection.execute(sa.select(sa.func.max(events.c.seq)).where(heard)).scalar()
    if unsealed:
        seq = end + unsealed
    elif seq is None:
        # nothing that is there was told
        first = connection.execute(sa.select(sa.func.min(events.c.seq))).scalar()
        seq = end if first is None else first - 1
    connection.execute(sa.update(counters).where(bookmark).values(value=seq))
