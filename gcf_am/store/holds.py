"""The holds and components tables: what is taken, and the locks on it (decisions 1 to 3)."""

from collections.abc import Collection, Mapping
from typing import Final

from sqlalchemy import bindparam, delete, insert, select, text

from gcf_am.store.locks import insert_missing, lock_name
from gcf_am.store.tables import COMPONENTS, HOLDS
from gcf_am.store.transaction import Transaction, in_parts

# (sliver's URN key, component, dimension) -> amount
Rows = Mapping[tuple[str, str, str], int]
# (component, dimension) -> by how much the sum of its open holds changes
Deltas = Mapping[tuple[str, str], int]

_COMPONENTS: Final = select(COMPONENTS.c.component, COMPONENTS.c.id).where(
    COMPONENTS.c.component.in_(bindparam("components", expanding=True))
)
_LOCK: Final = text(
    "SELECT id FROM components WHERE id IN :locked ORDER BY id FOR UPDATE"
).bindparams(bindparam("locked", expanding=True))
_OPEN: Final = select(HOLDS.c.sliver, HOLDS.c.component, HOLDS.c.dimension, HOLDS.c.amount).where(
    HOLDS.c.sliver.in_(bindparam("of_slivers", expanding=True))
)
_MARK: Final = text("SAVEPOINT components")
_BACK: Final = text("ROLLBACK TO SAVEPOINT components")
_UNMARK: Final = text("RELEASE SAVEPOINT components")
_ADD: Final = insert(HOLDS)
_CLOSE: Final = delete(HOLDS).where(
    HOLDS.c.sliver == bindparam("of_sliver"),
    HOLDS.c.component == bindparam("of_component"),
    HOLDS.c.dimension == bindparam("of_dimension"),
)


class Components:
    """The components that one unit has locked.

    Who wants more than he has lets go of those and takes all in their order, unless he has written
    since: of two that only add to what they have, each may wait for the other. Others were faster
    then; lest they are so again and again, only one unit at a time tries once more.
    """

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction
        self._locked: frozenset[str] = frozenset()
        # how much was written when they were locked
        self._at: int | None = None
        self._again = False

    def lock(self, components: Collection[str]) -> None:
        """Lock these, too."""
        wanted = self._locked.union(components)
        if wanted == self._locked:
            return
        new = wanted - self._locked
        if self._transaction.shared:
            if self._at is None:
                self._transaction.push(_MARK)
            elif self._at == self._transaction.written:
                self._let_go()
                new = wanted
        lock_rows(self._transaction, new)
        self._locked, self._at = wanted, self._transaction.written

    def _let_go(self) -> None:
        # not pushed: psycopg has the server forget what it prepared, and must not prepare meanwhile
        self._transaction.write(_BACK)
        if not self._again:
            # it would go with the next rollback if it were behind the mark
            self._transaction.push(_UNMARK)
            lock_name(self._transaction, "components")
            self._transaction.push(_MARK)
            self._again = True


def lock_rows(transaction: Transaction, components: Collection[str]) -> None:
    """Lock the components' rows, made where missing, in the order of their ids.

    The one order keeps two units that want the same components from waiting for each other. Rows
    are made before any is locked, in the order of their names, for the same reason. Where one
    writes at a time there is nothing to lock.
    """
    transaction.require_writing()
    if not transaction.shared:
        return
    names = sorted(set(components))
    ids = _ids(transaction, names)
    missing = [name for name in names if name not in ids]
    if missing:
        rows = [{"component": name, "version": 0} for name in missing]
        insert_missing(transaction, COMPONENTS, rows)
        ids |= _ids(transaction, missing)
    for part in in_parts(sorted(ids.values())):
        transaction.push(_LOCK, locked=part)


def _ids(transaction: Transaction, names: Collection[str]) -> dict[str, int]:
    ids: dict[str, int] = {}
    for part in in_parts(names):
        found = transaction.read(_COMPONENTS, components=part)
        ids.update((row[0], row[1]) for row in found)
    return ids


def of_slivers(transaction: Transaction, slivers: Collection[str]) -> dict[tuple[str, str], int]:
    """What these slivers hold together, by component and dimension."""
    return _sums(of_each(transaction, slivers))


def set_holds(transaction: Transaction, now: Rows, wanted: Rows) -> Deltas | None:
    """Make `wanted` of what slivers hold now; what that changes of sums, None for nothing."""
    if now == wanted:
        return None
    _close(transaction, {key for key in now if now[key] != wanted.get(key)})
    _insert(transaction, {key: wanted[key] for key in wanted if wanted[key] != now.get(key)})
    deltas = _sums(wanted)
    for key, amount in _sums(now).items():
        deltas[key] = deltas.get(key, 0) - amount
    return deltas


def open_holds(transaction: Transaction, wanted: Rows) -> Deltas | None:
    """Open holds of slivers that have none; what that adds to sums, None for nothing."""
    _insert(transaction, wanted)
    return _sums(wanted) or None


def _sums(rows: Rows) -> dict[tuple[str, str], int]:
    sums: dict[tuple[str, str], int] = {}
    for (_, component, dimension), amount in rows.items():
        sums[component, dimension] = sums.get((component, dimension), 0) + amount
    return sums


def of_each(transaction: Transaction, slivers: Collection[str]) -> dict[tuple[str, str, str], int]:
    """What each of these slivers holds."""
    found: dict[tuple[str, str, str], int] = {}
    for part in in_parts(slivers):
        rows = transaction.read(_OPEN, of_slivers=part)
        found.update(((row[0], row[1], row[2]), row[3]) for row in rows)
    return found


def _insert(transaction: Transaction, rows: Rows) -> None:
    if rows:
        transaction.push(
            _ADD,
            [
                {"sliver": key[0], "component": key[1], "dimension": key[2], "amount": amount}
                for key, amount in rows.items()
            ],
        )


def _close(transaction: Transaction, keys: Collection[tuple[str, str, str]]) -> None:
    if keys:
        names = ("of_sliver", "of_component", "of_dimension")
        transaction.push(_CLOSE, [dict(zip(names, key, strict=True)) for key in sorted(keys)])
