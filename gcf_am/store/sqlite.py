"""A database in one SQLite file (decision 4).

WAL and synchronous=FULL, so that a commit that was answered survives a power cut; foreign keys;
one connection that writes, each of its transactions BEGIN IMMEDIATE; and connections that cannot
write, whose transactions are snapshots.
"""

import sqlite3
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

from sqlalchemy import URL, Connection, Engine, create_engine, event
from sqlalchemy.exc import DBAPIError

from gcf_am.errors import ConfigError, DatabaseError
from gcf_am.store.local_disk import require_local_disk
from gcf_am.store.turn import Turn

# decision 1: a lock that was not to be had in time is tried once more
_TRIES: Final = 2
# Between processes whoever asks first when the lock is free has it. SQLite's own waiting asks
# after pauses of up to 100 ms, and between busy processes some waited for more than a second.
_PAUSE: Final = 0.001

_PRAGMAS: Final = ("journal_mode = WAL", "synchronous = FULL", "foreign_keys = ON")


class SqliteDatabase:
    """An engine.Database: one file, made where it is missing only with `create`."""

    def __init__(self, file: str, *, busy_seconds: float, create: bool = False) -> None:
        self._file = Path(file).absolute()
        require_local_disk(self._file)
        self._create = create
        self._patience = busy_seconds * _TRIES
        self._turn = Turn()
        place = URL.create(
            "sqlite",
            # SQLite's own form, because of the mode; as text it would be unescaped on its way
            database=f"file:{quote(str(self._file))}",
            query={"mode": "rwc" if create else "rw", "uri": "true"},
        )
        self._readers = _engine(place, busy_seconds, pool_size=16, max_overflow=-1)
        # Threads take turns, so one connection is enough; its cache stays warm.
        self._writer = _engine(place, busy_seconds, pool_size=1, max_overflow=0)
        event.listen(self._readers, "connect", _only_reads)
        event.listen(self._readers, "begin", _begin_deferred)
        event.listen(self._writer, "connect", _never_waits)
        event.listen(self._writer, "begin", self._begin_immediate)
        self._identity = None if create else self._identity_now()

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A snapshot, taken by the first statement."""
        self._require_same_file()
        with self._readers.connect() as connection:
            connection.begin()
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """A transaction with the right to write; undone unless the block commits it."""
        self._require_same_file()
        with self._turn.taken(self._patience), self._writer.connect() as connection:
            connection.begin()
            yield connection

    def altering(self) -> AbstractContextManager[Connection]:
        """The same: nobody writes beside it anyway."""
        return self.writing()

    def require(self) -> None:
        """Raise ConfigError unless the file is there, or may be made."""
        if not self._create and not self._file.exists():
            raise ConfigError("there is no database yet: run `gcf-am upgrade-db`")

    def close(self) -> None:
        """Close all connections."""
        self._readers.dispose()
        self._writer.dispose()

    def _begin_immediate(self, connection: Connection) -> None:
        driver, deadline = _driver(connection), time.monotonic() + self._patience
        while time.monotonic() < deadline:
            # asked of the driver itself: until SQLAlchemy has told that it is busy, it may be free
            try:
                driver.execute("BEGIN IMMEDIATE").close()
            except sqlite3.OperationalError as error:
                if not _says_busy(error):
                    break
                time.sleep(_PAUSE)
            else:
                return
        # once more, for an error of the kind that all others are
        connection.exec_driver_sql("BEGIN IMMEDIATE")

    def _identity_now(self) -> tuple[int, int] | None:
        try:
            found = self._file.stat()
        except OSError:
            return None
        return found.st_dev, found.st_ino

    def _require_same_file(self) -> None:
        """Raise DatabaseError when the file was removed or replaced since it was opened.

        SQLite would go on writing to the file that nobody will ever find again.
        """
        now = self._identity_now()
        if self._identity is None:
            self._identity = now
        elif now != self._identity:
            raise DatabaseError("the aggregate's database was taken away; it must be restarted")


def _engine(place: URL, busy_seconds: float, **pool: int) -> Engine:
    engine = create_engine(
        place,
        connect_args={"timeout": busy_seconds},
        # What experimenters wrote stays out of logs and error texts.
        hide_parameters=True,
        **pool,
    )
    event.listen(engine, "connect", _configure)
    return engine


def _configure(connection: Any, record: object) -> None:
    del record
    # The driver would begin transactions by itself, DEFERRED and not before the first write.
    connection.isolation_level = None
    for pragma in _PRAGMAS:
        connection.execute(f"PRAGMA {pragma}").close()


def _only_reads(connection: Any, record: object) -> None:
    del record
    connection.execute("PRAGMA query_only = ON").close()


def _never_waits(connection: Any, record: object) -> None:
    del record
    connection.execute("PRAGMA busy_timeout = 0").close()


def _begin_deferred(connection: Connection) -> None:
    # it takes nothing yet, so nothing can go wrong
    _driver(connection).execute("BEGIN DEFERRED").close()


def _driver(connection: Connection) -> Any:
    """The driver's own connection."""
    return connection.connection.driver_connection


def is_busy(error: DBAPIError) -> bool:
    """Whether SQLite says that a lock could not be had in time."""
    return _says_busy(error.orig)


def _says_busy(error: BaseException | None) -> bool:
    code = getattr(error, "sqlite_errorcode", None)
    # The low byte is the primary result code, the rest tells its kind.
    return code is not None and code & 0xFF in {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}
