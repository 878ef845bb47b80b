"""The frames table: each document's frame once, whatever the number of its slivers."""

import hashlib
from collections.abc import Collection, Iterable
from functools import lru_cache

from sqlalchemy import select

from gcf_am.model.topology import Frame
from gcf_am.store.locks import insert_missing
from gcf_am.store.rows import read_frame, write_frame
from gcf_am.store.tables import FRAMES
from gcf_am.store.transaction import Transaction, in_parts

# Frames are values: the same text is the same frame, in whatever unit it is met.
_frame = lru_cache(maxsize=256)(read_frame)


@lru_cache(maxsize=256)
def _row(frame: Frame) -> tuple[str, str]:
    body = write_frame(frame)
    return hashlib.sha256(body.encode()).hexdigest(), body


def digest_of(frame: Frame) -> str:
    """The frame's key in the table."""
    return _row(frame)[0]


class Frames:
    """The frames that one unit has met."""

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction
        self._met: dict[str, Frame] = {}

    def read(self, digests: Iterable[str]) -> dict[str, Frame]:
        """The frames with these digests, as far as they are there; and all met before."""
        for part in in_parts(set(digests) - self._met.keys()):
            wanted = select(FRAMES.c.digest, FRAMES.c.body).where(FRAMES.c.digest.in_(part))
            self._met.update({row[0]: _frame(row[1]) for row in self._transaction.read(wanted)})
        return self._met

    def keep(self, frames: Iterable[Frame]) -> None:
        """Write those that are not there yet."""
        wanted = {digest_of(one): one for one in frames}
        missing = wanted.keys() - self._there(wanted)
        while missing:
            rows = [
                {"digest": digest, "body": _row(wanted[digest])[1]} for digest in sorted(missing)
            ]
            insert_missing(self._transaction, FRAMES, rows)
            # one that another unit inserted may be gone again before it is locked
            missing -= self._there(missing) if self._transaction.shared else missing
        self._met.update(wanted)

    def _there(self, digests: Collection[str]) -> set[str]:
        """Those of them that are there, and stay until the unit ends.

        A frame that was met belongs to a sliver of the slice that is locked, and stays with it;
        any other must be kept from `retention`.
        """
        there = self._met.keys() & digests
        for part in in_parts(sorted(set(digests) - there)):
            wanted = select(FRAMES.c.digest).where(FRAMES.c.digest.in_(part))
            lock = wanted.order_by(FRAMES.c.digest).with_for_update(read=True, key_share=True)
            there.update(self._transaction.read(lock).scalars())
        return there
