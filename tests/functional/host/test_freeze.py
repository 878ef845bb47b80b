"""What is frozen stands still and is cut off, and goes on where it stood."""

import socket
import subprocess
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest

from gcf_am.drivers.host.cgroups import is_frozen
from gcf_am.drivers.host.driver import HostDriver
from gcf_am.drivers.host.journal import Made, Process
from gcf_am.manager.ports import DriverError, Order
from gcf_am.model.sliver import Access
from tests.contract.driver.host import host_driver
from tests.contract.driver.orders import node
from tests.functional.host.lans import interface, lan, up, with_interfaces
from tests.functional.host.logins import KeyPair, account, is_cut, says, session, ssh
from tests.functional.running import eventually

COUNTS = "i=0; while :; do i=$((i+1)); echo $i > /tmp/count; sleep 0.02; done"


def made(driver: HostDriver, order: Order) -> Made:
    found = driver._journal.find(order.sliver.text)
    assert found is not None
    return found


def process(driver: HostDriver, order: Order) -> Process:
    found = made(driver, order).process
    assert found is not None
    return found


def start_counting(access: Access, key: KeyPair) -> None:
    ssh(access, key, f"nohup sh -c '{COUNTS}' > /dev/null 2>&1 < /dev/null &")


def counted(driver: HostDriver, order: Order) -> int:
    """How far the node's process has counted, seen from the machine."""
    file = Path(f"/proc/{process(driver, order).pid}/root/tmp/count")
    # amid a write it is empty
    with suppress(FileNotFoundError):
        return int(file.read_text("ascii").strip() or 0)
    return 0


def counts_on(driver: HostDriver, order: Order, by: int = 5) -> None:
    start = counted(driver, order)
    eventually(lambda: counted(driver, order) >= start + by, what="counted on")


def reaches(driver: HostDriver, order: Order, address: str) -> bool:
    """Whether a ping from the node's network, though not by a process of the node, is answered."""
    ping = ["nsenter", f"--net={made(driver, order).net}", "ping", "-n", "-c", "1", "-W", "2"]
    done = subprocess.run([*ping, address], capture_output=True, check=False)
    return done.returncode == 0


def test_it_stands_still_is_cut_off_and_goes_on(driver: HostDriver, alice_key: KeyPair) -> None:
    alice = (account("alice", alice_key),)
    left, right, other = (
        with_interfaces(name, interface(f"{name}:0", address), logins=alice)
        for name, address in (("left", "10.1.0.1"), ("right", "10.1.0.2"), ("other", "10.1.0.3"))
    )
    wire = lan("wire", ("left", "left:0"), ("right", "right:0"))
    places = up(driver, left, right, other, wire)
    for one in (left, other):
        start_counting(places[one.contents.resource.client_id], alice_key)
        counts_on(driver, one)
    assert reaches(driver, left, "10.1.0.2")
    first = process(driver, left)
    with session(places["left"], alice_key) as shell:
        for order in (left, right, wire):
            driver.freeze(replace(order, generation=2))
        assert is_cut(shell)
    assert is_frozen(first.pid)
    stood = counted(driver, left)
    counts_on(driver, other, by=20)
    assert counted(driver, left) == stood
    assert not reaches(driver, left, "10.1.0.2")
    refused = ssh(places["left"], alice_key, "true", well=False)
    assert refused.returncode == 255
    assert "refused" in refused.stderr
    assert says(places["other"], alice_key, "hostname") == "other"
    # the operator is not told that anything is wrong with it
    assert [trouble for _, trouble in driver.examine() if trouble] == []
    for order in (wire, left, right):
        driver.thaw(replace(order, generation=3))
    counts_on(driver, left)
    assert counted(driver, left) > stood
    assert process(driver, left) == first
    assert reaches(driver, left, "10.1.0.2")
    assert says(places["left"], alice_key, "hostname") == "left"


def test_a_start_is_frozen_in_the_middle(driver: HostDriver) -> None:
    order = node()
    driver.prepare(order)
    with ThreadPoolExecutor(1) as pool:
        starting = pool.submit(driver.start, order)
        eventually(lambda: made(driver, order).process is not None or starting.done(), what="up")
        driver.freeze(replace(order, generation=2))
        # it was quicker, or it says so
        with suppress(DriverError):
            starting.result()
    assert is_frozen(process(driver, order).pid)
    assert not driver.observe([order])[order.sliver].running
    access = driver.thaw(replace(order, generation=3))
    assert access is not None
    assert driver.restart(replace(order, generation=4)) == access


def test_what_started_though_it_was_frozen_is_seen_and_frozen_again(driver: HostDriver) -> None:
    order = node()
    up(driver, order)
    driver.freeze(replace(order, generation=2))
    subprocess.run(
        driver._nodes._runtime._command("resume", driver._nodes.container(made(driver, order))),
        check=True,
    )
    assert driver.observe([order])[order.sliver].running
    driver.freeze(replace(order, generation=2))
    assert not driver.observe([order])[order.sliver].running


def test_what_ended_while_it_was_frozen_says_so(driver: HostDriver) -> None:
    order = node()
    up(driver, order)
    driver.freeze(replace(order, generation=2))
    # as after a boot of the machine
    driver._nodes._runtime.remove(made(driver, order).tag)
    assert not driver.observe([order])[order.sliver].running
    with pytest.raises(DriverError, match="ended while it was frozen") as told:
        driver.thaw(replace(order, generation=3))
    assert told.value.lasting
    assert driver.restart(replace(order, generation=4)) is not None


def test_the_port_was_taken_meanwhile(tmp_path: Path, alice_key: KeyPair) -> None:
    driver = host_driver(tmp_path / "driver", ports=[23900, 23910])
    order = node(logins=(account("alice", alice_key),))
    try:
        before = up(driver, order)["left"]
        driver.freeze(replace(order, generation=2))
        with socket.create_server(("127.0.0.1", before.port)):
            after = driver.thaw(replace(order, generation=3))
            assert after is not None
            assert after.port != before.port
            assert says(after, alice_key, "hostname") == "left"
    finally:
        driver.destroy(replace(order, generation=4))
