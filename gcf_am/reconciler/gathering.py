"""Outcomes of one slice that come about together are written together.

Its slivers are mostly provisioned and deleted together, and a commit costs more than most of what
is in it. Nobody waits for a driver that takes its time: only for a moment.
"""

import threading
from collections import Counter, defaultdict
from collections.abc import Callable
from typing import Final

from gcf_am.manager.outcome import Ended

# How long an outcome waits for others of its slice that are at work, in seconds.
MOMENT: Final = 0.005


class Gathering:
    """Takes outcomes from any thread, and has each written by one that brings one.

    `write` is given outcomes of one slice, and raises nothing.
    """

    def __init__(self, write: Callable[[list[Ended]], None]) -> None:
        self._write = write
        self._changed = threading.Condition()
        # by the keys of their slices: how many are at work, what is yet to be written, and whether
        # somebody is about to write it
        self._at_work: Counter[int] = Counter()
        self._ended: defaultdict[int, list[Ended]] = defaultdict(list)
        self._writing: set[int] = set()

    def begin(self, key: int) -> None:
        """A sliver of the slice is worked on from now on; `end` must follow."""
        with self._changed:
            self._at_work[key] += 1

    def end(self, key: int, ended: Ended | None) -> None:
        """It is not any more, with this outcome; returns when it is written, or another is at it."""
        with self._changed:
            self._at_work[key] -= 1
            if not self._at_work[key]:
                del self._at_work[key]
            self._changed.notify_all()
            if ended is None:
                return
            self._ended[key].append(ended)
            if key in self._writing:
                return
            self._writing.add(key)
        while lot := self._gathered(key):
            self._write(lot)

    def _gathered(self, key: int) -> list[Ended]:
        """What there is to be written after a moment at most; nothing ends the writing."""
        with self._changed:
            if key in self._ended:
                self._changed.wait_for(lambda: key not in self._at_work, MOMENT)
            lot = self._ended.pop(key, [])
            if not lot:
                self._writing.discard(key)
            return lot
