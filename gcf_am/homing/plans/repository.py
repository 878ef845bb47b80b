"""Plans in the database: who may see them, who works on them, how they move.

A plan moves by compare-and-set: an UPDATE that names the status it is in and the worker who has
it. No lock is held while somebody works; who lost a plan learns so when it moves it. Within a
transaction the plan's row is locked before its bookings are touched.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, Row, and_, delete, func, insert, or_, select
from sqlalchemy import update as update_
from sqlalchemy.exc import IntegrityError

from gcf_am.errors import GcfAmError
from gcf_am.homing.plans.booking import LIVE, UNSETTLED, Held
from gcf_am.homing.plans.plan import MOVING, Asked, Excluded, Plan, Status, may_follow
from gcf_am.homing.plans.seats import Licence, Licences, give_back
from gcf_am.homing.plans.tables import BOOKINGS, PLANS
from gcf_am.homing.plans.vault import Credentials, Vault
from gcf_am.store.engine import Database
from gcf_am.store.faults import answered

_P: Final = PLANS.c


class Taken(GcfAmError):
    """A plan of that name or id is there already."""


class Holds(GcfAmError):
    """The plan has provisioned slivers; it is not deleted without a word about them."""


class Lost(GcfAmError):
    """The plan is another worker's now, or is being deleted."""


