"""The frames table: each document's frame once, whatever the number of its slivers."""

import hashlib
from collections.abc import Collection, Iterable
from functools import lru_cache
from typing import Final

from sqlalchemy import bindparam, select

from gcf_am.model.topology import Frame
from gcf_am.store.locks import insert_missing
from gcf_am.store.rows import read_frame, write_frame
from gcf_am.store.tables import FRAMES
from gcf_am.store.transaction import Transaction, in_parts

# Frames are values: the same digest is the same frame, in whatever unit it is met. A dictionary is
# replaced and never changed, as all threads read it.
_known: dict[str, Frame] = {}
_MOST: Final = 256
_FIND: Final = select(FRAMES.c.digest, FRAMES.c.body).where(
    FRAMES.c.digest.in_(bindparam("digests", expanding=True))
)
_KEEP: Final = (
    select(FRAMES.c.digest)
    .where(FRAMES.c.digest.in_(bindparam("digests", expanding=True)))
    .order_by(FRAMES.c.digest)
    .with_for_update(read=True, key_share=True)
)


@lru_cache(maxsize=256)
def _row(frame: Frame) -> tuple[str, str]:
    body = write_frame(frame)
    return hashlib.sha256(body.encode()).hexdigest(), body


def digest_of(frame: Frame) -> str:
    """The frame's key in the table."""
    return _row(frame)[0]


def _remember(found: dict[str, Frame]) -> None:
    global _known  # noqa: PLW0603 - what a process knows
    kept = _known if len(_known) < _MOST else {}
    _known = {**kept, **found}


class Frames:
    """The frames that one unit has met."""

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction
        self._met: dict[str, Frame] = {}

    def read(self, digests: Iterable[str]) -> dict[str, Frame]:
        """The frames with these digests, to which rows point; and all met before."""
        known, unmet = _known, set(digests) - self._met.keys()
        self._met.update({one: known[one] for one in unmet & known.keys()})
        for part in in_parts(unmet - known.keys()):
            rows = self._transaction.read(_FIND, digests=part)
            found = {row[0]: read_frame(row[1]) for row in rows}
            self._met.update(found)
            _remember(found)
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
            there.update(self._transaction.read(_KEEP, digests=part).scalars())
        return there
