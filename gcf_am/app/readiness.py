"""Whether calls should be sent to this process: what a balancer asks before it does."""

import threading
from time import monotonic
from typing import Final

from gcf_am.errors import AmError
from gcf_am.manager.ports import Store

# How often the database is asked, and for how long its last answer counts, in seconds.
_LOOK: Final = 1.0
_COUNTS: Final = 5.0


class Readiness:
    """Asks the database again and again, in a thread of its own, and tells how that went last.

    So the answer is always there at once, however slow the database is, and however often
    strangers ask costs the database nothing.
    """

    def __init__(self, store: Store) -> None:
        """Raises DatabaseError when the database cannot be used."""
        self._store = store
        self._schema = store.schema()
        self._heard = monotonic()
        self._why = ""
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._loop, name="readiness", daemon=True)

    def start(self) -> None:
        """Begin to ask."""
        self._thread.start()

    def stop(self, timeout: float) -> None:
        """Ask no more; a question under way is waited for so long."""
        self._stopping.set()
        self._thread.join(timeout)

    def __call__(self) -> str:
        """Why calls should be sent elsewhere, in a sentence; empty when they may come."""
        if not self._why and monotonic() - self._heard > _COUNTS:
            return "The database does not answer."
        return self._why

    def look(self) -> None:
        """Ask the database once."""
        try:
            schema = self._store.schema()
        except AmError:
            self._why = "The database cannot be used now."
            return
        self._heard = monotonic()
        same = schema == self._schema
        self._why = "" if same else "The database was upgraded: this server must be restarted."

    def _loop(self) -> None:
        while not self._stopping.wait(_LOOK):
            self.look()
