"""What the clearinghouse remembers: members, slices, aggregates, and what was done."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import Select, delete, func, select, update
from sqlalchemy.exc import IntegrityError, SQLAlchemyError
from sqlalchemy.orm import Session

from gcf_am.clearinghouse.database import open_database
from gcf_am.clearinghouse.tables import AggregateRow, EventRow, MemberRow, SliceRow
from gcf_am.errors import AlreadyExists, DatabaseError
from gcf_am.trust.certificates import Certificate, load_chain, write_chain
from gcf_am.urn import Urn


@dataclass(frozen=True, slots=True)
class Member:
    """Somebody who may have slices, with the certificate chain that is registered."""

    key: int
    urn: Urn
    chain: tuple[Certificate, ...]
    operator: bool


@dataclass(frozen=True, slots=True)
class LivingSlice:
    """A slice that has not ended; `chain` is its certificate with its signers."""

    key: int
    urn: Urn
    uuid: str
    owner: int
    chain: tuple[Certificate, ...]
    expires: datetime


@dataclass(frozen=True, slots=True)
class Deed:
    """One line of the record: who did what, under which request id."""

    at: datetime
    request_id: str
    caller: str
    verb: str
    subject: str


class Register:
    """The clearinghouse's memory, safe in threads.

    A name lives from its creation until the slice expires or is deleted; then it is free for a
    new slice, whose UUID is another. Each change and its deed are one transaction. Every method
    raises DatabaseError when the database cannot be used.
    """

    def __init__(self, file: Path) -> None:
        self._engine = open_database(file)

    def close(self) -> None:
        """Let go of the file."""
        self._engine.dispose()

    @contextmanager
    def _unit(self) -> Iterator[Session]:
        try:
            with Session(self._engine) as session, session.begin():
                yield session
        except IntegrityError:
            raise
        except SQLAlchemyError as error:
            raise DatabaseError("the clearinghouse's database cannot be used now") from error

    def member(self, urn: Urn) -> Member | None:
        """The member with this URN."""
        with self._unit() as session:
            row = session.scalar(select(MemberRow).where(MemberRow.urn_key == _key(urn)))
            return None if row is None else _member(row)

    def members(self) -> tuple[Member, ...]:
        """Everybody, in the order they were added."""
        with self._unit() as session:
            return tuple(map(_member, session.scalars(select(MemberRow).order_by(MemberRow.id))))

    def put_member(self, chain: tuple[Certificate, ...], *, operator: bool, now: datetime) -> None:
        """Register whom the chain's first certificate names, or their new certificate."""
        urn = chain[0].named
        with self._unit() as session:
            row = session.scalar(select(MemberRow).where(MemberRow.urn_key == _key(urn)))
            if row is None:
                row = MemberRow(urn=urn.text, urn_key=_key(urn), added=now)
                session.add(row)
            row.certificate = write_chain(chain)
            row.operator = operator

    def slice(self, urn: Urn, now: datetime) -> LivingSlice | None:
        """The living slice with this URN."""
        with self._unit() as session:
            row = session.scalar(_living(now).where(SliceRow.live_key == _key(urn)))
            return None if row is None else _slice(row)

    def slices_of(self, owner: Member, now: datetime) -> tuple[LivingSlice, ...]:
        """The member's living slices, oldest first."""
        with self._unit() as session:
            query = _living(now).where(SliceRow.owner_id == owner.key).order_by(SliceRow.id)
            return tuple(map(_slice, session.scalars(query)))

    def add_slice(
        self, owner: Member, chain: tuple[Certificate, ...], expires: datetime, deed: Deed
    ) -> LivingSlice:
        """Remember a new slice; raises AlreadyExists when one with this URN lives."""
        urn = chain[0].named
        try:
            with self._unit() as session:
                session.execute(
                    update(SliceRow)
                    .where(SliceRow.live_key == _key(urn), SliceRow.expires <= deed.at)
                    .values(live_key=None)
                )
                row = SliceRow(
                    urn=urn.text,
                    live_key=_key(urn),
                    uuid=chain[0].uuid,
                    owner_id=owner.key,
                    certificate=write_chain(chain),
                    created=deed.at,
                    expires=expires,
                )
                session.add_all((row, _event(deed)))
                session.flush()
                return _slice(row)
        except IntegrityError:
            raise AlreadyExists(f"a slice {urn} lives already") from None

    def renew_slice(
        self, one: LivingSlice, chain: tuple[Certificate, ...], expires: datetime, deed: Deed
    ) -> bool:
        """Let a slice live until then; False when it ended or was renewed further meanwhile."""
        with self._unit() as session:
            found = session.scalar(
                _living(deed.at).where(SliceRow.id == one.key, SliceRow.expires <= expires)
            )
            if found is None:
                return False
            found.certificate, found.expires = write_chain(chain), expires
            session.add(_event(deed))
            return True

    def end_slice(self, one: LivingSlice, deed: Deed) -> bool:
        """End a slice now; False when it had ended."""
        with self._unit() as session:
            found = session.scalar(_living(deed.at).where(SliceRow.id == one.key))
            if found is None:
                return False
            found.live_key, found.expires = None, deed.at
            session.add(_event(deed))
            return True

    def aggregates(self) -> tuple[tuple[str, str], ...]:
        """URN and URL of each aggregate."""
        with self._unit() as session:
            rows = session.scalars(select(AggregateRow).order_by(AggregateRow.id))
            return tuple((row.urn, row.url) for row in rows)

    def put_aggregate(self, urn: Urn, url: str) -> None:
        """Name an aggregate, or its new URL."""
        with self._unit() as session:
            session.execute(delete(AggregateRow).where(AggregateRow.urn_key == _key(urn)))
            session.add(AggregateRow(urn=urn.text, urn_key=_key(urn), url=url))

    def deeds(self) -> int:
        """How many lines the record has."""
        with self._unit() as session:
            return session.scalar(select(func.count()).select_from(EventRow)) or 0


def _living(now: datetime) -> Select[SliceRow]:
    return select(SliceRow).where(SliceRow.live_key.is_not(None), SliceRow.expires > now)


def _key(urn: Urn) -> str:
    return "+".join(urn.key)


def _member(row: MemberRow) -> Member:
    return Member(row.id, Urn.parse(row.urn), load_chain(row.certificate), row.operator)


def _slice(row: SliceRow) -> LivingSlice:
    chain = load_chain(row.certificate)
    return LivingSlice(row.id, chain[0].named, row.uuid, row.owner_id, chain, row.expires)


def _event(deed: Deed) -> EventRow:
    return EventRow(
        at=deed.at,
        request_id=deed.request_id,
        caller=deed.caller,
        verb=deed.verb,
        subject=deed.subject,
    )
