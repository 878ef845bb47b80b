"""A connection to PostgreSQL that gives up a server which does not answer, and asks it seldom.

The server ends a statement that takes too long, and the kernel a connection to a host that is
gone; but a server that is stopped, or whose disk is, does neither.

To send a statement and wait for its answer takes longer than most of them do. So what begins a
transaction goes on its way with its first statement, and what is `pushing` with the next that is
not; the server does all in turn, and after one that fails nothing more.
"""

import select
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from typing import Any, Final

from psycopg import Column, Connection, Cursor, Error
from psycopg.abc import RV, Params, PQGen, Query
from psycopg.errors import OperationalError, QueryCanceled
from psycopg.pq import TransactionStatus

_READ: Final = b"BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"
_WRITE: Final = b"BEGIN ISOLATION LEVEL READ COMMITTED"
_COMMIT: Final = b"COMMIT"


class PunctualCursor(Cursor[tuple[Any, ...]]):
    """What SQLAlchemy runs a statement with, and looks at `description` for what came of it."""

    connection: "PunctualConnection"

    def execute(self, query: Any, params: Params | None = None, **how: Any) -> Any:
        """Send a statement."""
        self.connection.send()
        return super().execute(query, params, **how)

    def executemany(
        self, query: Query, params_seq: Iterable[Params], *, returning: bool = False
    ) -> None:
        """Send a statement again and again."""
        self.connection.send()
        super().executemany(query, params_seq, returning=returning)

    @property
    def description(self) -> list[Column] | None:
        """The columns of the answer, which is waited for; of what is pushed, none."""
        self.connection.hear()
        return super().description


class PunctualConnection(Connection[tuple[Any, ...]]):
    """It waits `patience` seconds for the answer to a statement, then it is closed; 0: for ever.

    It is to be in autocommit mode: transactions are begun here.
    """

    patience: float = 0.0
    # what is sent before the first statement
    _begin: bytes | None = None
    # psycopg's pipeline, while something was sent and not answered
    _line: ExitStack | None = None
    _pushing = False

    def wait(self, gen: PQGen[RV], interval: float = 0.1, timeout: float | None = None) -> RV:
        """Every exchange with the server goes through here, BEGIN and COMMIT, too.

        Raises QueryCanceled, as for a statement that the server ended itself.
        """
        if timeout is None and self.patience:
            timeout = self.patience
        try:
            return super().wait(gen, interval, timeout)
        except OperationalError as error:
            # what the server says has a code, and the end of the connection ends this state
            if error.sqlstate or self.pgconn.transaction_status != TransactionStatus.ACTIVE:
                raise
            self.close()
            raise QueryCanceled("the server did not answer in time") from error

    def will_read(self) -> None:
        """The next transaction is a snapshot that cannot write."""
        self._begin = _READ

    def will_write(self) -> None:
        """The next transaction writes, and each statement sees what was committed before it."""
        self._begin = _WRITE

    @contextmanager
    def pushing(self) -> Iterator[None]:
        """What is sent meanwhile is answered with the next statement, which raises what it raises."""
        self._pushing = True
        try:
            yield
        finally:
            self._pushing = False

    def send(self) -> None:
        """A statement is about to be sent."""
        begin, self._begin = self._begin, None
        if self._line is None and (begin or self._pushing):
            self._line = ExitStack()
            self._line.enter_context(self.pipeline())
        if begin:
            Cursor(self).execute(begin, prepare=False)

    def hear(self) -> None:
        """Wait for the answers to all that was sent, unless it is pushed."""
        if self._line is not None and not self._pushing:
            line, self._line = self._line, None
            line.close()

    def commit(self) -> None:
        """End the transaction well."""
        self._begin = None
        if self._line is None:
            super().commit()
            return
        try:
            # it goes with what was pushed before it, and is not done where that failed
            Cursor(self).execute(_COMMIT, prepare=False)
            self.hear()
        except Error:
            # as after every commit that failed: SQLAlchemy does not roll back then
            with suppress(Error):
                self.rollback()
            raise

    def rollback(self) -> None:
        """End it, whatever became of what was sent."""
        self._begin = None
        with suppress(Error):
            self.hear()
        super().rollback()

    @property
    def ended(self) -> bool:
        """Whether the server has ended it while it was idle; costs no way there and back.

        Who is idle hears nothing but that, or what makes a new connection just as good.
        """
        if self.closed:
            return True
        look = select.poll()
        look.register(self.fileno(), select.POLLIN)
        return bool(look.poll(0))
