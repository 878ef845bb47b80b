"""The reconciler in its own threads: nobody waits for what hangs, fails or breaks."""

import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from pathlib import Path
from typing import cast

import pytest

from gcf_am.drivers.simulated import SimulatedDriver
from gcf_am.errors import Busy
from gcf_am.manager.ports import Store, Unit
from gcf_am.reconciler import Reconciler
from gcf_am.reconciler.loop import LEASE
from tests.unit.reconciler.conftest import Build
from tests.unit.reconciler.test_run_once import faults, settle
from tests.unit.reconciler.testbed import CONFIGURING, FAILED, NOTREADY, READY, Testbed


@contextmanager
def running(bed: Testbed, owner: str = "one", workers: int = 2) -> Iterator[Reconciler]:
    one = Reconciler(bed.aggregate, workers=workers, owner=owner)
    one.start()
    try:
        yield one
    finally:
        # no test leaves a thread behind
        cast("SimulatedDriver", bed.driver).release()
        assert one.stop(30)


def until(condition: Callable[[], bool]) -> None:
    """Wait for what other threads do; fails after half a minute."""
    waiting = threading.Event()
    for _ in range(3000):
        if condition():
            return
        waiting.wait(0.01)
    pytest.fail("it did not come to pass")


def leased_until(directory: Path) -> str:
    with closing(sqlite3.connect(directory / "store.sqlite")) as database:
        (row,) = database.execute("SELECT max(lease_until) FROM slivers").fetchall()
    return str(row[0])


class Troubled:
    """A store that is busy for a while."""

    def __init__(self, store: Store, times: int) -> None:
        self._store = store
        self.times = times

    def write(self) -> AbstractContextManager[Unit]:
        if self.times:
            self.times -= 1
            raise Busy("somebody else writes")
        return self._store.write()

    def __getattr__(self, name: str) -> object:
        return getattr(self._store, name)


def test_what_is_owed_is_worked_off(bed: Testbed) -> None:
    with running(bed) as one:
        slivers = [bed.node(f"n{number}") for number in range(5)]
        one.wake()
        until(lambda: all(bed.sliver(each).operational is NOTREADY for each in slivers))
        bed.start(*slivers)
        one.wake()
        until(lambda: all(bed.sliver(each).operational is READY for each in slivers))
        bed.delete(*slivers)
        one.wake()
        until(lambda: bed.held() == 0)
    assert bed.there() == {}


def test_steps_that_nobody_tells_of_are_noticed(bed: Testbed) -> None:
    with running(bed):
        left = bed.node("left")
        until(lambda: bed.sliver(left).operational is NOTREADY)


def test_a_call_that_hangs_hinders_nobody_else(build: Build) -> None:
    bed = build(faults=faults("prepare", match="left", kind="hangs"))
    left = bed.node("left")
    with running(bed) as one:
        right = bed.node("right")
        one.wake()
        until(lambda: bed.sliver(right).operational is NOTREADY)
        bed.start(right)
        one.wake()
        until(lambda: bed.sliver(right).operational is READY)
        assert bed.sliver(left).step is not None
        cast("SimulatedDriver", bed.driver).release()
        until(lambda: bed.sliver(left).operational is NOTREADY)


def test_an_observation_that_hangs_hinders_nobody(build: Build) -> None:
    bed = build(faults=faults("observe", kind="hangs", match="old"))
    old = bed.node("old")
    settle(bed)
    with running(bed, workers=1) as one:
        left = bed.node("left")
        one.wake()
        until(lambda: bed.sliver(left).operational is NOTREADY)
    assert bed.sliver(old).operational is NOTREADY


def test_a_call_under_way_keeps_its_lease(build: Build, tmp_path: Path) -> None:
    bed = build(faults=faults("prepare", kind="hangs"))
    left = bed.node("left")
    with running(bed) as one:
        until(lambda: leased_until(tmp_path) != "None")
        other = Reconciler(bed.aggregate, workers=2, owner="other")
        for _ in range(6):
            before = leased_until(tmp_path)
            bed.watch.forward(seconds=LEASE.total_seconds() / 3)
            one.wake()
            until(lambda before=before: leased_until(tmp_path) > before)  # type: ignore[misc]
            assert not other.run_once()
        cast("SimulatedDriver", bed.driver).release()
        until(lambda: bed.sliver(left).operational is NOTREADY)


def test_stop_waits_for_calls_under_way_but_not_for_ever(build: Build) -> None:
    bed = build(faults=faults("prepare", kind="hangs", times=1))
    left = bed.node("left")
    one = Reconciler(bed.aggregate, workers=2, owner="one")
    one.start()
    with bed.store.read() as unit:
        assert unit.named([left])
    until(lambda: counted(bed) == 1)
    assert not one.stop(0.05)
    # its successor takes over when the lease has lapsed, and the late result counts for nothing
    bed.watch.forward(seconds=LEASE.total_seconds())
    settle(bed)
    assert bed.sliver(left).operational is NOTREADY
    bed.start(left)
    settle(bed)
    cast("SimulatedDriver", bed.driver).release()
    assert one.stop(30)
    assert bed.sliver(left).operational is READY
    assert bed.there()[left].running


def counted(bed: Testbed) -> int:
    """How many meetings with faults the world has counted."""
    path = cast("SimulatedDriver", bed.driver).world._path
    with closing(sqlite3.connect(path)) as database:
        (row,) = database.execute("SELECT coalesce(sum(times), 0) FROM met").fetchall()
    return int(row[0])


def test_a_store_in_trouble_is_waited_for(bed: Testbed, caplog: pytest.LogCaptureFixture) -> None:
    left = bed.node("left")
    healthy = bed.store
    bed.store = cast("Store", Troubled(healthy, times=3))
    with running(bed):
        until(lambda: cast("Troubled", bed.store).times == 0)
        bed.watch.forward(seconds=LEASE.total_seconds())
        until(lambda: bed.sliver(left).operational is NOTREADY)
    assert "somebody else writes" in caplog.text


def test_what_fails_is_tried_again_by_itself(build: Build) -> None:
    bed = build(faults=faults("start", times=1))
    left = bed.node("left")
    with running(bed):
        until(lambda: bed.sliver(left).operational is NOTREADY)
        bed.start(left)
        until(lambda: bed.sliver(left).error != "")
        assert bed.sliver(left).operational is CONFIGURING
        bed.watch.forward(seconds=2)
        until(lambda: bed.sliver(left).operational is READY)


def test_what_expires_is_swept(bed: Testbed) -> None:
    left = bed.node("left")
    with running(bed):
        until(lambda: bed.sliver(left).operational is NOTREADY)
        bed.watch.forward(days=7)
        until(lambda: bed.held() == 0)
    assert bed.there() == {}


def test_it_looks_at_what_is_there_when_it_starts(bed: Testbed) -> None:
    left = bed.node("left")
    settle(bed)
    cast("SimulatedDriver", bed.driver).world.vanish(left.text)
    with running(bed):
        until(lambda: bed.sliver(left).operational is FAILED)
