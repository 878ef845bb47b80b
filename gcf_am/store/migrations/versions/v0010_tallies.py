"""What live slivers come to by account, so that quotas need not count them."""

import sqlalchemy as sa
from alembic import op

from gcf_am.store.migrations.kinds import word

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    """Make the table and count once."""
    op.create_table(
        "tallies",
        sa.Column("scope", word(16), nullable=False),
        sa.Column("account", word(512), nullable=False),
        sa.Column("types", sa.Text, nullable=False),
        sa.Column("slivers", sa.BigInteger, nullable=False),
        sa.Column("vlans", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("scope", "account", "types", name="tallies_pk"),
    )
    shares = sa.table(
        "shares",
        *(sa.column(name) for name in ("owner", "project", "authority", "types")),
        sa.column("slice_key", sa.BigInteger),
        sa.column("vlans", sa.BigInteger),
        sa.column("live", sa.Boolean),
    )
    tallies = sa.table(
        "tallies", *(sa.column(one) for one in ("scope", "account", "types", "slivers", "vlans"))
    )
    for scope, account in (
        ("user", shares.c.owner),
        ("slice", sa.cast(shares.c.slice_key, sa.String)),
        ("project", shares.c.project),
        ("authority", shares.c.authority),
    ):
        counted = (
            sa.select(
                sa.literal_column(f"'{scope}'"),
                account,
                shares.c.types,
                sa.func.count(),
                sa.func.sum(shares.c.vlans),
            )
            .where(shares.c.live)
            .group_by(account, shares.c.types)
        )
        op.execute(tallies.insert().from_select(list(tallies.c.keys()), counted))
