"""A PostgreSQL server that dies, stops, is late, is full, or that others lock.

It is a server of this file's own, which keeps what it was told as an operator's does.
"""

import os
import signal
import subprocess
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from sqlalchemy import Engine, text
from sqlalchemy import event as hook

from gcf_am.errors import AmError, Busy, DatabaseError, TimedOut
from gcf_am.store import SqlStore, open_store, postgresql
from tests.contract.store.samples import (
    AUTHORITY,
    event,
    node,
    slice_key,
    slice_urn,
)
from tests.postgresql import Missing, Server, database
from tests.postgresql import server as started

pytestmark = pytest.mark.xdist_group("postgresql that dies")


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    try:
        with started({}) as server:
            yield server
    except Missing as error:
        pytest.skip(str(error))


@pytest.fixture
def url(server: Server) -> Iterator[str]:
    with database(server) as url:
        yield url


@pytest.fixture
def store(url: str) -> Iterator[SqlStore]:
    with closing(open_store(url, authority=AUTHORITY, busy_seconds=30)) as store:
        with store.write() as unit:
            unit.add([node(unit, slice_key(unit))])
        yield store


def read(store: SqlStore) -> None:
    with store.read() as unit:
        assert unit.slices_named(slice_urn())


def write(store: SqlStore) -> None:
    with store.write() as unit:
        unit.record([event("x")])


USES: tuple[Callable[[SqlStore], object], ...] = (read, write, lambda store: store.held_since(0))


def slivers(store: SqlStore) -> int:
    with store.read() as unit:
        return len(unit.kept("", 1000))


def add(store: SqlStore, meanwhile: Callable[[], object] = lambda: None) -> None:
    """A unit in the middle of which something happens."""
    with store.write() as unit:
        key = slice_key(unit)
        unit.add([node(unit, key)])
        meanwhile()
        unit.add([node(unit, key)])


def end_connections(server: Server) -> None:
    """As an operator does who ends all that is connected."""
    with server.superuser() as connection:
        connection.execute(
            "SELECT pg_terminate_backend(pid, 60000) FROM pg_stat_activity WHERE"
            " usename = 'aggregate'"
        )


def refused(use: Callable[[], object], kind: type[AmError] = DatabaseError) -> str:
    """What it says when it fails; no statement, path or password."""
    with pytest.raises(kind) as told:
        use()
    said = str(told.value)
    assert not any(word in said for word in ("INSERT", "SELECT", "psycopg", "gcf-pg", "FATAL"))
    return said


def test_a_killed_server_fails_calls_and_those_after_its_return_work(
    server: Server, store: SqlStore
) -> None:
    assert "nothing was changed" in refused(lambda: add(store, server.kill))
    for use in USES:
        assert "database" in refused(lambda use=use: use(store))  # type: ignore[misc]
    server.start()
    # 1. the very next call of each kind, on whatever connection it finds
    for use in USES:
        use(store)
    # 2. what was told to be done is there, and nothing half-done
    assert slivers(store) == 1
    add(store)
    assert slivers(store) == 3


def test_connections_that_ended_while_nobody_called_are_not_used(
    server: Server, store: SqlStore
) -> None:
    for use in USES:
        end_connections(server)
        use(store)


def test_a_connection_that_ends_amid_a_unit_undoes_it(server: Server, store: SqlStore) -> None:
    assert "nothing was changed" in refused(lambda: add(store, lambda: end_connections(server)))
    assert slivers(store) == 1


def test_a_server_lost_at_the_commit_may_have_done_it(server: Server, store: SqlStore) -> None:
    """Whether it did is not known here, and it is not said that nothing was done."""

    def lose(_connection: object) -> None:
        end_connections(server)

    hook.listen(Engine, "commit", lose)
    try:
        said = refused(lambda: add(store))
    finally:
        hook.remove(Engine, "commit", lose)
    assert "whether the call was done" in said
    assert "nothing was changed" not in said
    assert slivers(store) in {1, 3}


def test_a_statement_that_takes_too_long_is_ended(url: str) -> None:
    impatient = f"{url}&options=-c%20statement_timeout%3D200"
    with closing(open_store(impatient, authority=AUTHORITY)) as store:
        assert "took too long" in refused(lambda: sleep(store), TimedOut)
        write(store)


