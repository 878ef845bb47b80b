"""Homing's tables in the store's database, brought up to date when they are opened."""

from pathlib import Path
from typing import Final

from alembic import command
from alembic.config import Config

from gcf_am.store import engine
from gcf_am.store.engine import Database
from gcf_am.store.faults import answered

_MIGRATIONS: Final = Path(__file__).with_name("migrations")
_BUSY_SECONDS: Final = 10.0


def open_database(url: str) -> Database:
    """The store's database, which is there already, with homing's tables of this release.

    Raises ConfigError for a URL that is none of ours, DatabaseError when it cannot be used.
    """
    database = engine.open_database(url, busy_seconds=_BUSY_SECONDS)
    config = Config()
    # a percent sign would begin an interpolation
    config.set_main_option("script_location", str(_MIGRATIONS).replace("%", "%%"))
    try:
        with answered(), database.altering() as connection:
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
            connection.commit()
    except BaseException:
        database.close()
        raise
    return database
