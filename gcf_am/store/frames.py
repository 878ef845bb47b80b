"""The frames table: each document's frame once, whatever the number of its slivers."""

import hashlib
from collections.abc import Iterable
from functools import lru_cache

from sqlalchemy import insert, select

from gcf_am.model.topology import Frame
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
        missing = wanted.keys() - self.read(wanted).keys()
        if missing:
            rows = [
                {"digest": digest, "body": _row(wanted[digest])[1]} for digest in sorted(missing)
            ]
            self._transaction.write(insert(FRAMES), rows)
            self._met.update({digest: wanted[digest] for digest in missing})
