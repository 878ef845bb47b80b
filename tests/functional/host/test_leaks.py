"""Nothing grows by making nodes and removing them, and nobody touches what another one made."""

import os
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from gcf_am.drivers.host.driver import HostDriver, make
from gcf_am.drivers.host.runtime import alive
from tests.contract.driver.host import host_driver
from tests.contract.driver.orders import link, node, sliver
from tests.functional.host.traces import children, traces_of


def cycle(driver: HostDriver, generation: int) -> None:
    """A node and a link to nobody, made and removed."""
    orders = node(generation=generation), link(generation=generation, ends=("left",))
    for order in orders:
        driver.prepare(order)
        driver.start(order)
    for order in reversed(orders):
        driver.destroy(replace(order, generation=generation + 1))


def held() -> tuple[list[str], list[int], list[int]]:
    """What this process has open, its threads, and the processes that it started."""
    opened = []
    for one in Path("/proc/self/fd").iterdir():
        with suppress(FileNotFoundError):  # the one that this looks through
            opened.append(str(one.readlink()))
    threads = [int(one.name) for one in Path("/proc/self/task").iterdir()]
    return sorted(opened), sorted(threads), children(os.getpid())


def test_cycles_leave_everything_where_it_was(driver: HostDriver) -> None:
    cycle(driver, 1)
    before, files = held(), sorted(driver._settings.directory.rglob("*"))
    for generation in range(3, 23, 2):
        cycle(driver, generation)
        assert traces_of(driver) == []
    assert held() == before
    assert sorted(driver._settings.directory.rglob("*")) == files


def test_orphans_are_removed_at_the_first_look_and_anothers_are_not(
    driver: HostDriver, tmp_path: Path
) -> None:
    other = host_driver(tmp_path / "other")
    for one in (driver, other):
        for order in (node("left"), node("right"), link()):
            one.prepare(order)
            one.start(order)
    known = driver._journal.standing()
    lost = [known[sliver(name).text] for name in ("left", "wire")]
    for made in lost:
        # as if the journal had never heard of it
        driver._journal.put(made.destroyed(1))
    found = make({"directory": str(driver._settings.directory)}).observe([])
    assert found.keys() == {sliver("right")}
    assert not alive(lost[0].process)
    for made in lost:
        assert not [one for one in traces_of(driver) if made.tag in one]
    # the other one's are the same slivers, with the same tags
    orders = [node("left"), node("right"), link()]
    assert all(one.running for one in other.observe(orders).values())
    for order in reversed(orders):
        other.destroy(replace(order, generation=2))
    assert traces_of(other) == []
    assert driver.observe([node("right")])[sliver("right")].running
