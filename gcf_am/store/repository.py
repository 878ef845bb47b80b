"""The store over an SQL database; what it promises stands in manager.ports.Store."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta

from sqlalchemy import Connection, func, select

from gcf_am.clock import Clock
from gcf_am.manager.ports import Unit
from gcf_am.store.engine import Database, open_database
from gcf_am.store.faults import answered
from gcf_am.store.sums import Sums, since
from gcf_am.store.transaction import Transaction
from gcf_am.store.unit import SqlUnit
from gcf_am.store.upgrade import check, revision


class SqlStore:
    """Slices, slivers, holds and events in one database.

    For any number of threads; several processes may have a store on the same database, each
    opened after they were forked. Units do not nest within a thread.
    """

    def __init__(self, database: Database, *, authority: str) -> None:
        self._database = database
        self._authority = authority
        self._sums = Sums()

    @contextmanager
    def read(self) -> Iterator[Unit]:
        """A unit that only reads; its snapshot is taken by its first statement."""
        with answered(), self._database.reading() as connection:
            yield self._unit(connection, writes=False)

    @contextmanager
    def write(self) -> Iterator[Unit]:
        """A unit that writes: commits when the block ends well, else leaves no trace."""
        with answered(), self._database.writing() as connection:
            unit = self._unit(connection, writes=True)
            yield unit
            unit.commit()

    def held_since(self, version: int) -> tuple[int, Mapping[tuple[str, str], int]]:
        """The hold version of now, and the sums that changed after another; for all processes."""
        with answered(), self._database.reading() as connection:
            return since(Transaction(connection, writes=False), version)

    def ahead(self, clock: Clock) -> timedelta:
        """By how much at least a clock is ahead of the database server's; a file has no clock."""
        with answered(), self._database.reading() as connection:
            transaction = Transaction(connection, writes=False)
            if not transaction.shared:
                return timedelta()
            before = clock.now()
            theirs: datetime = transaction.read(select(func.clock_timestamp())).scalar_one()
            # it was told at some time in between
            return max(before - theirs, timedelta()) + min(clock.now() - theirs, timedelta())

    def schema(self) -> str:
        """The name of the schema that the database has now."""
        with answered(), self._database.reading() as connection:
            return revision(connection)

    def close(self) -> None:
        """Let go of the database."""
        self._database.close()

    def _unit(self, connection: Connection, *, writes: bool) -> SqlUnit:
        return SqlUnit(connection, authority=self._authority, writes=writes, sums=self._sums)


def open_store(url: str, *, authority: str, busy_seconds: float = 5.0) -> SqlStore:
    """The store at a database URL (`engine.FORMS`), whose sliver URNs are of `authority`.

    `busy_seconds` is how long a unit waits for a lock before it tries once more. Raises
    ConfigError when the URL is none of ours, its file is not on a local disk, or the database is
    missing, cannot be reached or is not at this release's schema.
    """
    check(url)
    return SqlStore(open_database(url, busy_seconds=busy_seconds), authority=authority)
