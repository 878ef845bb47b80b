"""What callers are told when the database fails."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from sqlalchemy.exc import SQLAlchemyError

from gcf_am.errors import Busy, DatabaseError
from gcf_am.store.engine import is_busy

_LOG: Final = logging.getLogger(__name__)


@contextmanager
def answered() -> Iterator[None]:
    """Turn database errors into Busy (a lock was not to be had) or DatabaseError.

    Their texts hold no statement, path or value; the log has the database's own words.
    """
    try:
        yield
    except SQLAlchemyError as error:
        if is_busy(error):
            raise Busy("the aggregate's database is busy; try again") from error
        _LOG.error("the database failed: %s", error)
        raise DatabaseError("the aggregate's database failed; nothing was changed") from error
