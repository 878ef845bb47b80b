"""A transaction that cannot go on after one of its statements failed."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Any, Final, TypeVar

from sqlalchemy import Connection, CursorResult, Executable
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from gcf_am.errors import DatabaseError
from gcf_am.store.faults import answered

T = TypeVar("T")
# Databases bound the number of parameters in one statement.
_AT_ONCE: Final = 500


class Transaction:
    """The one door to the database of a unit.

    Statements that calls run again and again are made once, for the module: to make one takes
    longer than to run it. What differs is given as `values`, by the names of its bindparam().

    A database may have rolled back by itself where a statement failed (SQLite does so when the
    disk is full); what a caller that swallowed the error did next would stand alone. Therefore
    after a failure every further statement, and the end, raise DatabaseError.

    `shared` tells whether others write at the same time: then rows must be locked (`locks`).
    `written` counts the statements that wrote.
    """

    def __init__(self, connection: Connection, *, writes: bool) -> None:
        self._connection = connection
        self._writes = writes
        self._failed = False
        self.shared = connection.dialect.name == "postgresql"
        self.written = 0

    def read(self, statement: Executable, /, **values: object) -> "CursorResult[*tuple[Any, ...]]":
        """Run a statement that only reads."""
        return self._run(statement, values)

    def write(
        self,
        statement: Executable,
        rows: Sequence[dict[str, Any]] | None = None,
        /,
        **values: object,
    ) -> "CursorResult[*tuple[Any, ...]]":
        """Run a statement that writes, once for each of `rows` where they are given."""
        self.require_writing()
        self.written += 1
        return self._run(statement, values if rows is None else rows)

    def push(
        self,
        statement: Executable,
        rows: Sequence[dict[str, Any]] | None = None,
        /,
        **values: object,
    ) -> None:
        """The same where nobody asks what came of it.

        To a server it goes on its way with the next statement, or with the commit, which then
        raises what it would have raised.
        """
        if not self.shared:
            self.write(statement, rows, **values)
            return
        with self._driver().pushing():
            self.write(statement, rows, **values)

    def require_writing(self) -> None:
        """Raise TypeError in a unit that only reads."""
        if not self._writes:
            raise TypeError("a unit of Store.read() was asked to write")

    def _driver(self) -> Any:
        return self._connection.connection.driver_connection

    def _run(self, statement: Executable, rows: Any) -> "CursorResult[*tuple[Any, ...]]":
        if self._failed:
            raise DatabaseError("the aggregate's database failed earlier in this call")
        with answered():
            try:
                return self._connection.execute(statement, rows)
            except SQLAlchemyError:
                self._failed = True
                raise

    def commit(self) -> None:
        """Make what was done lasting."""
        if self._failed:
            raise DatabaseError("the aggregate's database failed; nothing was changed")
        with answered():
            try:
                self._connection.commit()
            except DBAPIError as error:
                if not error.connection_invalidated:
                    raise
                # a server that was lost now may have done it, and not told
                raise DatabaseError(
                    "the aggregate's database was lost at the last moment: whether the call was "
                    "done is to be seen once it is back"
                ) from error


def in_parts(items: Iterable[T]) -> Iterator[list[T]]:
    """The items in lists that are short enough for one statement."""
    rest = iter(items)
    while part := list(islice(rest, _AT_ONCE)):
        yield part
