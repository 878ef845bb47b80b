"""The connection to the database: the one place that knows which database it is.

SQLite: WAL and synchronous=FULL (a commit that was answered survives a power cut), foreign keys,
BEGIN IMMEDIATE for units that write and BEGIN DEFERRED, a snapshot in WAL, for those that read.
"""

import sqlite3
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

from sqlalchemy import Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError

from gcf_am.errors import ConfigError
from gcf_am.store.local_disk import require_local_disk

_BEGIN: Final = "gcf_am_begin"


def database_file(url: str) -> Path:
    """The file of an SQLite URL; raises ConfigError for any other URL.

    It must lie on a local disk (decision 4: more than one host means PostgreSQL).
    """
    try:
        parsed = make_url(url)
    except ArgumentError:
        raise ConfigError("url in [store] is no database URL like sqlite:///FILE") from None
    if parsed.get_backend_name() != "sqlite" or parsed.database in {None, "", ":memory:"}:
        raise ConfigError("url in [store] must be sqlite:///FILE")
    file = Path(str(parsed.database))
    require_local_disk(file)
    return file


def open_engine(url: str, *, busy_seconds: float, create: bool = False) -> Engine:
    """An engine on the database; nothing is opened yet.

    `busy_seconds` is how long a statement waits for a lock. Only with `create` is a missing file
    made: a store that lost its file must not go on with an empty one.
    """
    file = database_file(url)
    mode = "rwc" if create else "rw"
    engine = create_engine(
        f"sqlite:///file:{quote(str(file.absolute()))}?mode={mode}&uri=true",
        connect_args={"timeout": busy_seconds},
        # As many connections as there are callers: their number is bounded elsewhere.
        pool_size=16,
        max_overflow=-1,
        # What experimenters wrote stays out of logs and error texts.
        hide_parameters=True,
    )
    event.listen(engine, "connect", _configure)
    event.listen(engine, "begin", _begin)
    return engine


def reading(engine: Engine) -> Connection:
    """A connection whose transaction is a snapshot."""
    return engine.connect().execution_options(**{_BEGIN: "BEGIN DEFERRED"})


def writing(engine: Engine) -> Connection:
    """A connection whose transaction holds the lock to write from its begin."""
    return engine.connect().execution_options(**{_BEGIN: "BEGIN IMMEDIATE"})


def _configure(connection: Any, record: object) -> None:
    del record
    # The driver would begin transactions by itself, DEFERRED and not before the first write.
    connection.isolation_level = None
    for pragma in ("journal_mode = WAL", "synchronous = FULL", "foreign_keys = ON"):
        connection.execute(f"PRAGMA {pragma}").close()


def _begin(connection: Connection) -> None:
    connection.exec_driver_sql(connection.get_execution_options().get(_BEGIN, "BEGIN IMMEDIATE"))


def is_busy(error: BaseException) -> bool:
    """Whether a database error says that a lock could not be had in time."""
    if not isinstance(error, DBAPIError):
        return False
    code = getattr(error.orig, "sqlite_errorcode", None)
    # The low byte is the primary result code, the rest tells its kind.
    return code is not None and code & 0xFF in {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}
