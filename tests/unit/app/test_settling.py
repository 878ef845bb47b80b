from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import cast

import pytest

from gcf_am.app.settling import check_place, settle
from gcf_am.drivers import simulated
from gcf_am.errors import ConfigError
from gcf_am.manager.aggregate import Aggregate
from gcf_am.manager.ports import Driver, Duty
from gcf_am.store import SqlStore, open_store
from gcf_am.store.upgrade import upgrade
from tests.postgresql import Server, database
from tests.unit.reconciler.testbed import Testbed, Watch


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqlStore]:
    url = f"sqlite:///{tmp_path / 'store.sqlite'}"
    upgrade(url)
    with closing(open_store(url, authority="am.test")) as store:
        yield store


def at(store: SqlStore, directory: Path) -> Testbed:
    return Testbed(store, simulated.make({"directory": str(directory)}), Watch())


def place(store: SqlStore) -> str | None:
    with store.read() as unit:
        return unit.holder(Duty.PLACE)


def test_slivers_stand_where_they_were_first_worked_on(store: SqlStore, tmp_path: Path) -> None:
    here, there = (at(store, tmp_path / name) for name in ("here", "there"))
    # 1. where there are none, the last who came has the place
    settle(here.aggregate)
    settle(there.aggregate)
    settle(here.aggregate)
    # 2. at one place any number of processes, and starts
    here.node("a")
    settle(here.aggregate)
    settle(at(store, tmp_path / "here").aggregate)
    # 3. no other
    with pytest.raises(ConfigError, match=r"stand elsewhere.* --no-reconciler"):
        settle(there.aggregate)
    assert place(store) == cast("simulated.SimulatedDriver", here.aggregate.driver).place()
    # 4. unless they are given up
    settle(there.aggregate, move=True)
    with pytest.raises(ConfigError, match="stand elsewhere"):
        settle(here.aggregate)


@dataclass
class Wrong:
    """A clock that is so much ahead."""

    by: timedelta

    def now(self) -> datetime:
        return datetime.now(UTC) + self.by


@pytest.mark.parametrize(("hours", "told"), [(1, "ahead of"), (-2, "behind")])
def test_who_has_a_wrong_clock_works_on_nothing(
    postgresql: Server, tmp_path: Path, hours: int, told: str
) -> None:
    with database(postgresql) as url, closing(open_store(url, authority="am.test")) as store:
        here = at(store, tmp_path / "here").aggregate
        settle(replace(here, clock=Wrong(timedelta())))
        with pytest.raises(ConfigError, match=f"the clock here is .* {told} the database server's"):
            settle(replace(here, clock=Wrong(timedelta(hours=hours))))


@dataclass
class Anywhere:
    """A driver that reaches its testbed from everywhere."""

    name: str = "anywhere"


@dataclass
class Rooted:
    """A driver with images on its machine."""

    machine: str
    name: str = "rooted"

    def place(self) -> str:
        return self.machine

    def images(self) -> tuple[()]:
        return ()


def having(aggregate: Aggregate, driver: object) -> Aggregate:
    return replace(aggregate, driver=cast("Driver", driver))


def test_a_driver_that_has_no_place_works_anywhere(store: SqlStore, tmp_path: Path) -> None:
    aggregate = having(at(store, tmp_path / "here").aggregate, Anywhere())
    settle(aggregate)
    check_place(aggregate)
    assert place(store) is None


def test_what_a_machine_offers_is_not_offered_by_another(store: SqlStore, tmp_path: Path) -> None:
    here = at(store, tmp_path / "here")
    mine, other = (having(here.aggregate, Rooted(name)) for name in ("m1", "m2"))
    check_place(other)
    here.node("a")
    settle(mine)
    check_place(mine)
    with pytest.raises(ConfigError, match="that is another one: serve calls there"):
        check_place(other)
    # the simulated driver offers nothing that is not in its settings
    check_place(here.aggregate)
