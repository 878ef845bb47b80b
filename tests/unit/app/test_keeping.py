from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from gcf_am.app.keeping import Keeper
from gcf_am.audit.chain import verify
from gcf_am.audit.event import Event, Kind
from gcf_am.config import Config, RetentionConfig
from gcf_am.model.states import AllocationState
from gcf_am.store import SqlStore, open_store
from gcf_am.store.log import open_log
from gcf_am.store.upgrade import upgrade
from tests.contract.store.samples import NOW, node, slice_key

DAY = timedelta(days=1)


class Clock:
    def __init__(self) -> None:
        self.time = NOW

    def now(self) -> datetime:
        return self.time


@pytest.fixture
def config(tmp_path: Path) -> Config:
    config = Config(tmp_path, retention=RetentionConfig(audit_days=10, sliver_days=20))
    upgrade(config.database_url)
    return config


@pytest.fixture
def store(config: Config) -> Iterator[SqlStore]:
    with closing(open_store(config.database_url, authority="gcf.local")) as store:
        yield store


def call(at: datetime) -> Event:
    return Event(at, "r", "", "Status", "", kind=Kind.CALL)


def numbers(config: Config) -> list[int | None]:
    with closing(open_log(config.database_url)) as log, log.chain() as found:
        rows = list(found.rows)
        assert verify(rows, base=found.base, end=found.end).seq is None
    return [row.seq for row in rows]


def test_it_seals_and_lets_go_of_what_is_old_once_a_day(config: Config, store: SqlStore) -> None:
    clock = Clock()
    keeper = Keeper(config, store, owner="me", clock=clock)
    with store.write() as unit:
        old = node(
            unit, slice_key(unit), allocation=AllocationState.UNALLOCATED, expires=NOW - 19 * DAY
        )
        unit.add([old])
        unit.record(call(NOW + number * DAY - 9 * DAY) for number in range(9))
    keeper.run_once()
    assert numbers(config) == list(range(1, 10))
    # a day is not over
    clock.time = NOW + DAY - timedelta(seconds=1)
    keeper.run_once()
    with store.read() as unit:
        assert unit.named([old.urn])
    clock.time = NOW + 2 * DAY
    keeper.run_once()
    with store.read() as unit:
        assert not unit.named([old.urn])
    # the checkpoint is the tenth
    assert numbers(config) == list(range(2, 11))
    # a clock that is set back does not stop it
    clock.time = NOW - DAY
    keeper.run_once()
    keeper.stop(60)


def test_what_is_to_be_kept_for_ever_is(config: Config, store: SqlStore) -> None:
    config = replace(config, retention=RetentionConfig(audit_days=0, sliver_days=0))
    clock = Clock()
    with store.write() as unit:
        old = node(unit, slice_key(unit), allocation=AllocationState.UNALLOCATED, expires=NOW)
        unit.add([old])
        unit.record([call(NOW)])
    clock.time = NOW + 10_000 * DAY
    keeper = Keeper(config, store, owner="me", clock=clock)
    keeper.run_once()
    keeper.stop(60)
    with store.read() as unit:
        assert unit.named([old.urn])
    assert numbers(config) == [1]


def test_it_works_by_itself_and_seals_to_the_last(config: Config, store: SqlStore) -> None:
    keeper = Keeper(config, store, owner="me")
    keeper.start()
    with store.write() as unit:
        unit.record([call(datetime.now(UTC))])
    keeper.stop(60)
    assert numbers(config) == [1]
