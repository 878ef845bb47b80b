"""A database on a PostgreSQL server, for any number of processes on any number of hosts.

What reads has a snapshot (REPEATABLE READ, READ ONLY). What writes is READ COMMITTED: decision 1
has it lock the rows on which it decides before it reads them, and a statement after the lock sees
all that was committed before; so no unit fails because another one was faster, and none has to be
run again. All locks are taken in one order (`locks`), so that units never wait in a circle.

Nothing waits for ever: a lock is waited for twice `busy_seconds` (decision 1: tried once more), a
statement is ended by the server some seconds later, and given up here, with its connection, when
even that is not heard of.
"""

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Final

from sqlalchemy import URL, Connection, create_engine, event
from sqlalchemy.exc import DBAPIError, DisconnectionError

from gcf_am.errors import ConfigError

_TRIES: Final = 2
# What a statement may take beyond its waiting for locks, and then its answer on the way here.
_LATE: Final = 10.0
_ON_THE_WAY: Final = 2.0
# Between two statements a unit computes, at most a placement; beyond that its host is gone.
_IDLE: Final = 300.0
_OLDEST: Final = 15
# A number for the lock of the schema, which nothing else here uses.
_SCHEMA: Final = 0x6763665F616D
# lock_not_available; serialization_failure, deadlock_detected
_BUSY: Final = frozenset({"55P03", "40001", "40P01"})
# query_canceled
_TOO_LATE: Final = "57014"
# Of a connection that was refused libpq keeps no code, only the server's words.
_NO_DATABASE: Final = re.compile('database ".*" does not exist')
_NOT_LET_IN: Final = re.compile('authentication failed|role ".*" does not exist|no pg_hba.conf')
_FULL: Final = re.compile("too many clients|too many connections|connection slots are reserved")


class PostgresqlDatabase:
    """An engine.Database: one of a server's databases, which somebody made for the aggregate."""

    def __init__(self, url: URL, *, busy_seconds: float) -> None:
        self._patience = busy_seconds * _TRIES
        self._url = url.set(drivername="postgresql+psycopg")
        try:
            # psycopg is an extra: who stays with SQLite need not have it
            from gcf_am.store.punctual import PunctualConnection, PunctualCursor
        except ImportError:
            raise ConfigError(
                "url in [store] needs psycopg: pip install 'gcf_am[postgresql]'"
            ) from None
        self._made_by, self._cursor = PunctualConnection.connect, PunctualCursor
        self._engine = create_engine(
            self._url,
            creator=self._connect,
            pool_size=16,
            max_overflow=-1,
            # so those that a busy moment needed lie unused, and end
            pool_use_lifo=True,
            # What experimenters wrote stays out of logs and error texts.
            hide_parameters=True,
        )
        event.listen(self._engine, "checkout", _require_life)

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A snapshot, taken by the first statement."""
        with self._engine.connect() as connection:
            _driver(connection).will_read()
            connection.begin()
            yield connection
            # with a rollback psycopg forgets all that the server has prepared on the connection
            connection.commit()

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """A transaction with the right to write; undone unless the block commits it."""
        with self._engine.connect() as connection:
            _driver(connection).will_write()
            connection.begin()
            yield connection

    @contextmanager
    def altering(self) -> Iterator[Connection]:
        """The same, alone, and for as long as it takes.

        Only for tables that others use it does not wait longer than else: whoever wants one of
        them would wait behind it.
        """
        with self.writing() as connection:
            driver = _driver(connection)
            patience, driver.patience = driver.patience, 0.0
            try:
                connection.exec_driver_sql("SET LOCAL lock_timeout = 0")
                connection.exec_driver_sql("SET LOCAL statement_timeout = 0")
                connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_SCHEMA})")
                connection.exec_driver_sql("SET LOCAL lock_timeout TO DEFAULT")
                yield connection
            finally:
                driver.patience = patience

    def require(self) -> None:
        """Raise ConfigError unless the database is there, of a version and encoding that will do."""
        try:
            with self.reading() as connection:
                version = _driver(connection).info.server_version // 10000
                encoding = connection.exec_driver_sql("SHOW server_encoding").scalar_one()
        except DBAPIError as error:
            raise ConfigError(_unreachable(error)) from error
        if version < _OLDEST:
            raise ConfigError(f"url in [store] needs PostgreSQL {_OLDEST} or later, not {version}")
        if encoding != "UTF8":
            raise ConfigError(
                f"the database that url in [store] names must be in UTF8, not {encoding}: "
                "make it with `createdb -E UTF8 -T template0`"
            )

    def close(self) -> None:
        """Close all connections."""
        self._engine.dispose()

    def _connect(self) -> Any:
        _, given = self._engine.dialect.create_connect_args(self._url)
        connection = self._made_by(
            autocommit=True, cursor_factory=self._cursor, **_arguments(given, self._patience)
        )
        connection.patience = self._patience + _LATE + _ON_THE_WAY
        return connection


def _arguments(given: Mapping[str, Any], patience: float) -> dict[str, Any]:
    """How to connect, as the URL says it, and with our limits where it says nothing."""
    limits = {
        "lock_timeout": max(1, int(patience * 1000)),
        "statement_timeout": int((patience + _LATE) * 1000),
        "idle_in_transaction_session_timeout": int(_IDLE * 1000),
        "timezone": "UTC",
    }
    options = " ".join(f"-c {name}={value}" for name, value in limits.items())
    return {
        "application_name": "gcf_am",
        "connect_timeout": max(2, int(patience)),
        # a host that is gone answers nothing, and tells nobody
        "tcp_user_timeout": int((patience + _LATE + _ON_THE_WAY) * 1000),
        "keepalives_idle": 30,
        **given,
        "client_encoding": "utf8",
        # what comes last counts
        "options": f"{options} {given.get('options', '')}".strip(),
    }


def _driver(connection: Connection) -> Any:
    """The driver's own connection."""
    return connection.connection.driver_connection


def _require_life(connection: Any, record: object, proxy: object) -> None:
    """Take no connection whose server has ended since; another one is made instead."""
    del record, proxy
    if connection.ended:
        raise DisconnectionError


def _unreachable(error: DBAPIError) -> str:
    if _NO_DATABASE.search(str(error.orig)):
        return "url in [store] names a database that is not there: make it with `createdb -E UTF8`"
    if _NOT_LET_IN.search(str(error.orig)):
        return "url in [store] names a user whom the database server does not let in"
    return "url in [store] names a database that cannot be reached now: does its server run?"


def is_busy(error: DBAPIError) -> bool:
    """Whether PostgreSQL says that a lock, or a connection, could not be had in time."""
    code = getattr(error.orig, "sqlstate", "")
    return code in _BUSY or (code is None and bool(_FULL.search(str(error.orig))))


def is_late(error: DBAPIError) -> bool:
    """Whether PostgreSQL did not answer in time."""
    return getattr(error.orig, "sqlstate", None) == _TOO_LATE
