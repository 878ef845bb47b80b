"""How SQLite is set up (decision 4)."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Connection
from sqlalchemy.exc import OperationalError

from gcf_am.store.engine import Database, open_database
from gcf_am.store.upgrade import upgrade


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    url = f"sqlite:///{tmp_path / 'store.sqlite'}"
    upgrade(url)
    database = open_database(url, busy_seconds=1)
    yield database
    database.close()


def pragma(connection: Connection, name: str) -> object:
    return connection.exec_driver_sql(f"PRAGMA {name}").scalar_one()


def test_what_is_answered_survives_a_power_cut(database: Database) -> None:
    with database.writing() as connection:
        assert pragma(connection, "journal_mode") == "wal"
        assert pragma(connection, "synchronous") == 2  # FULL
        assert pragma(connection, "foreign_keys") == 1


def test_connections_for_reading_cannot_write(database: Database) -> None:
    with database.reading() as connection, pytest.raises(OperationalError, match="readonly"):
        connection.exec_driver_sql("DELETE FROM counters")


def test_what_is_not_committed_is_undone(database: Database) -> None:
    with database.writing() as connection:
        connection.exec_driver_sql("DELETE FROM counters")
    with database.reading() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM counters").scalar_one() == 3
