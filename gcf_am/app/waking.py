"""How the processes that answer calls wake the one that works on slivers."""

import os
import threading
from collections.abc import Callable
from multiprocessing import get_context
from multiprocessing.connection import Connection


class Bell:
    """Rung by any process that was given it at its start; heard by one.

    A pipe and no lock: a process that is killed while it rings leaves nothing behind.
    """

    def __init__(self) -> None:
        self._hear, self._ring = get_context("spawn").Pipe(duplex=False)
        os.set_blocking(self._ring.fileno(), False)

    @property
    def rope(self) -> "Rope":
        """What is handed to the processes that ring."""
        return Rope(self._ring)

    def listen(self, heard: Callable[[], None]) -> threading.Thread:
        """Call `heard` in a thread of its own whenever somebody rang; ends with `close`."""
        thread = threading.Thread(target=self._wait, args=(heard,), name="bell", daemon=True)
        thread.start()
        return thread

    def close(self) -> None:
        """Let the listener end, once nobody holds a rope any more."""
        self._ring.close()

    def _wait(self, heard: Callable[[], None]) -> None:
        try:
            while os.read(self._hear.fileno(), 4096):
                heard()
        except OSError:
            return


class Rope:
    """Rings the bell; never blocks, and is quiet when the bell is full or gone."""

    def __init__(self, ring: Connection) -> None:
        self._ring = ring

    def __call__(self) -> None:
        """Ring."""
        try:
            os.write(self._ring.fileno(), b"!")
        except OSError:
            # full: it is rung already; closed: nobody works any more, the next start looks anyway
            return
