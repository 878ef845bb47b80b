"""Alembic's entry: runs homing's migrations in the transaction that `open_plans` opened.

They share the store's database and have a version table of their own.
"""

from alembic import context

from gcf_am.homing.plans.tables import METADATA

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=METADATA,
    version_table="homing_version",
)
with context.begin_transaction():
    context.run_migrations()
