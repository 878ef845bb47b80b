"""What one process does for all that work on the database, and where its slivers stand."""

import sqlalchemy as sa
from alembic import op

from gcf_am.store.migrations.kinds import word

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Add the duties, which nobody has yet."""
    duties = op.create_table(
        "duties",
        sa.Column("name", word(32), nullable=False),
        sa.Column("owner", word(255)),
        sa.Column("until", sa.DateTime(timezone=True)),
        sa.PrimaryKeyConstraint("name", name="duties_pk"),
    )
    op.bulk_insert(duties, [{"name": one} for one in ("place", "sweep", "tell")])
