"""kill -9 at each commit, and after each change of the world; a new process makes it whole."""

import multiprocessing
import shutil
import signal
import sqlite3
from contextlib import closing, suppress
from datetime import timedelta
from pathlib import Path

import pytest

from gcf_am.errors import SearchFailed
from gcf_am.manager.delete import delete
from gcf_am.model.states import AllocationState, OperationalState
from gcf_am.reconciler.loop import LEASE
from gcf_am.reconciler.truth import compare
from gcf_am.store.upgrade import upgrade
from tests.fault.reconciler import story
from tests.fault.reconciler.story import Killer
from tests.unit.reconciler.testbed import START

# One server forks them all: its imports are paid for once, and it has no threads.
_PROCESSES = multiprocessing.get_context("forkserver")
_PROCESSES.set_forkserver_preload([story.__name__])


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database in which nothing has happened."""
    path = tmp_path_factory.mktemp("empty") / "store.sqlite"
    upgrade(f"sqlite:///{path}")
    return path


def fresh(directory: Path, empty: Path) -> Path:
    directory.mkdir()
    shutil.copy(empty, directory / "store.sqlite")
    return directory


def exit_of(target: object, *args: object) -> int | None:
    """Run it in a process of its own and answer how that ended."""
    process = _PROCESSES.Process(target=target, args=args)  # type: ignore[arg-type]
    process.start()
    process.join(60)
    return process.exitcode


def assert_whole(directory: Path) -> None:
    """Nothing is half-done, nothing stuck, and what is held is what exists."""
    with closing(sqlite3.connect(directory / "store.sqlite")) as database:
        slivers = database.execute(
            "SELECT spelling, kind, allocation, operational, step, error, lease_owner FROM slivers"
        ).fetchall()
        held = {
            urn
            for (urn,) in database.execute(
                "SELECT spelling FROM slivers WHERE urn IN (SELECT sliver FROM holds)"
            )
        }
    am = story.aggregate(directory, START, Killer())
    live = {one[0] for one in slivers if one[2] != AllocationState.UNALLOCATED}
    made = {one[0] for one in slivers if one[0] in live and one[2] != AllocationState.ALLOCATED}
    nodes = {one[0] for one in slivers if one[0] in live and one[1] == "node"}
    assert {urn.text for urn in am.driver.observe([])} == made
    assert compare(am) == 0
    am.store.close()
    assert nodes <= held <= live
    for urn, _, _, operational, step, error, owner in slivers:
        assert (step, error, owner) == (None, "", None), urn
        assert urn not in made or operational in {OperationalState.READY, OperationalState.NOTREADY}


def end_of(directory: Path, after: timedelta) -> None:
    """What is left can be deleted like any slice."""
    am = story.aggregate(directory, START + after, Killer())
    # nothing is left where it was killed before Allocate, or what was allocated has expired
    with suppress(SearchFailed):
        delete(am, story.grant("Delete"), [story.SLICE], best_effort=False)
    story.settle(am, "last")
    assert am.driver.observe([]) == {}
    am.store.close()
    with closing(sqlite3.connect(directory / "store.sqlite")) as database:
        assert database.execute("SELECT count(*) FROM holds").fetchone() == (0,)


def test_it_is_made_whole_wherever_it_was_killed(tmp_path: Path, empty: Path) -> None:
    counting = Killer()
    story.tell(fresh(tmp_path / "whole", empty), counting)
    assert_whole(tmp_path / "whole")
    assert counting.passed > 20
    for place in range(1, counting.passed + 1):
        directory = fresh(tmp_path / f"killed-{place}", empty)
        assert exit_of(story.tell, directory, Killer(place)) == -signal.SIGKILL, place
        # the dead process's leases lapse
        story.succeed(directory, LEASE, "successor", Killer())
        assert_whole(directory)
        if place % 5 == 0:
            end_of(directory, LEASE)


def test_it_is_made_whole_though_its_successors_are_killed_too(tmp_path: Path, empty: Path) -> None:
    directory = fresh(tmp_path / "killed", empty)
    # all is to be started: the nodes, and then the link
    assert exit_of(story.tell, directory, Killer(9)) == -signal.SIGKILL
    ends = []
    for number in range(1, 40):
        owner = f"successor-{number}"
        ends.append(exit_of(story.succeed, directory, LEASE * number, owner, Killer(6)))
        if ends[-1] == 0:
            break
    assert set(ends[:-1]) == {-signal.SIGKILL}
    assert ends[-1] == 0
    assert_whole(directory)
    end_of(directory, LEASE * 40)
