"""What the operator sees of real nodes, and what is found wrong with them."""

import os
import signal
import time
from dataclasses import replace
from pathlib import Path

import pytest

from gcf_am.drivers.host import inspector
from gcf_am.drivers.host.cgroups import is_confined
from gcf_am.drivers.host.driver import HostDriver
from gcf_am.drivers.host.runtime import process_of
from gcf_am.manager.ports import Order
from gcf_am.model.sliver import Access
from tests.contract.driver.host import host_driver
from tests.contract.driver.orders import node, sliver
from tests.functional.host.logins import KeyPair, account
from tests.functional.host.traces import commands


def up(driver: HostDriver, key: KeyPair, name: str = "left") -> tuple[Order, Access]:
    order = node(name, logins=(account("alice", key),))
    driver.prepare(order)
    access = driver.start(order)
    assert access is not None
    return order, access


@pytest.fixture(autouse=True)
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    """No server is at work that would mend what is wrong."""
    monkeypatch.setattr(inspector, "_GRACE", 0.0)


def wrong(driver: HostDriver) -> dict[str, str]:
    return {what: trouble for what, trouble in driver.examine() if trouble}


def test_a_node_is_told_with_process_port_memory_and_age(
    driver: HostDriver, alice_key: KeyPair
) -> None:
    order, access = up(driver, alice_key)
    (found,) = driver.nodes()
    assert (found.sliver, found.port, found.image) == (order.sliver, access.port, "host")
    assert found.pid is not None
    assert process_of(found.pid) is not None
    assert found.memory is not None
    assert 1 << 18 < found.memory < 512 << 20
    assert found.since is not None
    assert abs(found.since.timestamp() - time.time()) < 600
    driver.stop(replace(order, generation=2))
    (found,) = driver.nodes()
    assert (found.running, found.pid, found.memory, found.since) == (False, None, None, None)


def test_the_console_is_told(driver: HostDriver, alice_key: KeyPair) -> None:
    order, _ = up(driver, alice_key)
    text = driver.console(order.sliver)
    while text is not None and "Server listening" not in text:
        text = driver.console(order.sliver)
    assert text is not None
    assert driver.console(sliver("never")) is None


def test_a_gate_that_is_gone_is_told(driver: HostDriver, alice_key: KeyPair) -> None:
    _, access = up(driver, alice_key)
    assert wrong(driver) == {}
    directory = str(driver._settings.directory)
    (gate,) = [pid for pid, line in commands() if "host.gate" in line and directory in line]
    os.kill(gate, signal.SIGKILL)
    while process_of(gate) is not None:
        pass
    found = wrong(driver)
    assert found.keys() == {"gate for logins"}
    assert "nobody can log in" in found["gate for logins"]
    driver.observe([])  # as a server does
    assert wrong(driver) == {}
    driver._journal.put(replace(next(iter(driver._journal.standing().values())), port=1))
    assert "left 1" in wrong(driver)["login ports"]
    driver._journal.put(replace(next(iter(driver._journal.standing().values())), port=access.port))


def test_orphans_are_told(driver: HostDriver, alice_key: KeyPair) -> None:
    order, _ = up(driver, alice_key)
    made = driver._journal.find(order.sliver.text)
    assert made is not None
    driver._journal.put(made.destroyed(1))
    assert made.tag in wrong(driver)["orphans"]
    driver.observe([])
    assert wrong(driver) == {}


def test_a_process_outside_of_its_groups_is_seen(driver: HostDriver, alice_key: KeyPair) -> None:
    up(driver, alice_key)
    (found,) = driver.nodes()
    assert found.pid is not None
    name = f"gcf-{driver._journal.owner}-{found.tag}"
    assert is_confined(found.pid, name)
    assert not is_confined(os.getpid(), name)


def test_too_small_a_disk_is_told(tmp_path: Path) -> None:
    driver = host_driver(tmp_path, sliver_types={"container": {"disk_mb": 2**31 - 1}})
    assert "MB left" in wrong(driver)["room for nodes' disks"]
