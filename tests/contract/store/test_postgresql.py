"""What holds on PostgreSQL alone, where units of several processes write side by side."""

import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, closing, contextmanager
from dataclasses import replace

import pytest
from sqlalchemy.exc import InternalError

from gcf_am.audit.chain import verify
from gcf_am.errors import ConfigError, DatabaseError
from gcf_am.manager import shutdown
from gcf_am.manager.ports import Lease
from gcf_am.manager.record import Author
from gcf_am.model.sliver import Step
from gcf_am.model.states import AllocationState
from gcf_am.store import SqlStore, open_store
from gcf_am.store.engine import Database, open_database
from gcf_am.store.log import SqlLog, open_log
from gcf_am.store.upgrade import check, upgrade
from gcf_am.urn import Urn
from tests.contract.store.conftest import look
from tests.contract.store.samples import (
    AUTHORITY,
    HOUR,
    NOW,
    event,
    host,
    node,
    slice_key,
    slice_urn,
)
from tests.postgresql import Server, database

PATIENCE = 60.0


@pytest.fixture
def url(postgresql: Server) -> Iterator[str]:
    with database(postgresql) as made:
        yield made


@pytest.fixture
def door(url: str) -> Iterator[Database]:
    with closing(open_database(url, busy_seconds=1)) as door:
        yield door


@pytest.fixture
def store(url: str) -> Iterator[SqlStore]:
    with closing(open_store(url, authority=AUTHORITY, busy_seconds=PATIENCE)) as store:
        yield store


@pytest.fixture
def log(url: str) -> Iterator[SqlLog]:
    with closing(open_log(url)) as log:
        yield log


@contextmanager
def meanwhile(url: str, work: Callable[[], object]) -> Iterator[Future[object]]:
    """Do something in a thread, which soon waits for a lock; left when it is done."""
    with ThreadPoolExecutor(1) as pool:
        doing = pool.submit(work)
        until = time.monotonic() + PATIENCE
        waiting = "SELECT 1 FROM pg_locks WHERE NOT granted"
        while not look(url, waiting):
            assert not doing.done(), doing.exception()
            assert time.monotonic() < until
            time.sleep(0.01)
        yield doing
        doing.result(PATIENCE)


def test_what_reads_has_one_snapshot_and_cannot_write(door: Database) -> None:
    with door.reading() as connection:
        before = connection.exec_driver_sql("SELECT count(*) FROM events").scalar_one()
        with door.writing() as other:
            other.exec_driver_sql("DELETE FROM counters")
            other.commit()
        assert connection.exec_driver_sql("SELECT count(*) FROM counters").scalar_one() == 2
        assert before == 0
        with pytest.raises(InternalError, match="read-only"):
            connection.exec_driver_sql("DELETE FROM counters")


def test_what_is_not_committed_is_undone(door: Database) -> None:
    with door.writing() as connection:
        connection.exec_driver_sql("DELETE FROM counters")
    with door.reading() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM counters").scalar_one() == 2


def test_it_is_reached_by_loopback_with_a_password(postgresql: Server, url: str) -> None:
    name = url.split("/")[3].split("?", maxsplit=1)[0]
    by_tcp = postgresql.url_by_tcp(name)
    check(by_tcp)
    for wrong in (by_tcp.replace("d@127", "x@127"), by_tcp.replace("aggregate:", "nobody:")):
        with pytest.raises(ConfigError, match="does not let in") as told:
            check(wrong)
        assert "a:b/c" not in str(told.value)


def test_a_database_that_is_not_there_is_told(postgresql: Server) -> None:
    for use in (check, upgrade):
        with pytest.raises(ConfigError, match=r"url in \[store\].*not there.*createdb"):
            use(postgresql.url("none"))


def test_a_server_that_is_not_there_is_told_without_its_password() -> None:
    # nobody listens at the port of tcpmux
    for use in (check, upgrade):
        with pytest.raises(ConfigError, match="cannot be reached now") as told:
            use("postgresql://me:secret@127.0.0.1:1/am?connect_timeout=2")
        assert "secret" not in str(told.value)


def test_a_database_in_another_encoding_is_refused(postgresql: Server) -> None:
    with postgresql.superuser() as connection:
        connection.execute("CREATE DATABASE latin TEMPLATE template0 ENCODING 'LATIN1'")
    try:
        for use in (check, upgrade):
            with pytest.raises(ConfigError, match="UTF8, not LATIN1"):
                use(postgresql.url("latin"))
    finally:
        postgresql.drop("latin")


def test_a_database_without_tables_is_behind(postgresql: Server) -> None:
    with database(postgresql, migrated=False) as empty:
        with pytest.raises(ConfigError, match="gcf-am upgrade-db"):
            check(empty)
        # of several that upgrade at once each but one waits
        with ThreadPoolExecutor(4) as pool:
            list(pool.map(upgrade, [empty] * 4))
        check(empty)


def test_without_its_driver_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "gcf_am.store.punctual", None)
    with pytest.raises(ConfigError, match=r"gcf_am\[postgresql\]"):
        check("postgresql://me@127.0.0.1:1/am")


