"""Bringing a database to this release's schema, and refusing to serve on any other."""

from pathlib import Path
from typing import Final

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError

from gcf_am.clock import SystemClock
from gcf_am.errors import ConfigError
from gcf_am.store.baseline import begin_log
from gcf_am.store.engine import open_database
from gcf_am.store.faults import answered

_MIGRATIONS: Final = Path(__file__).parent / "migrations"
_BUSY_SECONDS: Final = 30.0


def _config(connection: Connection | None = None) -> Config:
    config = Config(attributes={"connection": connection})
    # A percent sign would begin an interpolation.
    config.set_main_option("script_location", str(_MIGRATIONS).replace("%", "%%"))
    return config


def upgrade(url: str) -> None:
    """Make the database, or bring it to this release's schema, all in one transaction.

    Does nothing where it is so already; of two that run at once one waits. A PostgreSQL database
    must be there already. Raises ConfigError for a URL that is none of ours, or a database that
    cannot be reached, DatabaseError when it cannot be used.
    """
    database = open_database(url, busy_seconds=_BUSY_SECONDS, create=True)
    try:
        database.require()
        with answered(), database.altering() as connection:
            command.upgrade(_config(connection), "head")
            begin_log(connection, SystemClock().now())
            connection.commit()
    finally:
        database.close()


def revision(connection: Connection) -> str:
    """The schema's name; empty where there is none."""
    return MigrationContext.configure(connection).get_current_revision() or ""


def check(url: str) -> None:
    """Raise ConfigError, which names the remedy, unless the database has this release's schema."""
    script = ScriptDirectory.from_config(_config())
    database = open_database(url, busy_seconds=_BUSY_SECONDS)
    try:
        database.require()
        with database.reading() as connection:
            revision = MigrationContext.configure(connection).get_current_revision()
    except SQLAlchemyError as error:
        raise ConfigError("url in [store] names what is no usable database") from error
    finally:
        database.close()
    if revision == script.get_current_head():
        return
    if revision is not None and revision not in {one.revision for one in script.walk_revisions()}:
        raise ConfigError("the database was made by a newer release of gcf_am: install that one")
    raise ConfigError("the database is not at this release's schema: run `gcf-am upgrade-db`")
