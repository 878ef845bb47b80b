"""Events tell which tool spoke for the caller."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Add the column; what was recorded before was done in person."""
    op.add_column("events", sa.Column("tool", sa.String(512), nullable=False, server_default=""))
