"""The clearinghouse's own database: one SQLite file, brought up to date when it is opened."""

from pathlib import Path
from typing import Any, Final

import alembic.command
import alembic.config
import sqlalchemy
from sqlalchemy import Engine, event
from sqlalchemy.exc import SQLAlchemyError

from gcf_am.errors import ConfigError

_MIGRATIONS: Final = Path(__file__).with_name("migrations")
_BUSY_SECONDS: Final = 10


def open_database(file: Path) -> Engine:
    """Open the file, made where missing, with the tables of this version.

    WAL, and BEGIN IMMEDIATE: who begins to write has the lock (decision 4). Raises ConfigError
    when the file cannot be used.
    """
    engine = sqlalchemy.create_engine(
        f"sqlite:///{file}", connect_args={"timeout": _BUSY_SECONDS, "isolation_level": None}
    )
    event.listen(engine, "connect", _prepare)
    event.listen(engine, "begin", _begin)
    try:
        file.touch(mode=0o600)
        _upgrade(engine)
    except (OSError, SQLAlchemyError) as error:
        engine.dispose()
        raise ConfigError(f"the clearinghouse's database {file} cannot be used") from error
    return engine


def _upgrade(engine: Engine) -> None:
    config = alembic.config.Config()
    config.set_main_option("script_location", str(_MIGRATIONS).replace("%", "%%"))
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        alembic.command.upgrade(config, "head")


def _prepare(connection: Any, _record: object) -> None:
    for pragma in ("journal_mode = WAL", "foreign_keys = ON", "synchronous = FULL"):
        connection.execute(f"PRAGMA {pragma}")


def _begin(connection: sqlalchemy.Connection) -> None:
    connection.exec_driver_sql("BEGIN IMMEDIATE")
