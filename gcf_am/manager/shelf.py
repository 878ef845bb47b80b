"""A shelf for what is costly to render and asked for often: one slot for each variant."""

from collections.abc import Callable, Hashable
from threading import Lock


class Shelf:
    """Keeps the newest text of each variant, for all threads of a process."""

    def __init__(self) -> None:
        self._locks: dict[str, Lock] = {}
        self._texts: dict[str, tuple[Hashable, str]] = {}
        self._lock = Lock()

    def get(self, variant: str, version: Hashable, render: Callable[[], str]) -> str:
        """The variant's text of that version; rendered by one thread while others wait for it."""
        with self._lock:
            lock = self._locks.setdefault(variant, Lock())
        with lock:
            known, text = self._texts.get(variant, (None, ""))
            if known != version:
                text = render()
                self._texts[variant] = (version, text)
            return text