class Plans:
    """All plans of a database; for any number of threads, and of processes beside."""

    def __init__(
        self, database: Database, vault: Vault, licences: Mapping[str, Licence] | None = None
    ) -> None:
        self.database = database
        self.licences = Licences(database, licences or {})
        self._vault = vault

    def add(self, asked: Asked, now: datetime) -> Plan:
        """Keep a new plan; raises Taken, whose text says which of name and id it is."""
        values = {
            "id": asked.id,
            "name": asked.name,
            "transaction_id": asked.transaction_id,
            "owner": asked.owner,
            "template": asked.template,
            "files": json.dumps(dict(asked.files)),
            "most": asked.limit,
            "seconds": asked.seconds,
            "reserve": asked.reserve,
            "credentials": self._vault.seal(asked.credentials),
            "status": Status.TEMPLATE,
            "message": "",
            "excluded": "[]",
            "attempts": 0,
            "ending": False,
            "created": now,
            "updated": now,
        }
        with answered(), self.database.writing() as connection:
            for column, value in (("name", asked.name), ("id", asked.id)):
                if connection.scalar(select(_P.id).where(_P[column] == value)) is not None:
                    raise Taken(f"there is a plan of the {column} {value} already")
            try:
                connection.execute(insert(PLANS).values(**values))
            except IntegrityError:  # another process was quicker
                raise Taken("there is a plan of that name or id already") from None
            connection.commit()
        return Plan(asked, Status.TEMPLATE, "", now, now)

    def get(self, owner: str, id_: str) -> Plan | None:
        """An owner's plan; None where there is none, or it is somebody else's."""
        with answered(), self.database.reading() as connection:
            row = connection.execute(select(PLANS).where(_of(owner), _P.id == id_)).one_or_none()
        return None if row is None else _plan(row)

    def of_owner(self, owner: str) -> list[Plan]:
        """An owner's plans, oldest first."""
        asked = select(PLANS).where(_of(owner)).order_by(_P.created, _P.id)
        with answered(), self.database.reading() as connection:
            return [_plan(row) for row in connection.execute(asked)]

    def count(self) -> int:
        """How many there are."""
        with answered(), self.database.reading() as connection:
            return connection.scalar(select(func.count()).select_from(PLANS)) or 0

    def end(self, owner: str, id_: str, now: datetime, *, release: bool) -> bool:
        """Delete a plan; False where there is none. What it holds is given back first.

        A worker that is at it lets go of it soon. Raises Holds when slivers are provisioned,
        unless with `release`.
        """
        with answered(), self.database.writing() as connection:
            where = and_(_of(owner), _P.id == id_)
            row = connection.execute(select(PLANS).where(where).with_for_update()).one_or_none()
            if row is None:
                return False
            states = {one.state for one in connection.execute(_live(id_))}
            if Held.PROVISIONED in states and not release:
                raise Holds("the plan has provisioned slivers; ?release=true gives them back")
            busy = row.worker is not None and row.lease_until > now
            if states or busy:
                told = {"ending": True, "updated": now, "lease_until": row.lease_until}
                if not busy:  # it need not rest any longer
                    told["lease_until"] = None
                connection.execute(update_(PLANS).where(where).values(**told))
            else:
                _erase(connection, id_)
            connection.commit()
            return True

    def claim(self, worker: str, now: datetime, lease: timedelta) -> Plan | None:
        """Take the oldest plan that wants work and that nobody has; None when there is none.

        So does one that has ended and holds what it should not. Solving that a worker left behind goes back to translated. Source: Homing API v1, State
        Diagram, note.
        """
        free = or_(_P.lease_until.is_(None), _P.lease_until < now)
        unsettled = select(BOOKINGS.c.plan).where(BOOKINGS.c.state.in_(UNSETTLED))
        due = and_(or_(_P.status.in_(MOVING), _P.ending, _P.id.in_(unsettled)), free)
        with answered(), self.database.reading() as connection:
            row = connection.execute(
                select(_P.id).where(due).order_by(_P.created, _P.id).limit(1)
            ).one_or_none()
        if row is None:
            return None
        with answered(), self.database.writing() as connection:
            taken = connection.execute(
                update_(PLANS)
                .where(_P.id == row.id, due)
                .values(worker=worker, lease_until=now + lease)
            )
            if taken.rowcount != 1:
                return None
            mine = and_(_P.id == row.id, _P.status == Status.SOLVING)
            connection.execute(update_(PLANS).where(mine).values(status=Status.TRANSLATED))
            plan = _plan(connection.execute(select(PLANS).where(_P.id == row.id)).one())
            connection.commit()
        return plan

    def renew(self, id_: str, worker: str, now: datetime, lease: timedelta) -> bool:
        """Keep it for longer; False when it is no longer the worker's, or is being deleted."""
        with answered(), self.database.writing() as connection:
            kept = connection.execute(
                update_(PLANS)
                .where(_P.id == id_, _P.worker == worker)
                .values(lease_until=now + lease)
            )
            ending = connection.scalar(select(_P.ending).where(_P.id == id_))
            connection.commit()
        return kept.rowcount == 1 and not ending

    def move(
        self,
        plan: Plan,
        worker: str,
        new: Status,
        now: datetime,
        *,
        seats: Mapping[str, int] | None = None,
        **values: object,
    ) -> Plan:
        """Move a plan along an arrow; raises Lost when the worker does not have it any more.

        `values` are `message`, `solution`, `excluded`, `attempts`. `seats` are taken of licences,
        or NoSeats is raised; a plan that is translated again, or ends badly, gives them back.
        """
        assert may_follow(plan.status, new), f"{plan.status} -> {new}"
        told: dict[str, Any] = {**values, "status": new, "updated": now}
        if "solution" in told:
            told["solution"] = json.dumps(told["solution"])
        if "excluded" in told:
            told["excluded"] = json.dumps([asdict(one) for one in told["excluded"]])
        where = and_(_P.id == plan.id, _P.worker == worker, _P.status == plan.status, ~_P.ending)
        with answered(), self.database.writing() as connection:
            if connection.execute(update_(PLANS).where(where).values(**told)).rowcount != 1:
                raise Lost(f"plan {plan.id} is no longer ours")
            if new in {Status.TRANSLATED, Status.ERROR}:
                give_back(connection, plan.id)
            self.licences.take(connection, plan.id, seats or {})
            moved = _plan(connection.execute(select(PLANS).where(_P.id == plan.id)).one())
            connection.commit()
        return moved

    def let_go(self, id_: str, worker: str, rest_until: datetime | None = None) -> None:
        """The worker has no more to do with it for now, nor has anybody before `rest_until`."""
        with answered(), self.database.writing() as connection:
            connection.execute(
                update_(PLANS)
                .where(_P.id == id_, _P.worker == worker)
                .values(worker=None, lease_until=rest_until)
            )
            connection.commit()

    def erase(self, id_: str, worker: str) -> None:
        """Remove a plan that was deleted and holds nothing; its name is free from now on."""
        with answered(), self.database.writing() as connection:
            mine = select(_P.id).where(_P.id == id_, _P.worker == worker, _P.ending)
            if connection.scalar(mine.with_for_update()) is not None:
                _erase(connection, id_)
                connection.commit()

    def credentials(self, id_: str) -> Credentials:
        """What came with the plan, opened; nothing once they were dropped."""
        with answered(), self.database.reading() as connection:
            return self._vault.open(connection.scalar(select(_P.credentials).where(_P.id == id_)))

    def drop_credentials(self, now: datetime) -> None:
        """Forget credentials of plans that have come to their end and hold nothing."""
        live = select(BOOKINGS.c.plan).where(
            BOOKINGS.c.state.in_(LIVE), or_(BOOKINGS.c.expires.is_(None), BOOKINGS.c.expires > now)
        )
        ended = and_(_P.status.not_in(MOVING), _P.id.not_in(live), ~_P.ending)
        with answered(), self.database.writing() as connection:
            connection.execute(
                update_(PLANS).where(ended, _P.credentials.is_not(None)).values(credentials=None)
            )
            connection.commit()

    def purge(self, before: datetime) -> int:
        """Remove plans that ended before then and hold nothing; how many those were."""
        live = select(BOOKINGS.c.plan).where(BOOKINGS.c.state.in_(LIVE))
        old = and_(_P.status.not_in(MOVING), _P.updated < before, _P.id.not_in(live))
        with answered(), self.database.writing() as connection:
            found = select(_P.id).where(old, _P.worker.is_(None)).order_by(_P.id)
            gone = list(connection.scalars(found.with_for_update()))
            for id_ in gone:
                _erase(connection, id_)
            connection.commit()
        return len(gone)


def _of(owner: str) -> ColumnElement[bool]:
    return and_(_P.owner == owner, ~_P.ending)


def _live(id_: str) -> Any:
    return select(BOOKINGS.c.state).where(BOOKINGS.c.plan == id_, BOOKINGS.c.state.in_(LIVE))


def _erase(connection: Connection, id_: str) -> None:
    give_back(connection, id_)
    connection.execute(delete(BOOKINGS).where(BOOKINGS.c.plan == id_))
    connection.execute(delete(PLANS).where(_P.id == id_))


def _plan(row: Row[Any]) -> Plan:
    files: Mapping[str, str] = json.loads(row.files)
    return Plan(
        Asked(
            id=row.id,
            name=row.name,
            owner=row.owner,
            template=row.template,
            transaction_id=row.transaction_id,
            files=files,
            limit=row.most,
            seconds=row.seconds,
            reserve=row.reserve,
        ),
        status=Status(row.status),
        message=row.message,
        created=row.created,
        updated=row.updated,
        solution=None if row.solution is None else json.loads(row.solution),
        excluded=tuple(Excluded(**one) for one in json.loads(row.excluded)),
        attempts=row.attempts,
        ending=row.ending,
    )
