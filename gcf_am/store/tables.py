"""The tables; what stands in them is written and read by `rows`.

A URN column holds the URN's folded key (`authority+type+name`, decision 27), so that the database
compares as `Urn` does; `spelling` is the text as it came.
"""

from datetime import UTC, datetime
from typing import Final

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    DateTime,
    Dialect,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    Sequence,
    String,
    Table,
    Text,
    UniqueConstraint,
    literal_column,
    or_,
)
from sqlalchemy.types import TypeDecorator


class Moment(TypeDecorator[datetime]):
    """An aware time; kept as UTC, also where the database has no zones (SQLite)."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """To the database."""
        del dialect
        return None if value is None else value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """From the database."""
        del dialect
        if value is None or value.tzinfo is not None:
            return value
        return value.replace(tzinfo=UTC)


# SQLite numbers rows by themselves only where the column is an INTEGER, which has 64 bits there.
Number: Final = BigInteger().with_variant(Integer, "sqlite")
# Compared byte by byte, as SQLite does, whatever language the server speaks.
Key: Final = String(512).with_variant(Text(collation="C"), "postgresql")


def _word(length: int) -> String:
    """A text of about this length. SQLite minds no length; PostgreSQL would, and gains nothing."""
    return String(length).with_variant(Text(), "postgresql")


METADATA: Final = MetaData(
    naming_convention={
        "pk": "%(table_name)s_pk",
        "uq": "%(table_name)s_%(column_0_N_name)s_uq",
        "fk": "%(table_name)s_%(column_0_N_name)s_fk",
        "ix": "%(table_name)s_%(column_0_N_name)s_ix",
    }
)

# Rows of slices, as those of components, are there to be locked (decision 1); their `version` is what
# earlier releases did that by.
SLICES: Final = Table(
    "slices",
    METADATA,
    Column("key", Number, primary_key=True),
    Column("urn", _word(512), nullable=False),
    Column("uuid", _word(64), nullable=False),
    Column("spelling", _word(512), nullable=False),
    Column("shut_down", Boolean, nullable=False),
    Column("version", BigInteger, nullable=False),
    UniqueConstraint("urn", "uuid"),
)

# What surrounds the resources of a document; every sliver of the document points to the one row.
FRAMES: Final = Table(
    "frames",
    METADATA,
    Column("digest", _word(64), primary_key=True),
    Column("body", Text, nullable=False),
)

SLIVERS: Final = Table(
    "slivers",
    METADATA,
    Column("key", Number, primary_key=True),
    Column("urn", Key, nullable=False, unique=True),
    Column("spelling", _word(512), nullable=False),
    Column("slice_key", Number, ForeignKey("slices.key"), nullable=False),
    Column("kind", _word(8), nullable=False),
    Column("client_id", Text, nullable=False),
    Column("allocation", _word(32), nullable=False),
    Column("operational", _word(32), nullable=False),
    Column("expires", Moment, nullable=False),
    Column("contents", Text, nullable=False),
    Column("frame", _word(64), ForeignKey("frames.digest"), nullable=False),
    Column("pending", Text),
    Column("pending_frame", _word(64), ForeignKey("frames.digest")),
    Column("step", _word(16)),
    Column("error", Text, nullable=False),
    Column("logins", Text, nullable=False),
    Column("access", Text),
    Column("touched", Boolean, nullable=False),
    Column("generation", BigInteger, nullable=False),
    # decision 5: who works on it until when, and not before when
    Column("lease_owner", _word(255)),
    Column("lease_until", Moment),
    Column("retry_at", Moment),
)
Index("slivers_slice_key_allocation_ix", SLIVERS.c.slice_key, SLIVERS.c.allocation)
Index("slivers_allocation_expires_ix", SLIVERS.c.allocation, SLIVERS.c.expires)
# A frame goes when no sliver points to it any more.
Index("slivers_frame_ix", SLIVERS.c.frame)
Index(
    "slivers_pending_frame_ix",
    SLIVERS.c.pending_frame,
    sqlite_where=SLIVERS.c.pending_frame.is_not(None),
    postgresql_where=SLIVERS.c.pending_frame.is_not(None),
)
# Those that are live or not yet destroyed, among all that ever were. Statements that are to be
# served by it say so in these very words.
KEPT: Final = or_(
    SLIVERS.c.allocation != literal_column("'geni_unallocated'"), SLIVERS.c.step.is_not(None)
)
Index("slivers_kept_ix", SLIVERS.c.urn, sqlite_where=KEPT, postgresql_where=KEPT)
# Those that expire next, without a look at those that are over: PostgreSQL cannot know that of all
# whose time is past hardly any are live.
EXPIRES: Final = SLIVERS.c.allocation != literal_column("'geni_unallocated'")
Index("slivers_expires_ix", SLIVERS.c.expires, sqlite_where=EXPIRES, postgresql_where=EXPIRES)
# What is looked for before all others, and besides them.
FREEZE: Final = SLIVERS.c.step == literal_column("'freeze'")
Index("slivers_freeze_ix", SLIVERS.c.key, sqlite_where=FREEZE, postgresql_where=FREEZE)
SERVICES: Final = SLIVERS.c.step == literal_column("'services'")
Index("slivers_services_ix", SLIVERS.c.key, sqlite_where=SERVICES, postgresql_where=SERVICES)
# Few slivers wait for a driver at a time: the index holds only those.
Index(
    "slivers_owed_ix",
    SLIVERS.c.key,
    sqlite_where=SLIVERS.c.step.is_not(None),
    postgresql_where=SLIVERS.c.step.is_not(None),
)

# Open holds only: a hold that ends is deleted, its story stands in the events.
HOLDS: Final = Table(
    "holds",
    METADATA,
    Column("sliver", Key, ForeignKey("slivers.urn"), primary_key=True),
    Column("component", _word(512), primary_key=True),
    Column("dimension", _word(32), primary_key=True),
    Column("amount", BigInteger, nullable=False),
)

# What they come to, 0 included, each with the hold version of its last change: `sums`.
HELD: Final = Table(
    "held",
    METADATA,
    Column("component", _word(512), primary_key=True),
    Column("dimension", _word(32), primary_key=True),
    Column("amount", BigInteger, nullable=False),
    Column("changed", BigInteger, nullable=False),
)
Index("held_changed_ix", HELD.c.changed)

# What each sliver takes of its people's quotas; times are seconds of the epoch, to be summed.
SHARES: Final = Table(
    "shares",
    METADATA,
    Column("sliver", Key, ForeignKey("slivers.urn"), primary_key=True),
    Column("owner", _word(512), nullable=False),
    Column("slice_key", Number, ForeignKey("slices.key"), nullable=False),
    Column("project", _word(512), nullable=False),
    Column("authority", _word(512), nullable=False),
    Column("began", BigInteger, nullable=False),
    Column("until", BigInteger, nullable=False),
    Column("live", Boolean, nullable=False),
    Column("types", Text, nullable=False),
    Column("vlans", Integer, nullable=False),
)
for _whose in ("owner", "slice_key", "project", "authority"):
    Index(f"shares_{_whose}_ix", SHARES.c[_whose], SHARES.c.live, SHARES.c.until)

# What the live ones come to, by the account that they count for and their types: `tallies`.
TALLIES: Final = Table(
    "tallies",
    METADATA,
    Column("scope", _word(16), primary_key=True),
    Column("account", _word(512), primary_key=True),
    Column("types", Text, primary_key=True),
    Column("slivers", BigInteger, nullable=False),
    Column("vlans", BigInteger, nullable=False),
)

# One row for each component that was ever held, and each account that was judged, to lock
# (decision 1).
COMPONENTS: Final = Table(
    "components",
    METADATA,
    Column("id", Number, primary_key=True),
    Column("component", _word(512), nullable=False, unique=True),
    Column("version", BigInteger, nullable=False),
)

EVENTS: Final = Table(
    "events",
    METADATA,
    Column("id", Number, primary_key=True),
    Column("at", Moment, nullable=False),
    Column("request_id", _word(64), nullable=False),
    Column("caller", _word(512), nullable=False),
    Column("verb", _word(64), nullable=False),
    Column("subject", _word(512), nullable=False),
    Column("before", Text, nullable=False),
    Column("after", Text, nullable=False),
    # FED 4.6: the tool that spoke for the caller; empty where the caller came in person
    Column("tool", _word(512), nullable=False, server_default=""),
    # what a change, or the end of a call, tells more of: audit.event
    Column("kind", _word(16), nullable=False, server_default="change"),
    Column("slice", _word(512), nullable=False, server_default=""),
    Column("uuid", _word(64), nullable=False, server_default=""),
    Column("fingerprint", _word(64), nullable=False, server_default=""),
    Column("credentials", Text, nullable=False, server_default=""),
    Column("details", Text, nullable=False, server_default="{}"),
    # its place in the chain: audit.row; none until it is sealed
    Column("seq", BigInteger),
    Column("hash", _word(64), nullable=False, server_default=""),
    Column("salts", Text, nullable=False, server_default="{}"),
    Column("forgotten", Text, nullable=False, server_default="{}"),
)
Index("events_seq_ix", EVENTS.c.seq, unique=True)
Index("events_kind_seq_ix", EVENTS.c.kind, EVENTS.c.seq)
# What the sealer looks for each second: few rows, and often none.
Index(
    "events_unsealed_ix",
    EVENTS.c.id,
    sqlite_where=EVENTS.c.seq.is_(None),
    postgresql_where=EVENTS.c.seq.is_(None),
)

# One row: where the chain ends, and who seals until when.
AUDIT: Final = Table(
    "audit",
    METADATA,
    Column("key", Integer, primary_key=True),
    Column("seq", BigInteger, nullable=False),
    Column("hash", _word(64), nullable=False),
    # False until a store that is older than its log has told what is in it
    Column("begun", Boolean, nullable=False),
    Column("owner", _word(255)),
    Column("until", Moment),
)

# Which process does what only one does at a time, until when; without end where until is none.
DUTIES: Final = Table(
    "duties",
    METADATA,
    Column("name", _word(32), primary_key=True),
    Column("owner", _word(255)),
    Column("until", Moment),
)

COUNTERS: Final = Table(
    "counters",
    METADATA,
    Column("name", _word(32), primary_key=True),
    Column("value", BigInteger, nullable=False),
)
SLIVER_NUMBER: Final = "sliver number"
# What numbers slivers where several units make some at a time.
SLIVER_NUMBERS: Final = Sequence("sliver_numbers", metadata=METADATA)
HOLD_VERSION: Final = "hold version"
