"""The log over an SQL database: committed events get their place in one chain, and are read back.

Events are written by the units that make the changes, in any process; they wait for nothing. A
sealer then gives them numbers and hashes in the order in which they were written.
"""

import json
from collections.abc import Generator, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, bindparam, func, insert, or_, select, update

from gcf_am.audit.chain import Head
from gcf_am.audit.event import Event, Kind
from gcf_am.audit.replay import Begin, State, Untold
from gcf_am.audit.row import Row, sealed
from gcf_am.store.engine import Database, open_database
from gcf_am.store.events import read_row, write_event, write_seal
from gcf_am.store.faults import answered
from gcf_am.store.tables import AUDIT, EVENTS
from gcf_am.store.transaction import Transaction
from gcf_am.store.upgrade import check

# Rows in one transaction: others' writes wait for it some ten milliseconds at most.
PAGE: Final = 500


@dataclass(frozen=True, slots=True)
class Chain:
    """A chain to be proved.

    `base` is the row behind which it begins, as its newest checkpoint tells, else none; `end` is
    where it says that it ends, `unsealed` how many rows wait, `rows` are those behind `base`.
    """

    base: Head
    end: Head
    unsealed: int
    rows: Iterator[Row]


class SqlLog:
    """The log in one database, beside any number of stores on it, in whatever process."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @contextmanager
    def reading(self) -> Iterator[Transaction]:
        """A transaction that reads one snapshot."""
        with answered(), self._database.reading() as connection:
            yield Transaction(connection, writes=False)

    @contextmanager
    def writing(self) -> Iterator[Transaction]:
        """A transaction that writes; undone unless the block commits it."""
        with answered(), self._database.writing() as connection:
            yield Transaction(connection, writes=True)

    def seal(self, owner: str, now: datetime, until: datetime) -> int:
        """Seal up to PAGE rows, the oldest first, as `owner`; answers how many.

        It is 0 while another owner's lease lasts; with the work goes the lease until `until`. Nothing
        is written where nothing is to be sealed. The hashes are made outside the transaction that
        writes them, which does nothing when the chain went on meanwhile.
        """
        with self.reading() as transaction:
            found = transaction.read(select(AUDIT)).mappings().one()
            if found["owner"] not in {None, owner} and found["until"] > now:
                return 0
            unsealed = list(_read(transaction, EVENTS.c.seq.is_(None), order=EVENTS.c.id))
        if not unsealed:
            return 0
        rows: list[Row] = []
        end = Head(found["seq"], found["hash"])
        for row in unsealed:
            rows.append(sealed(row, end.seq + 1, end.hash))
            end = Head(end.seq + 1, rows[-1].hash)
        free = or_(AUDIT.c.owner.is_(None), AUDIT.c.owner == owner, AUDIT.c.until <= now)
        go_on = (
            update(AUDIT)
            .where(AUDIT.c.seq == found["seq"], AUDIT.c.hash == found["hash"], free)
            .values(seq=end.seq, hash=end.hash, owner=owner, until=until)
        )
        # what was forgotten of a row since it was read has other commitments now
        same = (EVENTS.c.id == bindparam("row"), EVENTS.c.forgotten == bindparam("read"))
        seals = [
            {"row": one.id, "read": json.dumps(one.forgotten), **write_seal(one)} for one in rows
        ]
        values: dict[str, Any] = {name: bindparam(name) for name in ("seq", "hash", "salts")}
        with self.writing() as transaction:
            if transaction.write(go_on).rowcount != 1:
                return 0
            seal = update(EVENTS).where(*same, EVENTS.c.seq.is_(None)).values(values)
            if transaction.write(seal, seals).rowcount != len(rows):
                return 0
            transaction.commit()
        return len(rows)

    @contextmanager
    def chain(self) -> Iterator[Chain]:
        """The whole chain as it is at one moment."""
        with self.reading() as transaction:
            unsealed = select(func.count()).where(EVENTS.c.seq.is_(None))
            base = _base(transaction)
            yield Chain(
                base,
                Head(*transaction.read(select(AUDIT.c.seq, AUDIT.c.hash)).one()),
                int(transaction.read(unsealed).scalar_one()),
                _pages(transaction, base.seq),
            )

    def base(self) -> Head:
        """The row behind which the log begins."""
        with self.reading() as transaction:
            return _base(transaction)

    def begin(self) -> Begin:
        """Where the log begins to tell what is there; raises Untold in its first moments."""
        with self.reading() as transaction:
            checkpoint = _newest(transaction, Kind.CHECKPOINT)
            baseline = _newest(transaction, Kind.BASELINE)
            late = transaction.read(
                select(EVENTS.c.id).where(EVENTS.c.kind == Kind.BASELINE, EVENTS.c.seq.is_(None))
            ).first()
        if checkpoint is not None:
            told = checkpoint.event.told
            return Begin(told["through"], datetime.fromisoformat(told["at"]), State.read(told))
        if late is not None:
            raise Untold("the log has only just begun: try again in a few seconds")
        if baseline is None:
            return Begin()
        assert baseline.seq is not None
        return Begin(baseline.seq, baseline.event.at, State.read(baseline.event.told))

    def rows(self, after: int = 0) -> Generator[Row]:
        """The sealed rows behind the one with this number, in order."""
        with self.reading() as transaction:
            yield from _pages(transaction, after)

    def changes(self, begin: Begin) -> Generator[Row]:
        """The changes behind `begin` in order, those that are not sealed yet last."""
        with self.reading() as transaction:
            yield from _pages(transaction, begin.seq, EVENTS.c.kind == Kind.CHANGE)
            new = (EVENTS.c.kind == Kind.CHANGE, EVENTS.c.seq.is_(None))
            yield from _read(transaction, *new, order=EVENTS.c.id, limit=None)

    def record(self, events: Iterable[Event]) -> None:
        """Write rows of the log's own, or of calls."""
        rows = [write_event(one) for one in events]
        if rows:
            with self.writing() as transaction:
                transaction.write(insert(EVENTS), rows)
                transaction.commit()

    def close(self) -> None:
        """Let go of the database."""
        self._database.close()


def open_log(url: str, *, busy_seconds: float = 5.0) -> SqlLog:
    """The log at a database URL; raises ConfigError as `open_store` does."""
    check(url)
    return SqlLog(open_database(url, busy_seconds=busy_seconds))


def _newest(transaction: Transaction, kind: Kind) -> Row | None:
    wanted = select(EVENTS).where(EVENTS.c.kind == kind, EVENTS.c.seq.is_not(None))
    found = transaction.read(wanted.order_by(EVENTS.c.seq.desc()).limit(1)).mappings().first()
    return None if found is None else read_row(found)


def _base(transaction: Transaction) -> Head:
    newest = _newest(transaction, Kind.CHECKPOINT)
    if newest is None:
        return Head()
    told = newest.event.told
    return Head(told["through"], told["hash"])


def _pages(transaction: Transaction, after: int, *conditions: ColumnElement[bool]) -> Iterator[Row]:
    """Sealed rows, so many at a time."""
    while page := list(_read(transaction, EVENTS.c.seq > after, *conditions, order=EVENTS.c.seq)):
        yield from page
        after = page[-1].seq or after


def _read(
    transaction: Transaction,
    *conditions: ColumnElement[bool],
    order: ColumnElement[Any],
    limit: int | None = PAGE,
) -> Iterator[Row]:
    wanted = select(EVENTS).where(*conditions).order_by(order).limit(limit)
    yield from map(read_row, transaction.read(wanted).mappings().all())
