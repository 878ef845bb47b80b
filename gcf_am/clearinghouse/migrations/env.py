"""Alembic runs this: the connection comes from gcf_am.clearinghouse.database."""

from alembic import context

from gcf_am.clearinghouse.tables import Base

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    render_as_batch=True,
)
with context.begin_transaction():
    context.run_migrations()
