"""Leases: who works on a sliver until when (decision 5).

A lease is void for its holder once another owner took the sliver or its generation rose. One that
a risen generation voided keeps other owners away until it is released or ends all the same: two
of them never have their drivers at one sliver, unless the lease is revoked.
"""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import ColumnElement, case, or_, select, update

from gcf_am.manager.ports import Lease
from gcf_am.model.sliver import Sliver, Step
from gcf_am.store import slivers
from gcf_am.store.frames import Frames
from gcf_am.store.slices import key_of
from gcf_am.store.tables import SLIVERS
from gcf_am.store.transaction import Transaction, in_parts
from gcf_am.urn import Urn


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
    free = _owed(now)
    freeze = SLIVERS.c.step == Step.FREEZE.value
    lasts = SLIVERS.c.step == Step.SERVICES.value
    taken: list[Sliver] = []
    for kind in (freeze, ~freeze & ~lasts):
        if len(taken) < limit:
            left = limit - len(taken)
            taken += slivers.find(transaction, frames, *free, kind, limit=left)
    if services:
        taken += slivers.find(transaction, frames, *free, lasts, limit=services)
    for part in in_parts(taken):
        lease = (
            update(SLIVERS)
            .where(SLIVERS.c.urn.in_([key_of(one.urn) for one in part]))
            .values(lease_owner=owner, lease_until=until)
        )
        transaction.write(lease)
    return [Lease(one, owner, until) for one in taken]


def owed(transaction: Transaction, now: datetime) -> bool:
    """Whether there is a sliver to lease."""
    wanted = select(SLIVERS.c.key).where(*_owed(now)).limit(1)
    return transaction.read(wanted).first() is not None


def wake(transaction: Transaction, urns: Collection[Urn]) -> None:
    """End these slivers' retry times; who works on one goes on."""
    for part in in_parts({key_of(one) for one in urns}):
        transaction.write(update(SLIVERS).where(SLIVERS.c.urn.in_(part)).values(retry_at=None))


def revoke(transaction: Transaction, urns: Collection[Urn]) -> None:
    """End the leases of these slivers: their holders find them void, others take them at once."""
    for part in in_parts({key_of(one) for one in urns}):
        free = update(SLIVERS).where(SLIVERS.c.urn.in_(part))
        transaction.write(free.values(lease_owner=None, lease_until=None))


def extend(transaction: Transaction, lease: Lease, until: datetime) -> bool:
    """Hold the lease until then, unless it is void."""
    hold = update(SLIVERS).where(*_valid(lease)).values(lease_until=until)
    return transaction.write(hold).rowcount == 1


def still_mine(transaction: Transaction, frames: Frames, lease: Lease) -> Sliver | None:
    """The sliver as it is now, unless the lease is void."""
    found = slivers.find(transaction, frames, *_valid(lease))
    return found[0] if found else None


def release(transaction: Transaction, lease: Lease, retry_at: datetime | None) -> None:
    """Give the lease back; only a sliver that did not move on waits until `retry_at`."""
    overtaken = SLIVERS.c.generation != lease.sliver.generation
    free = (
        update(SLIVERS)
        .where(*_held(lease))
        .values(
            lease_owner=None,
            lease_until=None,
            retry_at=case((overtaken, SLIVERS.c.retry_at), else_=retry_at),
        )
    )
    transaction.write(free)


def _owed(now: datetime) -> tuple[ColumnElement[bool], ...]:
    return (
        SLIVERS.c.step.is_not(None),
        or_(SLIVERS.c.lease_until.is_(None), SLIVERS.c.lease_until <= now),
        or_(SLIVERS.c.retry_at.is_(None), SLIVERS.c.retry_at <= now),
    )


def _held(lease: Lease) -> tuple[ColumnElement[bool], ...]:
    return (
        SLIVERS.c.urn == key_of(lease.sliver.urn),
        SLIVERS.c.lease_owner == lease.owner,
    )


def _valid(lease: Lease) -> tuple[ColumnElement[bool], ...]:
    return (*_held(lease), SLIVERS.c.generation == lease.sliver.generation)