def test_what_is_committed_late_is_told_and_sealed_all_the_same(
    store: SqlStore, log: SqlLog
) -> None:
    """Its row was numbered before one that the reader has heard of already."""
    first, second = (Urn.of(AUTHORITY, "sliver", one) for one in "12")
    with store.write() as late:
        late.record([event(first.text)])
        with ThreadPoolExecutor(1) as pool:
            pool.submit(_record_and_hear, store, log, second).result(PATIENCE)
    assert log.seal("me", NOW, NOW) == 1
    with store.read() as unit:
        assert list(unit.news(10).makers) == [first]
    with log.chain() as found:
        assert verify(found.rows, base=found.base, end=found.end).proved == 2


def _record_and_hear(store: SqlStore, log: SqlLog, sliver: Urn) -> None:
    with store.write() as unit:
        unit.record([event(sliver.text)])
    assert log.seal("me", NOW, NOW) == 1
    with store.read() as unit:
        news = unit.news(10)
    assert list(news.makers) == [sliver]
    with store.write() as unit:
        unit.heard(news.last)


def test_a_slice_that_is_made_while_its_name_is_shut_down_is_shut_down(
    store: SqlStore, url: str
) -> None:
    author = Author("shutdown", f"urn:publicid:IDN+{AUTHORITY}+authority+am", "", NOW)

    def shut() -> object:
        return shutdown.shut(store, slice_urn(), author)

    with ExitStack() as stack, store.write() as unit:
        here = unit.lock_slice(slice_urn(), "made just now")
        unit.add([replace(node(unit, here.key), touched=True)])
        doing = stack.enter_context(meanwhile(url, shut))
    assert doing.result() == 1
    with store.read() as unit:
        assert [one.shut_down for one in unit.slices_named(slice_urn())] == [True, True]


def test_who_works_on_a_sliver_keeps_it_from_others_who_do_not_wait(store: SqlStore) -> None:
    with store.write() as unit:
        key = slice_key(unit)
        unit.add([node(unit, key, name, step=Step.PREPARE) for name in "ab"])
    with store.write() as unit:
        [mine] = unit.lease_work("a", NOW, NOW + HOUR, 1)
        with ThreadPoolExecutor(1) as pool:
            [theirs] = pool.submit(_lease, store, 2).result(PATIENCE)
    assert mine.sliver.urn != theirs.sliver.urn


def _lease(store: SqlStore, limit: int) -> list[Lease]:
    with store.write() as unit:
        return unit.lease_work("b", NOW, NOW + HOUR, limit)


def test_units_that_want_more_never_wait_in_a_circle(store: SqlStore, postgresql: Server) -> None:
    """Two want what the other has, again and again; the server would end one of them."""
    before = postgresql.deadlocks()

    def want(number: int) -> None:
        first, second = [host("pc1")], [host("pc2")]
        for turn in range(25):
            with store.write() as unit:
                unit.lock_slice(Urn.of(AUTHORITY, "slice", f"s{number}"), "")
                for one in (first, second) if (number + turn) % 2 else (second, first):
                    unit.lock_components(one)
                assert unit.held() == {}

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(want, range(6)))
    assert postgresql.deadlocks() == before


def test_a_frame_that_is_about_to_be_used_is_not_removed(store: SqlStore, url: str) -> None:
    with store.write() as unit:
        old = node(unit, slice_key(unit), allocation=AllocationState.UNALLOCATED)
        unit.add([replace(old, expires=NOW)])
    with store.write() as unit:
        assert unit.remove_ended(NOW + HOUR, 10) == 1
    # 1. who is first to use it keeps it
    with store.write() as unit:
        unit.add([node(unit, slice_key(unit), allocation=AllocationState.UNALLOCATED)])
        with ThreadPoolExecutor(1) as pool:
            pool.submit(_sweep, store).result(PATIENCE)
    assert look(url, "SELECT count(*) FROM frames") == [(1,)]
    # 2. who is late makes it again
    with store.write() as unit:
        assert unit.remove_ended(NOW + 9 * HOUR, 10) == 1
    with ExitStack() as stack, store.write() as unit:
        unit.remove_frames("", 10)
        stack.enter_context(meanwhile(url, lambda: _use(store)))
    assert look(url, "SELECT count(*) FROM frames") == [(1,)]


def _sweep(store: SqlStore) -> None:
    with store.write() as unit:
        assert unit.remove_frames("", 10)


def _use(store: SqlStore) -> None:
    with store.write() as unit:
        unit.add([node(unit, slice_key(unit))])


def _add_twice(store: SqlStore) -> None:
    with store.write() as unit:
        one = node(unit, slice_key(unit))
        unit.add([one])
        unit.add([one])


def test_a_unit_that_failed_leaves_nothing(store: SqlStore) -> None:
    with pytest.raises(DatabaseError):
        _add_twice(store)
    with store.read() as unit:
        assert not unit.kept("", 1)


def test_a_unit_whose_last_statement_failed_leaves_its_connection_in_order(
    store: SqlStore,
) -> None:
    def fails() -> None:
        with store.write() as unit:
            twice = node(unit, slice_key(unit))
            unit.add([twice])
            unit.add([twice])

    for _ in range(10):
        with pytest.raises(DatabaseError, match="nothing was changed"):
            fails()
        with store.write() as unit:
            unit.add([node(unit, slice_key(unit))])
    with store.read() as unit:
        assert len(unit.kept("", 100)) == 10
