"""Bookings in the database: the log that is written before each call.

Each write is allowed only to the worker that has the plan, so that of two one does not call.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, Row, insert, select, update

from gcf_am.clock import Clock, format_time, parse_time
from gcf_am.homing.plans.booking import LIVE, Booking, Held, Options
from gcf_am.homing.plans.repository import Lost
from gcf_am.homing.plans.tables import BOOKINGS, PLANS
from gcf_am.store.engine import Database
from gcf_am.store.faults import answered

_B: Final = BOOKINGS.c


@dataclass(frozen=True, slots=True)
class Ledger:
    """One plan's bookings, in the hands of the worker that has the plan."""

    database: Database
    plan: str
    worker: str
    clock: Clock

    def write(self, bookings: Sequence[Booking]) -> list[Booking]:
        """Write down what will be asked for, all of it or nothing; raises Lost."""
        with answered(), self.database.writing() as connection:
            self._require(connection)
            for one in bookings:
                connection.execute(insert(BOOKINGS).values(**self._values(one)))
            connection.commit()
        return [one for one in self.all() if one.attempt == bookings[0].attempt]

    def mark(
        self,
        booking: Booking,
        state: Held,
        *,
        before: frozenset[str] | None = None,
        slivers: dict[str, str] | None = None,
        expires: datetime | None = None,
        error: str = "",
    ) -> Booking:
        """Write down how far it is now; what is not told stays. Raises Lost."""
        values: dict[str, Any] = {"state": state, "updated": self.clock.now(), "error": error}
        if before is not None:
            values["before"] = json.dumps(sorted(before))
        if slivers is not None:
            values["slivers"] = json.dumps(slivers)
        if expires is not None:
            values["expires"] = expires
        with answered(), self.database.writing() as connection:
            self._require(connection)
            connection.execute(update(BOOKINGS).where(_B.key == booking.key).values(**values))
            row = connection.execute(select(BOOKINGS).where(_B.key == booking.key)).one()
            connection.commit()
        return _booking(row)

    def all(self) -> list[Booking]:
        """All of the plan's, oldest first."""
        return bookings_of(self.database, self.plan)

    def row(self, key: int) -> Booking:
        """One of them as it is now."""
        with answered(), self.database.reading() as connection:
            return _booking(connection.execute(select(BOOKINGS).where(_B.key == key)).one())

    def live(self) -> list[Booking]:
        """Those of which there may be slivers."""
        return [one for one in self.all() if one.state in LIVE]

    def _require(self, connection: Connection) -> None:
        mine = select(PLANS.c.id).where(PLANS.c.id == self.plan, PLANS.c.worker == self.worker)
        if connection.scalar(mine.with_for_update()) is None:
            raise Lost(f"plan {self.plan} is no longer ours")

    def _values(self, one: Booking) -> dict[str, object]:
        return {
            "plan": self.plan,
            "attempt": one.attempt,
            "aggregate": one.aggregate,
            "url": one.url,
            "slice_urn": one.slice_urn,
            "request": one.request,
            "names": json.dumps(one.names),
            "options": _options_text(one.options),
            "state": one.state,
            "before": json.dumps(sorted(one.before)),
            "slivers": json.dumps(one.slivers),
            "expires": one.expires,
            "error": one.error,
            "updated": self.clock.now(),
        }


def bookings_of(database: Database, plan: str) -> list[Booking]:
    """A plan's bookings, oldest first."""
    asked = select(BOOKINGS).where(_B.plan == plan).order_by(_B.key)
    with answered(), database.reading() as connection:
        return [_booking(row) for row in connection.execute(asked)]


def _options_text(options: Options) -> str:
    end = options.end_time
    return json.dumps(
        {
            "end_time": None if end is None else format_time(end),
            "provision": options.provision,
            "users": options.users,
        }
    )


def _options(text: str) -> Options:
    told = json.loads(text)
    end = told["end_time"]
    return Options(
        None if end is None else parse_time(end), told["provision"], tuple(told["users"])
    )


def _booking(row: Row[Any]) -> Booking:
    return Booking(
        key=row.key,
        plan=row.plan,
        attempt=row.attempt,
        aggregate=row.aggregate,
        url=row.url,
        slice_urn=row.slice_urn,
        request=row.request,
        names=json.loads(row.names),
        state=Held(row.state),
        before=frozenset(json.loads(row.before)),
        slivers=json.loads(row.slivers),
        expires=row.expires,
        error=row.error,
        options=_options(row.options),
    )
