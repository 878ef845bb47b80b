"""The holds and components tables: what is taken, and the locks on it (decisions 1 to 3)."""

from collections.abc import Collection, Mapping

from sqlalchemy import bindparam, delete, insert, select, update

from gcf_am.store.tables import COMPONENTS, HOLDS
from gcf_am.store.transaction import Transaction, in_parts

# (sliver's URN key, component, dimension) -> amount
Rows = Mapping[tuple[str, str, str], int]
# (component, dimension) -> by how much the sum of its open holds changes
Deltas = Mapping[tuple[str, str], int]


def lock_components(transaction: Transaction, components: Collection[str]) -> None:
    """Lock the components' rows, made where missing, in the order of their ids.

    The one order keeps two units that want the same components from waiting for each other.
    """
    ids: dict[str, int] = {}
    names = sorted(set(components))
    for part in in_parts(names):
        wanted = select(COMPONENTS.c.component, COMPONENTS.c.id).where(
            COMPONENTS.c.component.in_(part)
        )
        ids.update((row[0], row[1]) for row in transaction.read(wanted))
    missing = [name for name in names if name not in ids]
    if missing:
        rows = [{"component": name, "version": 1} for name in missing]
        transaction.write(insert(COMPONENTS), rows)
    if ids:
        lock = (
            update(COMPONENTS)
            .where(COMPONENTS.c.id == bindparam("locked"))
            .values(version=COMPONENTS.c.version + 1)
        )
        transaction.write(lock, [{"locked": one} for one in sorted(ids.values())])


def of_slivers(transaction: Transaction, slivers: Collection[str]) -> dict[tuple[str, str], int]:
    """What these slivers hold together, by component and dimension."""
    return _sums(_open(transaction, slivers))


def set_holds(transaction: Transaction, slivers: Collection[str], wanted: Rows) -> Deltas | None:
    """Make `wanted` the open holds of the slivers; what that changes of sums, None for nothing."""
    now = _open(transaction, slivers)
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


def _open(transaction: Transaction, slivers: Collection[str]) -> dict[tuple[str, str, str], int]:
    found: dict[tuple[str, str, str], int] = {}
    for part in in_parts(slivers):
        wanted = select(HOLDS.c.sliver, HOLDS.c.component, HOLDS.c.dimension, HOLDS.c.amount)
        rows = transaction.read(wanted.where(HOLDS.c.sliver.in_(part)))
        found.update(((row[0], row[1], row[2]), row[3]) for row in rows)
    return found


def _insert(transaction: Transaction, rows: Rows) -> None:
    if rows:
        transaction.write(
            insert(HOLDS),
            [
                {"sliver": key[0], "component": key[1], "dimension": key[2], "amount": amount}
                for key, amount in rows.items()
            ],
        )


def _close(transaction: Transaction, keys: Collection[tuple[str, str, str]]) -> None:
    if keys:
        gone = delete(HOLDS).where(
            HOLDS.c.sliver == bindparam("of_sliver"),
            HOLDS.c.component == bindparam("of_component"),
            HOLDS.c.dimension == bindparam("of_dimension"),
        )
        names = ("of_sliver", "of_component", "of_dimension")
        transaction.write(gone, [dict(zip(names, key, strict=True)) for key in sorted(keys)])
