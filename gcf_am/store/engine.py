"""The door to the database, whichever it is: SQLite's one file, or a PostgreSQL server.

What differs between them stands in `sqlite`, in `postgresql`, and in the few functions of `locks`
that a database with one writer at a time does not need.
"""

from contextlib import AbstractContextManager
from typing import Final, Protocol

from sqlalchemy import Connection, make_url
from sqlalchemy.exc import ArgumentError

from gcf_am.errors import ConfigError
from gcf_am.store.postgresql import PostgresqlDatabase
from gcf_am.store.sqlite import SqliteDatabase

FORMS: Final = "sqlite:///FILE or postgresql://USER@HOST/DATABASE"


class Database(Protocol):
    """A database for any number of threads of one process.

    `busy_seconds`, with which it was opened, is how long a statement waits for a lock, and a
    transaction that writes for its turn, before it is tried once more (decision 1).
    """

    def reading(self) -> AbstractContextManager[Connection]:
        """A snapshot, taken by the first statement; what would write is refused."""
        ...

    def writing(self) -> AbstractContextManager[Connection]:
        """A transaction with the right to write; undone unless the block commits it."""
        ...

    def altering(self) -> AbstractContextManager[Connection]:
        """The same for changes of the schema: of two at once one waits for the other."""
        ...

    def require(self) -> None:
        """Raise ConfigError, which names the remedy, unless the database is there and usable."""
        ...

    def close(self) -> None:
        """Close all connections."""
        ...


def open_database(url: str, *, busy_seconds: float, create: bool = False) -> Database:
    """The database at a URL; raises ConfigError for a URL that is none of ours.

    Only with `create` is a missing SQLite file made: a store that lost its file must not go on
    with an empty one. A PostgreSQL database is made by who runs the server.
    """
    try:
        parsed = make_url(url)
    except ArgumentError:
        raise ConfigError(f"url in [store] is no database URL like {FORMS}") from None
    if parsed.drivername in {"postgresql", "postgresql+psycopg"} and parsed.database:
        return PostgresqlDatabase(parsed, busy_seconds=busy_seconds)
    plain = parsed.database not in {None, "", ":memory:"} and not parsed.query
    if parsed.get_backend_name() != "sqlite" or not plain:
        raise ConfigError(f"url in [store] must be of the form {FORMS}")
    return SqliteDatabase(str(parsed.database), busy_seconds=busy_seconds, create=create)
