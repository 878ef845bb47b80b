"""Whose turn it is to write, among the threads of one process."""

from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock

from gcf_am.errors import Busy


class Turn:
    """A lock that is had in the order in which it was asked for.

    SQLite's waiters ask again after growing pauses, and whoever asks at the right moment goes
    first: of 8 threads that write without pause some waited for more than a second. In a queue
    nobody waits longer than those before him need.
    """

    def __init__(self) -> None:
        self._guard = Lock()
        self._taken = False
        self._waiting: deque[Lock] = deque()

    @contextmanager
    def taken(self, seconds: float) -> Iterator[None]:
        """Have the turn; raises Busy when it did not come within so many seconds."""
        with self._guard:
            mine = Lock() if self._taken else None
            self._taken = True
            if mine is not None:
                mine.acquire()
                self._waiting.append(mine)
        if mine is not None and not mine.acquire(timeout=seconds):
            self._leave(mine)
            raise Busy("the aggregate's database is busy; try again")
        try:
            yield
        finally:
            self._pass_on()

    def _leave(self, mine: Lock) -> None:
        """Stop waiting; a turn that came at the last moment goes to the next."""
        with self._guard:
            if mine in self._waiting:
                self._waiting.remove(mine)
                return
        self._pass_on()

    def _pass_on(self) -> None:
        with self._guard:
            if self._waiting:
                self._waiting.popleft().release()
            else:
                self._taken = False
