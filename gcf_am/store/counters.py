"""The counters table: numbers that only rise."""

from sqlalchemy import select, update

from gcf_am.store.tables import COUNTERS
from gcf_am.store.transaction import Transaction


def raise_counter(transaction: Transaction, name: str, *, by: int = 1) -> int:
    """Add to it; returns the new value, which no other unit gets unless this one fails."""
    up = update(COUNTERS).where(COUNTERS.c.name == name).values(value=COUNTERS.c.value + by)
    return int(transaction.write(up.returning(COUNTERS.c.value)).scalar_one())


def read_counter(transaction: Transaction, name: str) -> int:
    """The value now."""
    wanted = select(COUNTERS.c.value).where(COUNTERS.c.name == name)
    return int(transaction.read(wanted).scalar_one())
