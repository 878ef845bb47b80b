"""The held table: what open holds come to, and since when.

Sums are kept beside the holds, in the transactions that change these, each with the hold version
of its last change. So whoever knows what was held at one version reads what changed since, however
much is held.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from threading import Lock
from typing import Final

from sqlalchemy import bindparam, select

from gcf_am.store.counters import raise_counter, read_counter
from gcf_am.store.locks import adding
from gcf_am.store.tables import HELD, HOLD_VERSION
from gcf_am.store.transaction import Transaction

# Component and dimension.
Key = tuple[str, str]
Amounts = Mapping[Key, int]
_NOTHING: Final[Amounts] = {}

_CHANGED: Final = select(HELD.c.component, HELD.c.dimension, HELD.c.amount).where(
    HELD.c.changed > bindparam("since")
)


def add(transaction: Transaction, deltas: Amounts) -> None:
    """Tell everybody that holds opened or closed, and by how much the sums changed.

    The version's row is locked until the transaction ends: versions are committed in their order,
    and nobody else changes sums meanwhile.
    """
    version = raise_counter(transaction, HOLD_VERSION)
    changed = {key: delta for key, delta in sorted(deltas.items()) if delta}
    if changed:
        transaction.push(
            adding(HELD, "amount", shared=transaction.shared),
            [
                {"component": key[0], "dimension": key[1], "amount": delta, "changed": version}
                for key, delta in changed.items()
            ],
        )


def since(transaction: Transaction, version: int) -> tuple[int, Amounts]:
    """The version of now, and the sums that changed after `version`, also those that are 0 now."""
    now = read_counter(transaction, HOLD_VERSION)
    if now == version:
        return now, _NOTHING
    # where others commit meanwhile, what they did is read again next time
    return now, {(row[0], row[1]): row[2] for row in transaction.read(_CHANGED, since=version)}


@dataclass(frozen=True, slots=True)
class _Read:
    version: int = 0
    amounts: Amounts = field(default_factory=dict)


class Sums:
    """What is held, as a process last read it; for all its threads."""

    def __init__(self) -> None:
        self._last = _Read()
        self._lock = Lock()

    def now(self, transaction: Transaction) -> Amounts:
        """What is held in the transaction's sight; reads what changed since it was last read."""
        last = self._last
        version, changed = since(transaction, last.version)
        if version == last.version:
            return last.amounts
        if version < last.version:
            # an older snapshot than another thread's: of no use to others
            return _applied({}, since(transaction, 0)[1])
        found = _Read(version, _applied(last.amounts, changed))
        with self._lock:
            if self._last.version < version:
                self._last = found
        return found.amounts


def _applied(amounts: Amounts, changed: Amounts) -> Amounts:
    after = {**amounts, **changed}
    for key, amount in changed.items():
        if not amount:
            del after[key]
    return after
