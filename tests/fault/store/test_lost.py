"""A database that disappears, or is damaged, under a running store."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from gcf_am.errors import DatabaseError
from gcf_am.store import SqlStore, open_store
from gcf_am.store.upgrade import upgrade
from tests.contract.store.samples import AUTHORITY, event, node, slice_key, slice_urn


@pytest.fixture
def file(tmp_path: Path) -> Path:
    upgrade(f"sqlite:///{tmp_path / 'store.sqlite'}")
    return tmp_path / "store.sqlite"


@pytest.fixture
def store(file: Path) -> Iterator[SqlStore]:
    store = open_store(f"sqlite:///{file}", authority=AUTHORITY, busy_seconds=1)
    with store.write() as unit:
        unit.add([node(unit, slice_key(unit))])
    yield store
    store.close()


def read(store: SqlStore) -> None:
    with store.read() as unit:
        unit.slices_named(slice_urn())


def write(store: SqlStore) -> None:
    with store.write() as unit:
        unit.record([event("x")])


USES: tuple[Callable[[SqlStore], object], ...] = (read, write, lambda store: store.held_since(0))


def test_a_file_that_was_moved_away_is_noticed(store: SqlStore, file: Path) -> None:
    away = file.with_name("away.sqlite")
    file.rename(away)
    for use in USES:
        with pytest.raises(DatabaseError, match="taken away"):
            use(store)
    assert not file.exists()
    away.rename(file)
    for use in USES:
        use(store)


def test_a_file_that_was_replaced_is_noticed(store: SqlStore, file: Path) -> None:
    other = file.with_name("other.sqlite")
    upgrade(f"sqlite:///{other}")
    other.replace(file)
    for use in USES:
        with pytest.raises(DatabaseError, match="taken away"):
            use(store)


def test_errors_tell_neither_statements_nor_paths(
    store: SqlStore, file: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with closing(sqlite3.connect(file)) as stranger, stranger:
        stranger.execute("DROP TABLE events")
    with pytest.raises(DatabaseError) as told:
        write(store)
    assert str(told.value) == "the aggregate's database failed; nothing was changed"
    # the operator's log has the database's words, but not what experimenters wrote
    assert "no such table: events" in caplog.text
    assert "alice" not in caplog.text
    read(store)


def test_a_damaged_file_is_a_database_error(store: SqlStore, file: Path) -> None:
    store.close()
    with file.open("r+b") as damaged:
        damaged.write(b"no database any more" * 300)
    for use in USES:
        with pytest.raises(DatabaseError):
            use(store)


def test_a_store_goes_on_after_it_was_closed(store: SqlStore) -> None:
    store.close()
    write(store)
