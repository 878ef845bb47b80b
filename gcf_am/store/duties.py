"""Duties: what only one has at a time, of all processes that work on the database."""

from datetime import datetime

from sqlalchemy import or_, select, update

from gcf_am.manager.ports import Duty
from gcf_am.store.tables import DUTIES
from gcf_am.store.transaction import Transaction


def take(
    transaction: Transaction, duty: Duty, owner: str, now: datetime, until: datetime | None
) -> bool:
    """Have the duty until then, unless another owner has it."""
    free = or_(DUTIES.c.owner.is_(None), DUTIES.c.owner == owner, DUTIES.c.until <= now)
    mine = update(DUTIES).where(DUTIES.c.name == duty.value, free)
    return transaction.write(mine.values(owner=owner, until=until)).rowcount == 1


def holder(transaction: Transaction, duty: Duty) -> str | None:
    """Who has the duty, or had it last."""
    wanted = select(DUTIES.c.owner).where(DUTIES.c.name == duty.value)
    owner: str | None = transaction.read(wanted).scalar_one()
    return owner


def leave(transaction: Transaction, duty: Duty, owner: str) -> None:
    """Have it no more."""
    mine = update(DUTIES).where(DUTIES.c.name == duty.value, DUTIES.c.owner == owner)
    transaction.write(mine.values(owner=None, until=None))
