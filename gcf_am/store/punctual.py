"""A connection to PostgreSQL that gives up a server which does not answer.

The server ends a statement that takes too long, and the kernel a connection to a host that is
gone; but a server that is stopped, or whose disk is, does neither.
"""

import select
from typing import Any

from psycopg import Connection, IsolationLevel
from psycopg.abc import RV, PQGen
from psycopg.errors import OperationalError, QueryCanceled
from psycopg.pq import TransactionStatus


class PunctualConnection(Connection[tuple[Any, ...]]):
    """It waits `patience` seconds for the answer to a statement, then it is closed; 0: for ever."""

    patience: float = 0.0

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
        """The next transaction is a snapshot that cannot write; told with its BEGIN, at no cost."""
        self.read_only, self.isolation_level = True, IsolationLevel.REPEATABLE_READ

    def will_write(self) -> None:
        """The next transaction writes, and each statement sees what was committed before it."""
        self.read_only, self.isolation_level = False, IsolationLevel.READ_COMMITTED

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
