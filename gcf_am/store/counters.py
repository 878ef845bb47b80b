"""The counters table: numbers that only rise."""

from typing import Final

from sqlalchemy import bindparam, func, select, update

from gcf_am.store.tables import COUNTERS, SLIVER_NUMBER, SLIVER_NUMBERS
from gcf_am.store.transaction import Transaction

_NAMED: Final = COUNTERS.c.name == bindparam("named")
_READ: Final = select(COUNTERS.c.value).where(_NAMED)
_RAISE: Final = (
    update(COUNTERS)
    .where(_NAMED)
    .values(value=COUNTERS.c.value + bindparam("by"))
    .returning(COUNTERS.c.value)
)


def raise_counter(transaction: Transaction, name: str, *, by: int = 1) -> int:
    """Add to it; returns the new value, which no other unit gets unless this one fails."""
    return int(transaction.write(_RAISE, named=name, by=by).scalar_one())


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
    return int(transaction.read(_READ, named=name).scalar_one())
