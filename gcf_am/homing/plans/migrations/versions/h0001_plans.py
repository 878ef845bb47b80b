"""Plans, bookings, and seats of licences."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Make the tables."""
    moment = sa.DateTime(timezone=True)
    op.create_table(
        "homing_plans",
        sa.Column("id", sa.String(36), primary_key=True),
        sa.Column("name", sa.String(255), nullable=False, unique=True),
        sa.Column("transaction_id", sa.String(255), nullable=False),
        sa.Column("owner", sa.String(512), nullable=False),
        sa.Column("template", sa.Text, nullable=False),
        sa.Column("files", sa.Text, nullable=False),
        sa.Column("most", sa.Integer, nullable=False),
        sa.Column("seconds", sa.Float, nullable=False),
        sa.Column("reserve", sa.Boolean, nullable=False),
        sa.Column("credentials", sa.Text),
        sa.Column("status", sa.String(16), nullable=False),
        sa.Column("message", sa.Text, nullable=False),
        sa.Column("solution", sa.Text),
        sa.Column("excluded", sa.Text, nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("ending", sa.Boolean, nullable=False),
        sa.Column("created", moment, nullable=False),
        sa.Column("updated", moment, nullable=False),
        sa.Column("worker", sa.String(255)),
        sa.Column("lease_until", moment),
    )
    op.create_index("homing_plans_owner_ix", "homing_plans", ["owner", "created"])
    op.create_index("homing_plans_status_ix", "homing_plans", ["status", "created"])
    op.create_table(
        "homing_bookings",
        sa.Column("key", sa.Integer, primary_key=True),
        sa.Column("plan", sa.String(36), sa.ForeignKey("homing_plans.id"), nullable=False),
        sa.Column("attempt", sa.Integer, nullable=False),
        sa.Column("aggregate", sa.String(512), nullable=False),
        sa.Column("url", sa.String(1000), nullable=False),
        sa.Column("slice_urn", sa.String(512), nullable=False),
        sa.Column("request", sa.Text, nullable=False),
        sa.Column("names", sa.Text, nullable=False),
        sa.Column("options", sa.Text, nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("before", sa.Text, nullable=False),
        sa.Column("slivers", sa.Text, nullable=False),
        sa.Column("expires", moment),
        sa.Column("error", sa.Text, nullable=False),
        sa.Column("updated", moment, nullable=False),
    )
    op.create_index("homing_bookings_plan_ix", "homing_bookings", ["plan", "attempt"])
    op.create_index("homing_bookings_state_ix", "homing_bookings", ["state"])
    op.create_table(
        "homing_seats",
        sa.Column("key", sa.Integer, primary_key=True),
        sa.Column("plan", sa.String(36), sa.ForeignKey("homing_plans.id"), nullable=False),
        sa.Column("licence", sa.String(255), nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
    )
    op.create_index("homing_seats_licence_ix", "homing_seats", ["licence"])
    op.create_index("homing_seats_plan_ix", "homing_seats", ["plan"])
