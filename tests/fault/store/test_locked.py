"""A database that others lock."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from threading import Event, Thread

import pytest

from gcf_am.errors import Busy
from gcf_am.store import SqlStore, open_store
from gcf_am.store.upgrade import upgrade
from tests.contract.store.samples import AUTHORITY, slice_key, slice_urn


@pytest.fixture
def file(tmp_path: Path) -> Path:
    upgrade(f"sqlite:///{tmp_path / 'store.sqlite'}")
    return tmp_path / "store.sqlite"


@pytest.fixture
def stranger(file: Path) -> Iterator[sqlite3.Connection]:
    """Another program at the same file."""
    with closing(sqlite3.connect(file, isolation_level=None, check_same_thread=False)) as other:
        yield other


def opened(file: Path, busy_seconds: float) -> SqlStore:
    return open_store(f"sqlite:///{file}", authority=AUTHORITY, busy_seconds=busy_seconds)


def write(store: SqlStore) -> int:
    with store.write() as unit:
        return slice_key(unit)


def test_who_cannot_have_the_lock_is_told_so(file: Path, stranger: sqlite3.Connection) -> None:
    store = opened(file, 0.02)
    stranger.execute("BEGIN IMMEDIATE")
    with pytest.raises(Busy, match="try again") as told:
        write(store)
    assert "sqlite" not in str(told.value).lower()
    with store.read() as unit:
        assert unit.find_slice(slice_urn(), "u") is None
    assert store.held_since(0)[0] == 0
    stranger.execute("ROLLBACK")
    assert write(store)
    store.close()


def test_who_waits_long_enough_has_the_lock(file: Path, stranger: sqlite3.Connection) -> None:
    store, waits = opened(file, 30), Event()
    stranger.execute("BEGIN IMMEDIATE")

    def let_go() -> None:
        waits.wait(30)
        stranger.execute("COMMIT")

    other = Thread(target=let_go)
    other.start()
    waits.set()
    assert write(store)
    other.join()
    store.close()


def test_threads_behind_a_slow_one_are_told_so(file: Path) -> None:
    store, inside, leave = opened(file, 0.02), Event(), Event()

    def slow() -> None:
        with store.write() as unit:
            slice_key(unit)
            inside.set()
            leave.wait(30)

    other = Thread(target=slow)
    other.start()
    assert inside.wait(30)
    with pytest.raises(Busy):
        write(store)
    leave.set()
    other.join()
    assert write(store)
    store.close()
