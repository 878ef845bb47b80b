"""Keeps the record: seals the log each second, and once a day lets go of what is old."""

import logging
import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

from gcf_am.clock import Clock, SystemClock
from gcf_am.config import Config
from gcf_am.errors import GcfAmError
from gcf_am.manager.ports import Duty, Store
from gcf_am.store.dropping import checkpoint, drop
from gcf_am.store.log import PAGE, open_log

_log: Final = logging.getLogger(__name__)
# Who seals keeps the right to for so long, beyond which another process takes it over.
LEASE: Final = timedelta(seconds=5)
_SEAL: Final = 1.0
_SWEEP: Final = timedelta(days=1)
_AT_ONCE: Final = 200


class Keeper:
    """Seals and sweeps in a thread of its own; `owner` names it among all of the store's."""

    def __init__(
        self, config: Config, store: Store, *, owner: str, clock: Clock | None = None
    ) -> None:
        self._days = config.retention
        self._store = store
        self._log = open_log(config.database_url, busy_seconds=config.store.busy_seconds)
        self._owner = owner
        self._clock = clock or SystemClock()
        self._swept: datetime | None = None
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._loop, name="keeper", daemon=True)

    def start(self) -> None:
        """Begin, with a sweep."""
        self._thread.start()

    def stop(self, timeout: float) -> None:
        """Seal what was written to the last, and let go of the database."""
        self._stopping.set()
        if self._thread.is_alive():
            self._thread.join(timeout)
        self._guarded(self.seal)
        self._guarded(self._let_go)
        self._log.close()

    def run_once(self) -> None:
        """Seal, and sweep if it is time."""
        self.seal()
        now = self._clock.now()
        # a clock that was set back must not stop it
        if self._swept is None or not self._swept <= now < self._swept + _SWEEP:
            self._swept = now
            with self._store.write() as unit:
                mine = unit.take(Duty.SWEEP, self._owner, now, now + _SWEEP / 2)
            if mine:
                self.sweep(now)

    def seal(self) -> None:
        """Seal all that is committed, a page at a time."""
        sealed = PAGE
        while sealed == PAGE:
            now = self._clock.now()
            sealed = self._log.seal(self._owner, now, now + LEASE)

    def sweep(self, now: datetime) -> None:
        """Remove what is older than it is to be kept."""
        if self._days.sliver_days:
            self._remove_ended(now - timedelta(days=self._days.sliver_days))
        if self._days.audit_days:
            before = now - timedelta(days=self._days.audit_days)
            if checkpoint(self._log, before, now):
                self.seal()
            while drop(self._log) and not self._stopping.is_set():
                pass

    def _remove_ended(self, before: datetime) -> None:
        gone = _AT_ONCE
        while gone == _AT_ONCE and not self._stopping.is_set():
            with self._store.write() as unit:
                gone = unit.remove_ended(before, _AT_ONCE)
        at: str | None = ""
        while at is not None and not self._stopping.is_set():
            with self._store.write() as unit:
                at = unit.remove_frames(at, _AT_ONCE)

    def _let_go(self) -> None:
        with self._store.write() as unit:
            unit.leave(Duty.SWEEP, self._owner)

    def _loop(self) -> None:
        while not self._stopping.is_set():
            self._guarded(self.run_once)
            self._stopping.wait(_SEAL)

    def _guarded(self, job: Callable[[], None]) -> None:
        try:
            job()
        except GcfAmError as error:
            _log.warning("the log is not sealed, or not swept, now: %s", error)
        except Exception:  # noqa: BLE001 - it is logged whole, and the next second tries again
            _log.exception("the log could not be kept")
