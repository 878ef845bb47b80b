"""Old rows of the log go behind a checkpoint: a row that tells their last hash, and the state then.

The checkpoint is sealed like any row, so the chain that is left is proved from it.
"""

from collections.abc import Iterator
from contextlib import closing
from datetime import datetime

from sqlalchemy import delete, select

from gcf_am.audit.event import Event, Kind, write_details
from gcf_am.audit.replay import replay
from gcf_am.audit.row import Row
from gcf_am.store.log import PAGE, SqlLog
from gcf_am.store.tables import EVENTS


def checkpoint(log: SqlLog, before: datetime, now: datetime) -> bool:
    """Tell the state behind the newest row that is older, so that it and those before may go.

    Answers whether there was such a row. They go once the checkpoint is sealed (`drop`). Raises
    Untold when the log does not tell the state.
    """
    begin = log.begin()
    through: Row | None = None

    def old() -> Iterator[Row]:
        nonlocal through
        with closing(log.rows(begin.seq)) as rows:
            for row in rows:
                if row.event.at >= before:
                    return
                through = row
                if row.event.kind is Kind.CHANGE:
                    yield row

    state = replay(old(), begin.state)
    if through is None:
        return False
    told = {"through": through.seq, "hash": through.hash, "at": through.event.at.isoformat()}
    log.record(
        [
            Event(
                now, "", "", "checkpoint", "",
                kind=Kind.CHECKPOINT,
                details=write_details({**told, **state.write()}),
            )
        ]
    )  # fmt: skip
    return True


def drop(log: SqlLog) -> int:
    """Remove a page of rows behind which a sealed checkpoint stands; answers how many."""
    base = log.base()
    old = select(EVENTS.c.seq).where(EVENTS.c.seq <= base.seq).order_by(EVENTS.c.seq).limit(PAGE)
    # another process may be at it, too
    old = old.with_for_update(skip_locked=True)
    with log.writing() as transaction:
        gone = transaction.write(delete(EVENTS).where(EVENTS.c.seq.in_(old.scalar_subquery())))
        transaction.commit()
    return gone.rowcount
