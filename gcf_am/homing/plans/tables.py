"""The tables of plans and bookings; migrations/ makes them, a test compares the two."""

from typing import Final

from sqlalchemy import (
    Boolean,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
)

from gcf_am.store.tables import Moment

METADATA: Final = MetaData()

# A name is free again when its plan was wholly deleted: its row is gone then.
# `lease_until` is how long `worker` has it for; another may take it after that.
PLANS: Final = Table(
    "homing_plans",
    METADATA,
    Column("id", String(36), primary_key=True),
    Column("name", String(255), nullable=False, unique=True),
    Column("transaction_id", String(255), nullable=False),
    Column("owner", String(512), nullable=False),
    Column("template", Text, nullable=False),
    Column("files", Text, nullable=False),
    Column("most", Integer, nullable=False),
    Column("seconds", Float, nullable=False),
    Column("reserve", Boolean, nullable=False),
    Column("credentials", Text),
    Column("status", String(16), nullable=False),
    Column("message", Text, nullable=False),
    Column("solution", Text),
    Column("excluded", Text, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("ending", Boolean, nullable=False),
    Column("created", Moment, nullable=False),
    Column("updated", Moment, nullable=False),
    Column("worker", String(255)),
    Column("lease_until", Moment),
    Index("homing_plans_owner_ix", "owner", "created"),
    Index("homing_plans_status_ix", "status", "created"),
)

BOOKINGS: Final = Table(
    "homing_bookings",
    METADATA,
    Column("key", Integer, primary_key=True),
    Column("plan", String(36), ForeignKey("homing_plans.id"), nullable=False),
    Column("attempt", Integer, nullable=False),
    Column("aggregate", String(512), nullable=False),
    Column("url", String(1000), nullable=False),
    Column("slice_urn", String(512), nullable=False),
    Column("request", Text, nullable=False),
    Column("names", Text, nullable=False),
    Column("options", Text, nullable=False),
    Column("state", String(16), nullable=False),
    Column("before", Text, nullable=False),
    Column("slivers", Text, nullable=False),
    Column("expires", Moment),
    Column("error", Text, nullable=False),
    Column("updated", Moment, nullable=False),
    Index("homing_bookings_plan_ix", "plan", "attempt"),
    Index("homing_bookings_state_ix", "state"),
)

SEATS: Final = Table(
    "homing_seats",
    METADATA,
    Column("key", Integer, primary_key=True),
    Column("plan", String(36), ForeignKey("homing_plans.id"), nullable=False),
    Column("licence", String(255), nullable=False),
    Column("number", Integer, nullable=False),
    Index("homing_seats_licence_ix", "licence"),
    Index("homing_seats_plan_ix", "plan"),
)
