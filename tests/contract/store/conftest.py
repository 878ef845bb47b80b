from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import sqlalchemy as sa

from gcf_am.store import SqlStore, open_store
from gcf_am.store.upgrade import upgrade
from tests.contract.store.samples import AUTHORITY
from tests.postgresql import database


@dataclass
class Place:
    """A database of its own, and the stores that a test opened on it."""

    url: str
    opened: list[SqlStore] = field(default_factory=list)

    def open(self, *, busy_seconds: float = 30.0) -> SqlStore:
        store = open_store(self.url, authority=AUTHORITY, busy_seconds=busy_seconds)
        self.opened.append(store)
        return store


def change(url: str, statement: str, **values: object) -> int:
    """Do to the database what no store does; answers to how many rows."""
    engine = sa.create_engine(url)
    try:
        with engine.begin() as connection:
            if values:
                return connection.execute(sa.text(statement), values).rowcount
            return connection.exec_driver_sql(statement).rowcount
    finally:
        engine.dispose()


def look(url: str, statement: str) -> list[tuple[object, ...]]:
    """What a query finds."""
    engine = sa.create_engine(url)
    try:
        with engine.connect() as connection:
            return [tuple(row) for row in connection.exec_driver_sql(statement)]
    finally:
        engine.dispose()


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Where a database at this release's schema is."""
    if request.param == "postgresql":
        with database(request.getfixturevalue("postgresql")) as made:
            yield made
        return
    made = f"sqlite:///{tmp_path / 'store.sqlite'}"
    upgrade(made)
    yield made


@pytest.fixture
def place(url: str) -> Iterator[Place]:
    place = Place(url)
    yield place
    for store in place.opened:
        store.close()


@pytest.fixture
def store(place: Place) -> SqlStore:
    return place.open()
