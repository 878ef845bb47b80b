"""How calls ended, written to the log in batches: no call waits for that."""

import logging
import threading
from collections import deque
from collections.abc import Callable
from itertools import islice
from typing import Final

from gcf_am.audit.event import Event, Kind, write_details
from gcf_am.clock import Clock
from gcf_am.errors import AmError
from gcf_am.manager.ports import Store

_log: Final = logging.getLogger(__name__)
# So much waits while the database cannot be written; what comes on top is lost, and counted.
MOST: Final = 10_000
_BATCH: Final = 500
_SECONDS: Final = 1.0

Report = Callable[[Event], None]


def nowhere(event: Event) -> None:
    """Where nothing is kept of calls."""


class Journal:
    """Takes events from any thread, and writes them from one of its own each second.

    It never blocks and never fails a call. When it is full, the row `lost` tells how many events
    were not kept once there is room again. A process that is killed loses its last second of
    them; changes are rows in their own transactions and are never lost.
    """

    def __init__(self, store: Store, clock: Clock, *, most: int = MOST) -> None:
        self._store = store
        self._clock = clock
        self._most = most
        self._lock = threading.Lock()
        self._writing = threading.Lock()
        self._waiting: deque[Event] = deque()
        self._lost = 0
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._loop, name="journal", daemon=True)

    def __call__(self, event: Event) -> None:
        """Take an event."""
        with self._lock:
            if len(self._waiting) < self._most:
                self._waiting.append(event)
            else:
                self._lost += 1

    def start(self) -> None:
        """Begin to write."""
        self._thread.start()

    def stop(self, timeout: float) -> None:
        """Write what waits, as far as the database takes it."""
        self._stopping.set()
        self._thread.join(timeout)
        self.flush()

    def flush(self) -> None:
        """Write all that waits; what the database does not take now waits on."""
        with self._writing:
            while self._write_some():
                pass

    def _loop(self) -> None:
        while not self._stopping.wait(_SECONDS):
            try:
                self.flush()
            except Exception:  # noqa: BLE001 - it is logged whole, and the next second tries again
                _log.exception("the log of calls could not be written")

    def _write_some(self) -> bool:
        with self._lock:
            batch = list(islice(self._waiting, _BATCH))
            lost = self._lost
        if not batch and not lost:
            return False
        told = [*batch, self._loss(lost)] if lost else batch
        try:
            with self._store.write() as unit:
                unit.record(told)
        except AmError as error:
            _log.warning("%d events wait to be written, %d are lost: %s", len(batch), lost, error)
            return False
        with self._lock:
            # others only append meanwhile
            for _ in batch:
                self._waiting.popleft()
            self._lost -= lost
        return True

    def _loss(self, count: int) -> Event:
        details = write_details({"lost": count})
        return Event(self._clock.now(), "", "", "lost", "", kind=Kind.NOTE, details=details)
