"""Remembering what was verified, for as long as it stays true."""

import threading
from collections import OrderedDict
from collections.abc import Hashable
from datetime import datetime
from typing import Generic, TypeVar

_V = TypeVar("_V")


class ExpiringCache(Generic[_V]):
    """At most `size` values, the least recently used leaves first; safe in threads."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._lock = threading.Lock()
        self._values: OrderedDict[Hashable, tuple[datetime, _V]] = OrderedDict()

    def get(self, key: Hashable, now: datetime) -> _V | None:
        """The value, if it was put and its time is not up."""
        with self._lock:
            entry = self._values.get(key)
            if entry is None:
                return None
            if entry[0] <= now:
                del self._values[key]
                return None
            self._values.move_to_end(key)
            return entry[1]

    def put(self, key: Hashable, value: _V, until: datetime) -> None:
        """Remember the value until then."""
        with self._lock:
            self._values[key] = (until, value)
            self._values.move_to_end(key)
            while len(self._values) > self._size:
                self._values.popitem(last=False)

    def __len__(self) -> int:
        return len(self._values)
