"""What open holds come to by component and dimension, so that it need not be summed."""

import sqlalchemy as sa
from alembic import op

from gcf_am.store.migrations.kinds import word

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    """Make the table and sum once; the index that covered the sum goes."""
    op.create_table(
        "held",
        sa.Column("component", word(512), nullable=False),
        sa.Column("dimension", word(32), nullable=False),
        sa.Column("amount", sa.BigInteger, nullable=False),
        sa.Column("changed", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("component", "dimension", name="held_pk"),
    )
    op.create_index("held_changed_ix", "held", ["changed"])
    # a database that holds something has had a version
    op.execute(
        "INSERT INTO held (component, dimension, amount, changed)"
        " SELECT component, dimension, sum(amount),"
        " (SELECT value FROM counters WHERE name = 'hold version')"
        " FROM holds GROUP BY component, dimension"
    )
    op.drop_index("holds_sum_ix", "holds")
