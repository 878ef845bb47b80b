"""What is there is found among all that was, and what goes first among all that is owed."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    """Add indexes that hold only the rows which are looked for."""
    for name, column, condition in (
        ("slivers_kept_ix", "urn", "allocation != 'geni_unallocated' OR step IS NOT NULL"),
        ("slivers_freeze_ix", "key", "step = 'freeze'"),
        ("slivers_services_ix", "key", "step = 'services'"),
    ):
        op.create_index(
            name,
            "slivers",
            [column],
            sqlite_where=sa.text(condition),
            postgresql_where=sa.text(condition),
        )
