"""Leases: who works on a sliver until when (decision 5).

A lease is void for its holder once another owner took the sliver or its generation rose. One that
a risen generation voided keeps other owners away until it is released or ends all the same: two
of them never have their drivers at one sliver, unless the lease is revoked.
"""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, Integer, Select, bindparam, case, or_, select, update

from gcf_am.manager.ports import Lease
from gcf_am.model.sliver import Sliver
from gcf_am.store import slivers
from gcf_am.store.frames import Frames
from gcf_am.store.slices import key_of
from gcf_am.store.tables import FREEZE, SERVICES, SLIVERS, Moment
from gcf_am.store.transaction import Transaction, in_parts
from gcf_am.urn import Urn


def _free(*conditions: ColumnElement[bool]) -> Select[*tuple[Any, ...]]:
    """Slivers that are not locked, and will be."""
    free = slivers.those(*conditions).with_for_update(skip_locked=True)
    return free.limit(bindparam("most", type_=Integer))


_NOW: Final = bindparam("now", type_=Moment)
_FREE: Final = (
    or_(SLIVERS.c.lease_until.is_(None), SLIVERS.c.lease_until <= _NOW),
    or_(SLIVERS.c.retry_at.is_(None), SLIVERS.c.retry_at <= _NOW),
)
_OWED: Final = (SLIVERS.c.step.is_not(None), *_FREE)
_TO_FREEZE: Final = _free(FREEZE, *_FREE)
_TO_DO: Final = _free(*_OWED, ~FREEZE & ~SERVICES)
_TO_SERVE: Final = _free(SERVICES, *_FREE)
_IS_OWED: Final = select(SLIVERS.c.key).where(*_OWED).limit(1)
_THESE: Final = SLIVERS.c.urn.in_(bindparam("these", expanding=True))
_LEASE: Final = (
    update(SLIVERS)
    .where(_THESE)
    .values(lease_owner=bindparam("taker"), lease_until=bindparam("lasting"))
)
_HELD: Final = (SLIVERS.c.urn == bindparam("leased"), SLIVERS.c.lease_owner == bindparam("holder"))
_VALID: Final = (*_HELD, SLIVERS.c.generation == bindparam("of_generation"))
_MINE: Final = slivers.those(_THESE, SLIVERS.c.lease_owner == bindparam("holder"))
_LOCK_MINE: Final = _MINE.with_for_update()
_EXTEND: Final = update(SLIVERS).where(*_VALID).values(lease_until=bindparam("lasting"))
_OVERTAKEN: Final = SLIVERS.c.generation != bindparam("of_generation")
_RELEASE: Final = (
    update(SLIVERS)
    .where(*_HELD)
    .values(
        lease_owner=None,
        lease_until=None,
        retry_at=case((_OVERTAKEN, SLIVERS.c.retry_at), else_=bindparam("again_at", type_=Moment)),
    )
)


def lease_work(
    transaction: Transaction,
    frames: Frames,
    owner: str,
    now: datetime,
    until: datetime,
    limit: int,
    services: int,
) -> list[Lease]:
    """Take slivers with a step, free of leases, whose retry time has come; oldest first.

    An emergency stop goes before all else. Those who owe services are counted for themselves.
    """
    taken: list[Sliver] = []
    for wanted in (_TO_FREEZE, _TO_DO):
        if len(taken) < limit:
            left = limit - len(taken)
            taken += slivers.find(transaction, frames, wanted, now=now, most=left)
    if services:
        taken += slivers.find(transaction, frames, _TO_SERVE, now=now, most=services)
    for part in in_parts(taken):
        these = [key_of(one.urn) for one in part]
        transaction.push(_LEASE, these=these, taker=owner, lasting=until)
    return [Lease(one, owner, until) for one in taken]


def owed(transaction: Transaction, now: datetime) -> bool:
    """Whether there is a sliver to lease."""
    return transaction.read(_IS_OWED, now=now).first() is not None


def wake(transaction: Transaction, urns: Collection[Urn]) -> None:
    """End these slivers' retry times; who works on one goes on."""
    for part in in_parts({key_of(one) for one in urns}):
        transaction.push(update(SLIVERS).where(SLIVERS.c.urn.in_(part)).values(retry_at=None))


def revoke(transaction: Transaction, urns: Collection[Urn]) -> None:
    """End the leases of these slivers: their holders find them void, others take them at once."""
    for part in in_parts({key_of(one) for one in urns}):
        free = update(SLIVERS).where(SLIVERS.c.urn.in_(part))
        transaction.push(free.values(lease_owner=None, lease_until=None))


def extend(transaction: Transaction, lease: Lease, until: datetime) -> bool:
    """Hold the lease until then, unless it is void."""
    return transaction.write(_EXTEND, lasting=until, **_valid(lease)).rowcount == 1


def mine(
    transaction: Transaction, frames: Frames, leases: Sequence[Lease], *, lock: bool
) -> list[Sliver | None]:
    """For each lease its sliver as it is now, None where the lease is void.

    With `lock` the rows of those that are not are locked.
    """
    found: dict[tuple[str, Urn], Sliver] = {}
    wanted = _LOCK_MINE if lock else _MINE
    for owner in sorted({one.owner for one in leases}):
        keys = {key_of(one.sliver.urn) for one in leases if one.owner == owner}
        for part in in_parts(keys):
            for sliver in slivers.find(transaction, frames, wanted, these=part, holder=owner):
                found[owner, sliver.urn] = sliver
    now = [(one, found.get((one.owner, one.sliver.urn))) for one in leases]
    return [
        sliver if sliver is not None and sliver.generation == one.sliver.generation else None
        for one, sliver in now
    ]


def release(transaction: Transaction, lease: Lease, retry_at: datetime | None) -> None:
    """Give the lease back; only a sliver that did not move on waits until `retry_at`."""
    transaction.push(_RELEASE, again_at=retry_at, **_valid(lease))


def _valid(lease: Lease) -> dict[str, object]:
    return {
        "leased": key_of(lease.sliver.urn),
        "holder": lease.owner,
        "of_generation": lease.sliver.generation,
    }
