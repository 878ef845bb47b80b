"""The counters table: numbers that only rise."""

from sqlalchemy import func, select, update

from gcf_am.store.tables import COUNTERS, SLIVER_NUMBER, SLIVER_NUMBERS
from gcf_am.store.transaction import Transaction


def raise_counter(transaction: Transaction, name: str, *, by: int = 1) -> int:
    """Add to it; returns the new value, which no other unit gets unless this one fails."""
    up = update(COUNTERS).where(COUNTERS.c.name == name).values(value=COUNTERS.c.value + by)
    return int(transaction.write(up.returning(COUNTERS.c.value)).scalar_one())


def sliver_numbers(transaction: Transaction, count: int) -> list[int]:
    """So many numbers that nobody else gets, not even when this unit fails, in order.

    Where units write at the same time they come from a sequence: a counter's row would have each
    wait for all others that make slivers, to their ends.
    """
    if not transaction.shared:
        last = raise_counter(transaction, SLIVER_NUMBER, by=count)
        return list(range(last - count + 1, last + 1))
    next_one = func.nextval(SLIVER_NUMBERS.name).label("number")
    wanted = select(next_one).select_from(func.generate_series(1, count).table_valued())
    return sorted(transaction.write(wanted).scalars())


def read_counter(transaction: Transaction, name: str) -> int:
    """The value now."""
    wanted = select(COUNTERS.c.value).where(COUNTERS.c.name == name)
    return int(transaction.read(wanted).scalar_one())
