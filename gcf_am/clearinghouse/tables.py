"""The clearinghouse's tables; migrations/ makes them, a test compares the two."""

from datetime import UTC, datetime

from sqlalchemy import BigInteger, Boolean, Dialect, ForeignKey, Index, String, Text, TypeDecorator
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column


class Moment(TypeDecorator[datetime]):
    """A moment, stored as whole seconds since 1970 UTC: every database sorts those alike."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> int | None:
        """To the database."""
        del dialect
        return None if value is None else int(value.timestamp())

    def process_result_value(self, value: int | None, dialect: Dialect) -> datetime | None:
        """From the database."""
        del dialect
        return None if value is None else datetime.fromtimestamp(value, UTC)


class Base(DeclarativeBase):
    """All tables of the clearinghouse."""


class MemberRow(Base):
    """Somebody who may have slices; `urn_key` is the URN in lower case (decision 27)."""

    __tablename__ = "member"

    id: Mapped[int] = mapped_column(primary_key=True)
    urn: Mapped[str] = mapped_column(String(255))
    urn_key: Mapped[str] = mapped_column(String(255), unique=True)
    certificate: Mapped[str] = mapped_column(Text)
    operator: Mapped[bool] = mapped_column(Boolean)
    added: Mapped[datetime] = mapped_column(Moment)


class SliceRow(Base):
    """A slice, alive or of the past.

    `live_key` is the URN in lower case while the slice lives and NULL afterwards, so that
    a living name is unique and one of the past is free.
    """

    __tablename__ = "slice"
    __table_args__ = (Index("slice_owner", "owner_id", "live_key"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    urn: Mapped[str] = mapped_column(String(255))
    live_key: Mapped[str | None] = mapped_column(String(255), unique=True)
    uuid: Mapped[str] = mapped_column(String(36), unique=True)
    owner_id: Mapped[int] = mapped_column(ForeignKey("member.id"))
    certificate: Mapped[str] = mapped_column(Text)
    created: Mapped[datetime] = mapped_column(Moment)
    expires: Mapped[datetime] = mapped_column(Moment, index=True)


class AggregateRow(Base):
    """An aggregate that ListAggregates names."""

    __tablename__ = "aggregate"

    id: Mapped[int] = mapped_column(primary_key=True)
    urn: Mapped[str] = mapped_column(String(255))
    urn_key: Mapped[str] = mapped_column(String(255), unique=True)
    url: Mapped[str] = mapped_column(String(1000))


class EventRow(Base):
    """What was done, by whom, to what."""

    __tablename__ = "event"

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(Moment, index=True)
    request_id: Mapped[str] = mapped_column(String(64))
    caller: Mapped[str] = mapped_column(String(255))
    verb: Mapped[str] = mapped_column(String(64))
    subject: Mapped[str] = mapped_column(String(255))
