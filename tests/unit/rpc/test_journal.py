from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from gcf_am.audit.event import Event, Kind
from gcf_am.audit.row import Row
from gcf_am.clock import SystemClock
from gcf_am.rpc.journal import Journal
from gcf_am.store import SqlStore, open_store
from gcf_am.store.log import open_log
from gcf_am.store.upgrade import upgrade


@pytest.fixture
def url(tmp_path: Path) -> str:
    url = f"sqlite:///{tmp_path / 'am.sqlite'}"
    upgrade(url)
    return url


@pytest.fixture
def store(url: str) -> Iterator[SqlStore]:
    with closing(open_store(url, authority="gcf.local", busy_seconds=0.01)) as store:
        yield store


def call(number: int) -> Event:
    return Event(SystemClock().now(), str(number), "", "Status", "", kind=Kind.CALL)


def rows(url: str) -> list[Row]:
    with closing(open_log(url)) as log:
        now = SystemClock().now()
        while log.seal("me", now, now):
            pass
        return list(log.rows())


def test_what_it_takes_is_written_in_order(store: SqlStore, url: str) -> None:
    journal = Journal(store, SystemClock())
    for number in range(1200):
        journal(call(number))
    journal.flush()
    assert [row.event.request_id for row in rows(url)] == [str(number) for number in range(1200)]


def test_it_writes_by_itself_and_to_the_last(store: SqlStore, url: str) -> None:
    journal = Journal(store, SystemClock())
    journal.start()
    journal(call(1))
    journal.stop(60)
    assert [row.event.request_id for row in rows(url)] == ["1"]


def test_a_full_journal_tells_how_much_was_lost(store: SqlStore, url: str) -> None:
    journal = Journal(store, SystemClock(), most=3)
    for number in range(8):
        journal(call(number))
    journal.flush()
    found = [(row.event.request_id, row.event.verb, row.event.details) for row in rows(url)]
    assert found == [
        ("0", "Status", "{}"),
        ("1", "Status", "{}"),
        ("2", "Status", "{}"),
        ("", "lost", '{"lost":5}'),
    ]
    journal.flush()
    assert len(rows(url)) == 4


def test_what_the_database_does_not_take_waits(store: SqlStore, url: str) -> None:
    journal = Journal(store, SystemClock(), most=3)
    with closing(open_store(url, authority="gcf.local")) as other, other.write():
        for number in range(5):
            journal(call(number))
        journal.flush()
    assert rows(url) == []
    journal.flush()
    assert [row.event.request_id for row in rows(url)] == ["0", "1", "2", ""]
