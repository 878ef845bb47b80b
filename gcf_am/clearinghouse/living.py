"""Slices and projects live for a time, and leave their names to others."""

from datetime import datetime
from typing import TypeVar

from sqlalchemy import ColumnElement, and_, or_, select, update
from sqlalchemy.orm import Session

from gcf_am.clearinghouse.tables import ProjectRow, SliceRow

Row = TypeVar("Row", SliceRow, ProjectRow)


def lives(table: type[SliceRow] | type[ProjectRow], now: datetime) -> ColumnElement[bool]:
    """The condition that a slice or project lives."""
    return and_(table.live_key.is_not(None), or_(table.expires.is_(None), table.expires > now))


def has_ended(row: SliceRow | ProjectRow, now: datetime) -> bool:
    """Whether it has ended."""
    return row.live_key is None or (row.expires is not None and row.expires <= now)


def find(session: Session, table: type[Row], key: str, now: datetime) -> Row | None:
    """The one with this URN that lives, else the last one that did."""
    named = select(table).where(table.urn_key == key)
    living = session.scalar(named.where(lives(table, now)))
    return living or session.scalar(named.order_by(table.id.desc()).limit(1))


def free_name(
    session: Session, table: type[SliceRow] | type[ProjectRow], key: str, now: datetime
) -> None:
    """Take the name from one that has ended; one that lives keeps it."""
    over = update(table).where(table.live_key == key, table.expires <= now)
    session.execute(over.values(live_key=None))
