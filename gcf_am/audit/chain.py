"""Does the chain hold? The first row that does not fit is named.

(1) Numbers rise by one from the row behind which the log was dropped, or from the first.
(2) Each row has the hash that its text and the row before it give.
(3) The log ends where its head says, and a head that was noted down earlier is still in it.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from gcf_am.audit.row import GENESIS, Row, digest


@dataclass(frozen=True, slots=True)
class Head:
    """The end of a chain: the number of the last row and its hash; written `SEQ:HASH`."""

    seq: int = 0
    hash: str = GENESIS

    def __str__(self) -> str:
        return f"{self.seq}:{self.hash}"

    @classmethod
    def parse(cls, text: str) -> "Head":
        """What str() wrote; raises ValueError."""
        seq, _, found = text.strip().partition(":")
        if not seq.isdecimal() or len(found) != len(GENESIS):
            raise ValueError(f"{text[:80]!r} is no head; it is like 17:{'ab' * 4}..., of 64 digits")
        return cls(int(seq), found.lower())


@dataclass(frozen=True, slots=True)
class Verdict:
    """How many rows were proved, and the end of what was; `seq` is the first that does not fit.

    `seq` is None when all fit; else `what` says what is wrong there.
    """

    proved: int
    head: Head
    seq: int | None = None
    what: str = ""


def verify(
    rows: Iterable[Row], *, base: Head, end: Head | None = None, noted: Iterable[Head] = ()
) -> Verdict:
    """Prove numbered rows in order, the first of them behind `base`.

    `end` is the end that the log says it has; `noted` are heads that were noted down earlier.
    """
    heads = {one.seq: one for one in noted}
    at, proved = base, 0
    for head in heads.values():
        if head.seq == base.seq and head.hash != base.hash:
            return _broken(proved, at, base.seq, "is not the row that was noted down")
    # one row behind, so as to see whether the next one fits what this one says of itself
    odd: Row | None = None
    for row in rows:
        assert row.seq is not None, "rows that are not sealed prove nothing"
        if odd is not None:
            return _odd(proved, at, odd, row)
        # (1) no gap
        if row.seq != at.seq + 1:
            return _broken(proved, at, at.seq + 1, "is missing: it was removed")
        # (2) its own text behind its own predecessor
        if digest(row, at.hash) != row.hash:
            odd = row
            continue
        # (3) what was noted
        if row.seq in heads and heads[row.seq].hash != row.hash:
            return _broken(proved, at, row.seq, "is not the row that was noted down")
        at, proved = Head(row.seq, row.hash), proved + 1
    if odd is not None:
        return _odd(proved, at, odd, None)
    # (3) nothing was cut off
    last = max((one for one in (end, *heads.values()) if one), key=lambda one: one.seq, default=at)
    if last.seq > at.seq:
        return _broken(proved, at, at.seq + 1, f"is missing: the log went on to row {last.seq}")
    if end is not None and end != at:
        return _broken(proved, at, at.seq, "is not the one that the log's head names")
    return Verdict(proved, at)


def _odd(proved: int, at: Head, row: Row, following: Row | None) -> Verdict:
    assert row.seq is not None
    fits = following is not None and digest(following, row.hash) == following.hash
    what = "was changed" if fits or following is None else "was changed, inserted or moved"
    return _broken(proved, at, row.seq, f"{what}: its hash does not fit its text")


def _broken(proved: int, at: Head, seq: int, what: str) -> Verdict:
    return Verdict(proved, at, seq, what)
