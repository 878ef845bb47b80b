"""Several reconcilers in several processes on one store (decision 5)."""

import multiprocessing
import os
from collections import Counter
from pathlib import Path
from typing import ClassVar, cast

from gcf_am.manager.ports import Driver
from gcf_am.model.sliver import Step
from gcf_am.reconciler import Reconciler
from gcf_am.store.repository import open_store
from gcf_am.store.upgrade import upgrade
from tests.unit.reconciler.testbed import CONFIGURING, READY, Testbed, Watch, machines

_PROCESSES = multiprocessing.get_context("forkserver")
_PROCESSES.set_forkserver_preload(["tests.fault.reconciler.story"])


class Noted:
    """A driver that notes every call in a file which all processes append to."""

    name: ClassVar[str] = "noted"

    def __init__(self, driver: Driver, notes: Path) -> None:
        self._driver = driver
        self._notes = notes

    def __getattr__(self, name: str) -> object:
        method = getattr(self._driver, name)
        if name not in {"prepare", "restart", "destroy"}:
            return method

        def noted(order: object) -> object:
            file = os.open(self._notes, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
            os.write(file, f"{name} {order.sliver} {order.generation}\n".encode())  # type: ignore[attr-defined]
            os.close(file)
            return method(order)

        return noted


def url_of(directory: Path) -> str:
    return f"sqlite:///{directory / 'store.sqlite'}"


def opened(directory: Path) -> Testbed:
    driver = cast("Driver", Noted(machines(directory), directory / "notes"))
    return Testbed(
        open_store(url_of(directory), authority="am.test", busy_seconds=60), driver, Watch()
    )


def work(directory: Path, owner: str) -> None:
    bed = opened(directory)
    one = Reconciler(bed.aggregate, workers=2, owner=owner)
    while one.run_once():
        pass
    bed.store.close()


def together(directory: Path) -> None:
    """Three processes work until none finds anything more to do."""
    processes = [
        _PROCESSES.Process(target=work, args=(directory, f"process-{number}"))
        for number in range(3)
    ]
    for process in processes:
        process.start()
    for process in processes:
        process.join(60)
    assert [process.exitcode for process in processes] == [0, 0, 0]
    # two that left at the same time may each have counted on the other
    work(directory, "last")


def test_processes_share_the_work_and_nothing_is_done_twice(tmp_path: Path) -> None:
    upgrade(url_of(tmp_path))
    bed = opened(tmp_path)
    nodes = [
        bed.node(f"n{number}", operational=CONFIGURING, step=Step.RESTART) for number in range(8)
    ]
    links = [
        bed.link(
            f"l{number}", f"n{number}", f"n{number + 1}", operational=CONFIGURING, step=Step.RESTART
        )
        for number in range(7)
    ]
    together(tmp_path)
    assert all(bed.sliver(one).operational is READY for one in (*nodes, *links))
    assert all(one.running for one in bed.there().values())
    bed.delete(*nodes, *links)
    together(tmp_path)
    assert bed.there() == {}
    assert bed.held() == 0
    notes = Counter((tmp_path / "notes").read_text().splitlines())
    assert set(notes.values()) == {1}
    assert len(notes) == 3 * len((*nodes, *links))
    bed.store.close()
