"""The slices table: which slices calls have named."""

from collections.abc import Collection
from typing import Any, Final

from sqlalchemy import bindparam, insert, select, update

from gcf_am.errors import DatabaseError
from gcf_am.model.sliver import Slice
from gcf_am.store.locks import lock_name
from gcf_am.store.tables import SLICES
from gcf_am.store.transaction import Transaction
from gcf_am.urn import Urn

_COLUMNS: Final = (SLICES.c.key, SLICES.c.spelling, SLICES.c.uuid, SLICES.c.shut_down)
_ANY: Final = select(*_COLUMNS)
_IS: Final = (SLICES.c.urn == bindparam("named"), SLICES.c.uuid == bindparam("with_uuid"))
_HAS_KEY: Final = SLICES.c.key == bindparam("with_key")
_FIND: Final = _ANY.where(*_IS)
_FIND_NAMED: Final = _ANY.where(SLICES.c.urn == bindparam("named")).order_by(SLICES.c.key)
_FIND_AMONG: Final = _FIND_NAMED.where(SLICES.c.uuid.in_(bindparam("with_uuids", expanding=True)))
_FIND_KEY: Final = _ANY.where(_HAS_KEY)
_LOCK_AMONG: Final = _FIND_AMONG.with_for_update()
_LOCK_KEY: Final = _FIND_KEY.with_for_update()


def key_of(urn: Urn) -> str:
    """The URN as the database compares it: folded (decision 27)."""
    return "+".join(urn.key)


def _slice(row: Any) -> Slice:
    return Slice(key=row[0], urn=Urn.parse(row[1]), uuid=row[2], shut_down=row[3])


def _found(row: Any) -> Slice:
    if row is None:
        raise DatabaseError("the aggregate's database lacks a slice that a sliver names")
    return _slice(row)


def find_slice(transaction: Transaction, urn: Urn, uuid: str) -> Slice | None:
    """The slice with this URN and UUID."""
    row = transaction.read(_FIND, named=key_of(urn), with_uuid=uuid).one_or_none()
    return None if row is None else _slice(row)


def find_slices(transaction: Transaction, urn: Urn, uuids: Collection[str]) -> tuple[Slice, ...]:
    """The slices with this URN and one of the UUIDs, oldest first."""
    rows = transaction.read(_FIND_AMONG, named=key_of(urn), with_uuids=list(uuids))
    return tuple(_slice(row) for row in rows)


def slices_named(transaction: Transaction, urn: Urn) -> tuple[Slice, ...]:
    """Every slice that ever had this URN, oldest first."""
    return tuple(_slice(row) for row in transaction.read(_FIND_NAMED, named=key_of(urn)))


def slice_of(transaction: Transaction, key: int) -> Slice:
    """The slice with this key; raises DatabaseError when there is none."""
    return _found(transaction.read(_FIND_KEY, with_key=key).one_or_none())


def lock_slice(
    transaction: Transaction, urn: Urn, uuid: str, others: Collection[str] = ()
) -> tuple[Slice, ...]:
    """The slice, made where missing, its row locked (decision 1), and those with the other UUIDs.

    With it goes the name: nobody else locks a slice of it, or makes one.
    """
    key = key_of(urn)
    lock_name(transaction, key)
    rows = transaction.write(_LOCK_AMONG, named=key, with_uuids=[uuid, *others])
    found = {one.uuid: one for one in map(_slice, rows)}
    if uuid not in found:
        new = insert(SLICES).values(
            urn=key, uuid=uuid, spelling=urn.text, shut_down=False, version=1
        )
        found[uuid] = _slice(transaction.write(new.returning(*_COLUMNS)).one())
    return found[uuid], *(one for one in found.values() if one.uuid != uuid)


def lock_slice_of(transaction: Transaction, key: int) -> Slice:
    """The slice with this key, its row locked."""
    return _found(transaction.write(_LOCK_KEY, with_key=key).one_or_none())


def all_shut_down(transaction: Transaction) -> tuple[Slice, ...]:
    """The slices that are shut down."""
    wanted = select(*_COLUMNS).where(SLICES.c.shut_down.is_(True)).order_by(SLICES.c.key)
    return tuple(_slice(row) for row in transaction.read(wanted))


def shut_down(transaction: Transaction, key: int, *, on: bool) -> None:
    """Mark the slice as shut down, or release it."""
    transaction.push(update(SLICES).where(SLICES.c.key == key).values(shut_down=on))
