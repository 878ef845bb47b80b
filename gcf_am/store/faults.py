"""What callers are told when the database fails."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from gcf_am.errors import AmError, Busy, DatabaseError, TimedOut
from gcf_am.store import postgresql, sqlite

_LOG: Final = logging.getLogger(__name__)


@contextmanager
def answered() -> Iterator[None]:
    """Turn database errors into Busy (a lock was not to be had), TimedOut or DatabaseError.

    Their texts hold no statement, path or value; the log has the database's own words.
    """
    try:
        yield
    except SQLAlchemyError as error:
        raise _told(error) from error


def _told(error: SQLAlchemyError) -> AmError:
    if isinstance(error, DBAPIError):
        if sqlite.is_busy(error) or postgresql.is_busy(error):
            return Busy("the aggregate's database is busy; try again")
        if postgresql.is_late(error):
            _LOG.error("the database is late: %s", error)
            return TimedOut("the aggregate's database took too long; nothing was changed")
    _LOG.error("the database failed: %s", error)
    return DatabaseError("the aggregate's database failed; nothing was changed")
