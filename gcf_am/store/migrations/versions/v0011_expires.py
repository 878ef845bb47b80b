"""What is to expire is found among what is live."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    """Add an index that holds only live slivers."""
    live = sa.text("allocation != 'geni_unallocated'")
    op.create_index(
        "slivers_expires_ix", "slivers", ["expires"], sqlite_where=live, postgresql_where=live
    )
