"""A directory without room fails who needs some, and nobody else."""

import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from gcf_am.drivers.host.driver import HostDriver
from gcf_am.manager.ports import DriverError, Order
from gcf_am.model.sliver import Access
from tests.contract.driver.host import host_driver
from tests.contract.driver.orders import node
from tests.functional.host.logins import KeyPair, account, says
from tests.functional.host.traces import traces_of

SIZE = 48 << 20


@pytest.fixture
def small(tmp_path: Path) -> Iterator[HostDriver]:
    """A driver whose directory lies on a file system of its own, of 48 MB."""
    place = tmp_path / "small"
    place.mkdir()
    host_driver(tmp_path / "skips-where-there-is-none")
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={SIZE}", "none", str(place)], check=True)
    try:
        driver = host_driver(place / "host")
        yield driver
        for urn in driver.observe([]):
            driver.destroy(replace(node(generation=100), sliver=urn))
        left = [one for one in traces_of(driver) if f" {place} " not in one]
    finally:
        subprocess.run(["umount", "--lazy", str(place)], check=True)
    assert left == []


def fill(directory: Path) -> Path:
    """Take all the room there is."""
    file = directory / "filler"
    with file.open("wb", buffering=0) as filling:
        for size in (1 << 20, 1 << 10, 1):
            try:
                while True:
                    filling.write(bytes(size))
            except OSError:
                continue
    return file


def test_a_full_disk_fails_what_is_built_then_and_nothing_else(
    small: HostDriver, alice_key: KeyPair
) -> None:
    alice = (account("alice", alice_key),)
    left, right = node("left", logins=alice), node("right", logins=alice)
    access = bring_up(small, left)
    filler = fill(small._settings.directory.parent)
    # (1) it is not waited for, and says what is wrong
    with pytest.raises(DriverError, match=r"journal|disk|No space"):
        bring_up(small, right)
    # (2) who runs goes on, and is seen
    assert small.observe([left])[left.sliver].running
    assert says(access, alice_key, "hostname") == "left"
    # (3) with room again it is built
    filler.unlink()
    second = bring_up(small, replace(right, generation=2))
    assert says(second, alice_key, "hostname") == "right"
    # (4) what is removed makes room, though there was none to write that down
    fill(small._settings.directory.parent)
    assert shutil.disk_usage(small._settings.directory).free == 0
    for order in (left, right):
        small.destroy(replace(order, generation=3))
    assert small.observe([]) == {}


def bring_up(driver: HostDriver, order: Order) -> Access | None:
    driver.prepare(order)
    return driver.start(order)
