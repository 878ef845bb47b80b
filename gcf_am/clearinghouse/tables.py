"""The clearinghouse's tables; migrations/ makes them, a test compares the two."""

from datetime import UTC, datetime

from sqlalchemy import (
    BigInteger,
    Boolean,
    Dialect,
    ForeignKey,
    Index,
    String,
    Text,
    TypeDecorator,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship


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
    """Somebody who may have slices; `urn_key` is the URN in lower case (decision 27).

    `enabled` members may call, `makes_projects` may make projects.
    """

    __tablename__ = "member"

    id: Mapped[int] = mapped_column(primary_key=True)
    urn: Mapped[str] = mapped_column(String(255))
    urn_key: Mapped[str] = mapped_column(String(255), unique=True)
    certificate: Mapped[str] = mapped_column(Text)
    operator: Mapped[bool] = mapped_column(Boolean)
    added: Mapped[datetime] = mapped_column(Moment)
    uuid: Mapped[str] = mapped_column(String(255), default="")
    first_name: Mapped[str] = mapped_column(String(255), default="")
    last_name: Mapped[str] = mapped_column(String(255), default="")
    email: Mapped[str] = mapped_column(String(255), default="")
    name: Mapped[str] = mapped_column(String(255), default="")
    enabled: Mapped[bool] = mapped_column(Boolean, default=True)
    makes_projects: Mapped[bool] = mapped_column(Boolean, default=False)


class CertificateRow(Base):
    """A certificate that was issued here; `key` identifies its public key.

    `issuer` is `ca`, `sa` or `ma`, `serial` a decimal number, `revoked` when it was.
    """

    __tablename__ = "certificate"
    __table_args__ = (
        UniqueConstraint("issuer", "serial"),
        Index("certificate_urn", "urn_key"),
        Index("certificate_key", "key"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    issuer: Mapped[str] = mapped_column(String(8))
    serial: Mapped[str] = mapped_column(String(50))
    urn: Mapped[str] = mapped_column(String(512))
    urn_key: Mapped[str] = mapped_column(String(512))
    key: Mapped[str] = mapped_column(String(64))
    not_after: Mapped[datetime] = mapped_column(Moment)
    revoked: Mapped[datetime | None] = mapped_column(Moment)
    reason: Mapped[str] = mapped_column(String(32), default="")


class ProjectRow(Base):
    """A project, alive or of the past; `live_key` as in SliceRow."""

    __tablename__ = "project"
    __table_args__ = (Index("project_urn", "urn_key"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    urn: Mapped[str] = mapped_column(String(255))
    urn_key: Mapped[str] = mapped_column(String(255))
    live_key: Mapped[str | None] = mapped_column(String(255), unique=True)
    uuid: Mapped[str] = mapped_column(String(36), unique=True)
    name: Mapped[str] = mapped_column(String(32))
    description: Mapped[str] = mapped_column(Text)
    created: Mapped[datetime] = mapped_column(Moment)
    expires: Mapped[datetime | None] = mapped_column(Moment)


class SliceRow(Base):
    """A slice, alive or of the past.

    `live_key` is the URN in lower case while the slice lives and NULL afterwards, so that
    a living name is unique and one of the past is free. `owner_id` made it; who leads it stands
    in SliceMemberRow.
    """

    __tablename__ = "slice"
    __table_args__ = (
        Index("slice_owner", "owner_id", "live_key"),
        Index("slice_urn", "urn_key"),
        Index("slice_project", "project_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    urn: Mapped[str] = mapped_column(String(255))
    live_key: Mapped[str | None] = mapped_column(String(255), unique=True)
    uuid: Mapped[str] = mapped_column(String(36), unique=True)
    owner_id: Mapped[int] = mapped_column(ForeignKey("member.id"))
    certificate: Mapped[str] = mapped_column(Text)
    created: Mapped[datetime] = mapped_column(Moment)
    expires: Mapped[datetime] = mapped_column(Moment, index=True)
    description: Mapped[str] = mapped_column(Text, default="")
    urn_key: Mapped[str] = mapped_column(String(255))
    project_id: Mapped[int | None] = mapped_column(ForeignKey("project.id"))
    project: Mapped[ProjectRow | None] = relationship()


class SliceMemberRow(Base):
    """What a member is in a slice; at most one leads it."""

    __tablename__ = "slice_member"
    __table_args__ = (
        Index("slice_member_of", "member_id"),
        Index("slice_lead", "slice_id", unique=True, sqlite_where=text("role = 'LEAD'")),
    )

    slice_id: Mapped[int] = mapped_column(ForeignKey("slice.id"), primary_key=True)
    member_id: Mapped[int] = mapped_column(ForeignKey("member.id"), primary_key=True)
    role: Mapped[str] = mapped_column(String(8))


class ProjectMemberRow(Base):
    """What a member is in a project; at most one leads it."""

    __tablename__ = "project_member"
    __table_args__ = (
        Index("project_member_of", "member_id"),
        Index("project_lead", "project_id", unique=True, sqlite_where=text("role = 'LEAD'")),
    )

    project_id: Mapped[int] = mapped_column(ForeignKey("project.id"), primary_key=True)
    member_id: Mapped[int] = mapped_column(ForeignKey("member.id"), primary_key=True)
    role: Mapped[str] = mapped_column(String(8))


class KeyRow(Base):
    """An SSH public key of a member."""

    __tablename__ = "ssh_key"
    __table_args__ = (Index("ssh_key_member", "member_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    key_id: Mapped[str] = mapped_column(String(64), unique=True)
    member_id: Mapped[int] = mapped_column(ForeignKey("member.id"))
    kind: Mapped[str] = mapped_column(String(64))
    public: Mapped[str] = mapped_column(Text)
    description: Mapped[str] = mapped_column(Text)
    member: Mapped[MemberRow] = relationship()


class SliverInfoRow(Base):
    """What was told of a sliver."""

    __tablename__ = "sliver_info"
    __table_args__ = (
        Index("sliver_info_slice", "slice_id"),
        Index("sliver_info_creator", "creator_key"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    urn: Mapped[str] = mapped_column(String(512))
    urn_key: Mapped[str] = mapped_column(String(512), unique=True)
    slice_id: Mapped[int] = mapped_column(ForeignKey("slice.id"))
    aggregate: Mapped[str] = mapped_column(String(512))
    aggregate_key: Mapped[str] = mapped_column(String(512))
    creator: Mapped[str] = mapped_column(String(512))
    creator_key: Mapped[str] = mapped_column(String(512))
    created: Mapped[datetime] = mapped_column(Moment)
    expires: Mapped[datetime | None] = mapped_column(Moment)
    slice: Mapped[SliceRow] = relationship()


class AggregateRow(Base):
    """An aggregate that the registry and ListAggregates name."""

    __tablename__ = "aggregate"

    id: Mapped[int] = mapped_column(primary_key=True)
    urn: Mapped[str] = mapped_column(String(255))
    urn_key: Mapped[str] = mapped_column(String(255), unique=True)
    url: Mapped[str] = mapped_column(String(1000))
    name: Mapped[str] = mapped_column(String(255), default="")
    short_name: Mapped[str] = mapped_column(String(64), default="")
    description: Mapped[str] = mapped_column(Text, default="")
    certificate: Mapped[str] = mapped_column(Text, default="")


class EventRow(Base):
    """What was done, by whom, to what; `tool` spoke for the caller, where one did."""

    __tablename__ = "event"

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(Moment, index=True)
    request_id: Mapped[str] = mapped_column(String(64))
    caller: Mapped[str] = mapped_column(String(255))
    verb: Mapped[str] = mapped_column(String(64))
    subject: Mapped[str] = mapped_column(String(255))
    tool: Mapped[str] = mapped_column(String(255), default="")
