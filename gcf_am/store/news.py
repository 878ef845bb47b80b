"""Which slivers changed since a reader last asked: a bookmark in the record.

Changes are numbered in the order of their transactions, since only one writes at a time
(decision 4); a reader that was away goes on where it stopped.
"""

from typing import Final

from sqlalchemy import select, update

from gcf_am.audit.event import Kind
from gcf_am.manager.ports import News
from gcf_am.store.counters import read_counter
from gcf_am.store.tables import COUNTERS, EVENTS
from gcf_am.store.transaction import Transaction
from gcf_am.urn import Urn

BOOKMARK: Final = "told"


def news(transaction: Transaction, limit: int) -> News:
    """The slivers of the next changes behind the bookmark, and where it would be then."""
    since = last = read_counter(transaction, BOOKMARK)
    wanted = (
        select(EVENTS.c.id, EVENTS.c.subject, EVENTS.c.before, EVENTS.c.caller, EVENTS.c.kind)
        .where(EVENTS.c.id > since)
        .order_by(EVENTS.c.id)
        .limit(limit)
    )
    makers: dict[Urn, str] = {}
    for row in transaction.read(wanted):
        last = row.id
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
