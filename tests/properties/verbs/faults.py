"""What may be wrong with a call, and so what it may answer."""

from __future__ import annotations

BADARGS, FORBIDDEN, REFUSED, SEARCHFAILED, UNSUPPORTED, BUSY, OUTOFRANGE = 1, 3, 7, 12, 13, 14, 19
# Which of these it is depends on what is looked at first, and on what the empty site would hold.
NO_ROOM = frozenset({6, 24, 25, 26})


class Faults:
    """The codes that a call may answer: 0 unless a fault is sure.

    Which of several faults is found first is nobody's business, so any of their codes is right.
    """

    def __init__(self) -> None:
        self._codes: set[int] = set()
        self._sure = False

    def sure(self, *codes: int) -> None:
        """The call must fail, if not with another fault then with one of these codes."""
        self._codes.update(codes)
        self._sure = True

    def perhaps(self, *codes: int) -> None:
        """The papers leave it open, or nobody can know it from outside."""
        self._codes.update(codes)

    def lenient(self) -> Faults:
        """With best effort: entries tell what is wrong, or else the whole call fails for it."""
        self._sure = False
        return self

    @property
    def none(self) -> bool:
        return not self._codes

    @property
    def any_sure(self) -> bool:
        return self._sure

    @property
    def codes(self) -> frozenset[int]:
        return frozenset(self._codes if self._sure else {0, *self._codes})
