from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from gcf_am.store import SqlStore, open_store
from gcf_am.store.upgrade import upgrade
from tests.contract.store.samples import AUTHORITY


@dataclass
class Place:
    """A database of its own, and the stores that a test opened on it."""

    url: str
    opened: list[SqlStore] = field(default_factory=list)

    def open(self, *, busy_seconds: float = 30.0) -> SqlStore:
        store = open_store(self.url, authority=AUTHORITY, busy_seconds=busy_seconds)
        self.opened.append(store)
        return store


@pytest.fixture(params=["sqlite"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Place]:
    place = Place(f"sqlite:///{tmp_path / 'store.sqlite'}")
    upgrade(place.url)
    yield place
    for store in place.opened:
        store.close()


@pytest.fixture
def store(place: Place) -> SqlStore:
    return place.open()
