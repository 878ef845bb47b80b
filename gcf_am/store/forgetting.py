"""What the log tells of one user is erased; what it proves stays."""

from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, and_, bindparam, func, or_, select, update

from gcf_am.audit.event import Event, Kind, write_details
from gcf_am.audit.row import PERSONAL, Row, without
from gcf_am.store.events import read_row, write_people
from gcf_am.store.log import PAGE, SqlLog
from gcf_am.store.tables import EVENTS
from gcf_am.store.transaction import Transaction
from gcf_am.urn import Urn

_BY_CALLER: Final = frozenset({"caller", "credentials"})


def forget(log: SqlLog, user: Urn, now: datetime) -> int:
    """Erase name, certificate and credentials of a user from all rows; answers from how many.

    (1) Rows of the user's calls lose name and credentials, and the fingerprint too unless a tool
        made the connection; those in which the user was the tool lose that name and fingerprint.
    (2) Rows of calls with the user's certificates that were not believed lose the fingerprint.
    (3) That it was done is a row of its own, which does not name the user.
    """
    name = user.text.lower()
    mine = func.lower(EVENTS.c.caller) == name
    spoken = func.lower(EVENTS.c.tool) == name
    with log.reading() as transaction:
        shown = or_(and_(mine, EVENTS.c.tool == ""), spoken)
        found = transaction.read(select(EVENTS.c.fingerprint).where(shown).distinct()).scalars()
        prints = frozenset(found) - {""}
    erased, after = 0, 0
    while True:
        with log.writing() as transaction:
            # (2) strangers' rows have a fingerprint and no name
            strange = and_(EVENTS.c.caller == "", EVENTS.c.fingerprint != "")
            rows = _page(transaction, after, or_(mine, spoken, strange))
            if not rows:
                break
            changed = [without(one, _names(one, name, prints)) for one in rows]
            changed = [one for one, old in zip(changed, rows, strict=True) if one != old]
            _write(transaction, changed)
            transaction.commit()
        erased, after = erased + len(changed), rows[-1].id
    # (3) nobody is named
    told = write_details({"rows": erased})
    log.record([Event(now, "", "", "forget-user", "", kind=Kind.NOTE, details=told)])
    return erased


def _names(row: Row, name: str, prints: frozenset[str]) -> frozenset[str]:
    """The fields of the row that tell of the user."""
    event = row.event
    names: set[str] = set()
    if event.caller.lower() == name:
        names |= _BY_CALLER  # (1)
        names |= set() if event.tool else {"fingerprint"}
    if event.tool.lower() == name:
        names |= {"tool", "fingerprint"}
    if not event.caller and event.fingerprint in prints:
        names.add("fingerprint")
    return frozenset(names)


def _page(transaction: Transaction, after: int, condition: ColumnElement[bool]) -> list[Row]:
    wanted = select(EVENTS).where(EVENTS.c.id > after, condition).order_by(EVENTS.c.id).limit(PAGE)
    # nobody seals them meanwhile
    locked = wanted.with_for_update()
    return [read_row(one) for one in transaction.read(locked).mappings()]


def _write(transaction: Transaction, rows: list[Row]) -> None:
    if not rows:
        return
    names = (*PERSONAL, "salts", "forgotten")
    values: dict[str, Any] = {name: bindparam(f"new_{name}") for name in names}
    erase = update(EVENTS).where(EVENTS.c.id == bindparam("row")).values(values)
    transaction.write(
        erase,
        [
            {"row": one.id, **{f"new_{name}": value for name, value in write_people(one).items()}}
            for one in rows
        ],
    )