def sleep(store: SqlStore) -> None:
    with store.read() as unit:
        unit._transaction.read(text("SELECT pg_sleep(600)"))  # type: ignore[attr-defined]


def test_a_server_that_stands_still_is_given_up(
    server: Server, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postgresql, "_LATE", 0.5)
    monkeypatch.setattr(postgresql, "_ON_THE_WAY", 0.5)
    with closing(open_store(url, authority=AUTHORITY, busy_seconds=0.1)) as store:
        write(store)
        server.signal(signal.SIGSTOP)
        try:
            for use in (read, write):
                assert refused(lambda use=use: use(store), AmError)  # type: ignore[misc]
        finally:
            server.signal(signal.SIGCONT)
        write(store)


@contextmanager
def locking(server: Server, url: str) -> Iterator[None]:
    """Another program that has locked the slices."""
    with server.superuser(url.split("/")[3].split("?", maxsplit=1)[0]) as other:
        other.execute("BEGIN")
        other.execute("SELECT * FROM slices FOR UPDATE")
        yield
        other.execute("ROLLBACK")


def test_who_cannot_have_a_lock_is_told_so(server: Server, url: str, store: SqlStore) -> None:
    with closing(open_store(url, authority=AUTHORITY, busy_seconds=0.02)) as hasty:
        with locking(server, url):
            assert "try again" in refused(lambda: add(hasty), Busy)
            # who only reads waits for nobody
            assert slivers(hasty) == 1
        add(hasty)
    assert slivers(store) == 3


def test_more_than_the_server_takes_are_told_to_come_again(server: Server, url: str) -> None:
    name = url.split("/")[3].split("?", maxsplit=1)[0]
    with server.superuser() as connection:
        connection.execute(f"ALTER DATABASE {name} CONNECTION LIMIT 1")
    with (
        closing(open_store(url, authority=AUTHORITY)) as first,
        closing(open_store(url, authority=AUTHORITY)) as second,
        first.read() as unit,
    ):
        assert unit.kept("", 1) == ()
        assert "try again" in refused(lambda: write(second), Busy)


@pytest.fixture
def small(server: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A disk of 16 MB."""
    if os.geteuid() != 0:
        pytest.skip("only root makes a small disk")
    disk = server.directory / "small"
    disk.mkdir()
    mounting = ["mount", "-t", "tmpfs", "-o", "size=16m,mode=0777", "tmpfs", str(disk)]
    made = subprocess.run(mounting, capture_output=True, text=True, check=False)
    if made.returncode:
        disk.rmdir()
        pytest.skip(f"no small disk can be made here: {made.stderr.strip()}")
    try:
        yield disk
    finally:
        subprocess.run(["umount", disk], check=True)
        disk.rmdir()


def test_a_full_disk_fails_units_whole(server: Server, small: Path) -> None:
    ballast = small / "ballast"
    ballast.write_bytes(bytes(3 << 20))
    space = small / "space"
    space.mkdir()
    server.give(space)
    with server.superuser() as connection:
        connection.execute(f"CREATE TABLESPACE small LOCATION '{space}'")
    name = server.migrated()
    with server.superuser() as connection:
        connection.execute(f"ALTER DATABASE {name} SET TABLESPACE small")
    with closing(open_store(server.url(name), authority=AUTHORITY)) as store:
        done, said = 0, ""
        while not said and done < 500:
            try:
                fill(store)
            except DatabaseError as full:
                said = str(full)
            else:
                done += 1
        assert "nothing was changed" in said
        assert str(small) not in said
        # 1. what was told to be done is there, and nothing half-done
        assert count(server, name) == 40 * done
        # 2. with room it goes on
        ballast.unlink()
        fill(store)
        assert count(server, name) == 40 * (done + 1)
    server.drop(name)
    with server.superuser() as connection:
        connection.execute("DROP TABLESPACE small")


def fill(store: SqlStore) -> None:
    with store.write() as unit:
        key = slice_key(unit)
        unit.add([node(unit, key) for _ in range(40)])


def count(server: Server, name: str) -> object:
    with server.superuser(name) as connection:
        [[found]] = connection.execute("SELECT count(*) FROM slivers").fetchall()
    return found
