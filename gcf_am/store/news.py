"""Which slivers changed since a reader last asked: a bookmark in the record.

It counts sealed rows (`log`). The numbers of the rows themselves are no order to read in: where
several units write at a time, one that was numbered earlier may be committed later, behind the
bookmark, and would never be told. The numbers of the chain are given by one sealer to what is
committed, and none is ever given behind its end; so a reader that was away goes on where it
stopped, and misses nothing.
"""

from datetime import datetime
from typing import Final

from sqlalchemy import select, update

from gcf_am.audit.event import Kind
from gcf_am.manager.ports import News
from gcf_am.store.counters import read_counter
from gcf_am.store.tables import COUNTERS, EVENTS
from gcf_am.store.transaction import Transaction
from gcf_am.urn import Urn

BOOKMARK: Final = "told"


def news(
    transaction: Transaction, limit: int, fresh: tuple[datetime, datetime] | None = None
) -> News:
    """The slivers of the next changes behind the bookmark, and where it would be then.

    It ends before the first row of the `fresh` time, whose slivers may be gone in a moment.
    """
    since = last = read_counter(transaction, BOOKMARK)
    wanted = (
        select(
            EVENTS.c.seq,
            EVENTS.c.at,
            EVENTS.c.subject,
            EVENTS.c.before,
            EVENTS.c.caller,
            EVENTS.c.kind,
        )
        .where(EVENTS.c.seq > since)
        .order_by(EVENTS.c.seq)
        .limit(limit)
    )
    makers: dict[Urn, str] = {}
    for row in transaction.read(wanted):
        if fresh is not None and fresh[0] < row.at <= fresh[1]:
            break
        last = row.seq
        sliver = _sliver(row.subject) if row.kind == Kind.CHANGE else None
        if sliver is not None:
            made = makers.setdefault(sliver, "")
            makers[sliver] = made or (row.caller if not row.before else "")
    return News(since, last, makers)


def heard(transaction: Transaction, last: int) -> None:
    """Put the bookmark there."""
    to = update(COUNTERS).where(COUNTERS.c.name == BOOKMARK, COUNTERS.c.value < last)
    transaction.write(to.values(value=last))


def _sliver(subject: str) -> Urn | None:
    """The sliver an event tells of; others tell of slices."""
    try:
        urn = Urn.parse(subject)
    except ValueError:
        return None
    return urn if urn.kind == "sliver" else None
