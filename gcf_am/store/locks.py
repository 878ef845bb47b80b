"""What units need that write at the same time, as on PostgreSQL; SQLite has one writer at a time.

All take their locks in one order, so that none wait for each other in a circle:

(1) a slice: its name, then its row (`slices`);
(2) accounts, then components, each in the order of their ids (`holds`); who finds that he needs
    more components lets go of those he has, and takes all anew, one unit at a time;
(3) rows of slivers, shares, holds and events of that slice, which nobody writes without it, but
    for leases: who takes or ends those of slivers without their slices waits for no second row;
(4) frames, in the order of their digests (`frames`);
(5) last of all, only for as long as the commit takes, the hold version, with it the sums of
    holds (`sums`), and then tallies in the order of their keys (`tallies`).
"""

from collections.abc import Sequence
from functools import cache
from typing import Any, Final

from sqlalchemy import Executable, Table, text
from sqlalchemy.dialects import postgresql, sqlite

from gcf_am.store.transaction import Transaction

# SQLAlchemy takes a select for one whose rows are wanted, a text not.
_LOCK_NAME: Final = text("SELECT pg_advisory_xact_lock(hashtextextended(:name, 0))")


def insert_missing(transaction: Transaction, table: Table, rows: Sequence[dict[str, Any]]) -> None:
    """Insert those of the rows whose unique keys are not there, in the order given.

    Waits for a unit that inserts the same one; when that ends well it is there.
    """
    insert = postgresql.insert if transaction.shared else sqlite.insert
    transaction.push(insert(table).inline().on_conflict_do_nothing(), rows)


@cache
def adding(table: Table, *sums: str, shared: bool) -> Executable:
    """Inserts rows; to those that are there the columns `sums` are added, and others overwritten."""
    insert = postgresql.insert if shared else sqlite.insert
    new = insert(table)
    keys = [one.name for one in table.primary_key]
    values = {
        one.name: table.c[one.name] + new.excluded[one.name]
        if one.name in sums
        else new.excluded[one.name]
        for one in table.c
        if one.name not in keys
    }
    return new.on_conflict_do_update(index_elements=keys, set_=values)


def lock_name(transaction: Transaction, name: str) -> None:
    """Lock a name that may have no row yet, until the unit ends."""
    if transaction.shared:
        transaction.push(_LOCK_NAME, name=name)
