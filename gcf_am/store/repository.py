"""The store over an SQL database; what it promises stands in manager.ports.Store."""

from collections.abc import Iterator
from contextlib import contextmanager

from gcf_am.manager.ports import Unit
from gcf_am.store.counters import read_counter
from gcf_am.store.engine import Database
from gcf_am.store.faults import answered
from gcf_am.store.tables import HOLD_VERSION
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

    @contextmanager
    def read(self) -> Iterator[Unit]:
        """A unit that only reads; its snapshot is taken by its first statement."""
        with answered(), self._database.reading() as connection:
            yield SqlUnit(connection, authority=self._authority, writes=False)

    @contextmanager
    def write(self) -> Iterator[Unit]:
        """A unit that writes: commits when the block ends well, else leaves no trace."""
        with answered(), self._database.writing() as connection:
            unit = SqlUnit(connection, authority=self._authority, writes=True)
            yield unit
            unit.commit()

    def hold_version(self) -> int:
        """A number that changes whenever a hold opens or closes, in whatever process."""
        with answered(), self._database.reading() as connection:
            return read_counter(Transaction(connection, writes=False), HOLD_VERSION)

    def schema(self) -> str:
        """The name of the schema that the database has now."""
        with answered(), self._database.reading() as connection:
            return revision(connection)

    def close(self) -> None:
        """Let go of the database."""
        self._database.close()


def open_store(url: str, *, authority: str, busy_seconds: float = 5.0) -> SqlStore:
    """The store at a database URL (`sqlite:///FILE`), whose sliver URNs are of `authority`.

    `busy_seconds` is how long a unit waits for a lock before it tries once more. Raises
    ConfigError when the URL is none of ours, the file is not on a local disk, or the database is
    missing or not at this release's schema.
    """
    check(url)
    return SqlStore(Database(url, busy_seconds=busy_seconds), authority=authority)
