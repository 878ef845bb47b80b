"""What the migrations make is what the tables say."""

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from gcf_am.homing.plans.repository import Plans
from gcf_am.homing.plans.tables import METADATA


def test_the_migrations_make_the_tables(plans: Plans) -> None:
    with plans.database.writing() as connection:
        context = MigrationContext.configure(
            connection,
            opts={
                "version_table": "homing_version",
                "include_name": lambda name, kind, _: kind != "table" or name in METADATA.tables,
            },
        )
        assert compare_metadata(context, METADATA) == []
