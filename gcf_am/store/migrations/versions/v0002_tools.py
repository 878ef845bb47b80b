"""Events tell which tool spoke for the caller."""

import sqlalchemy as sa
from alembic import op

from gcf_am.store.migrations.kinds import word

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Add the column; what was recorded before was done in person."""
    op.add_column("events", sa.Column("tool", word(512), nullable=False, server_default=""))
