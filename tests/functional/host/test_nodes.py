"""Nodes are real: logged in to, stopped, started again, killed, removed."""

import os
import signal
import socket
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from gcf_am.drivers.host.driver import HostDriver, make
from gcf_am.drivers.host.runtime import alive, process_of
from gcf_am.manager.ports import DriverError, Order
from gcf_am.model.sliver import Access, Login
from tests.contract.driver.host import host_driver
from tests.contract.driver.orders import node, sliver
from tests.functional.host.logins import KeyPair, account, is_let_in, says, ssh
from tests.functional.host.traces import commands, traces_of


def up(driver: HostDriver, *logins: Login, name: str = "left") -> tuple[Order, Access]:
    order = node(name, logins=logins)
    driver.prepare(order)
    access = driver.start(order)
    assert access is not None
    return order, access


def process(driver: HostDriver, order: Order) -> int:
    made = driver._journal.find(order.sliver.text)
    assert made is not None
    assert made.process is not None
    return made.process.pid


def test_an_experimenter_logs_in_and_sees_a_machine_of_its_own(
    driver: HostDriver, alice_key: KeyPair
) -> None:
    _, access = up(driver, account("alice", alice_key))
    assert says(access, alice_key, "hostname") == "left"
    assert says(access, alice_key, "id", "-un") == "alice"
    seen = says(access, alice_key, "ls /proc | grep -c '^[0-9]'")
    assert int(seen) < 20
    assert says(access, alice_key, "ls", "/home") == "alice"


def test_every_key_of_every_user_opens_the_users_own_account_only(
    driver: HostDriver, alice_key: KeyPair, bob_key: KeyPair
) -> None:
    _, access = up(driver, account("alice", alice_key), account("bob", bob_key))
    assert is_let_in(access, alice_key, "alice")
    assert is_let_in(access, bob_key, "bob")
    assert not is_let_in(access, bob_key, "alice")
    assert not is_let_in(access, alice_key, "root")


def test_users_come_and_go_while_it_runs(
    driver: HostDriver, alice_key: KeyPair, bob_key: KeyPair
) -> None:
    order, access = up(driver, account("alice", alice_key))
    first = process(driver, order)
    ssh(access, alice_key, "echo mine > ~/file")
    both = (account("alice", alice_key), account("bob", bob_key))
    driver.update_users(replace(order, generation=2, logins=both))
    assert is_let_in(access, bob_key, "bob")
    driver.update_users(replace(order, generation=3, logins=both[1:]))
    assert not is_let_in(access, alice_key, "alice")
    driver.update_users(replace(order, generation=4, logins=both))
    # who comes back finds what was left behind
    assert says(access, alice_key, "cat ~/file") == "mine"
    assert process(driver, order) == first


def test_no_users_is_nobody(driver: HostDriver, alice_key: KeyPair) -> None:
    order, access = up(driver, account("alice", alice_key))
    driver.update_users(replace(order, generation=2, logins=()))
    assert not is_let_in(access, alice_key, "alice")


def test_files_outlive_stop_and_restart_and_the_way_in_stays(
    driver: HostDriver, alice_key: KeyPair
) -> None:
    order, access = up(driver, account("alice", alice_key))
    key = says(access, alice_key, "cat /etc/ssh/ssh_host_ed25519_key.pub 2>&1; cat /etc/machine-id")
    ssh(access, alice_key, "echo kept > ~/file")
    first = process(driver, order)
    driver.stop(replace(order, generation=2))
    assert process_of(first) is None
    assert driver.start(replace(order, generation=3)) == access
    assert says(access, alice_key, "cat ~/file") == "kept"
    second = process(driver, order)
    assert driver.restart(replace(order, generation=4)) == access
    assert process(driver, order) != second
    assert says(access, alice_key, "cat ~/file") == "kept"
    again = says(
        access, alice_key, "cat /etc/ssh/ssh_host_ed25519_key.pub 2>&1; cat /etc/machine-id"
    )
    assert again == key


def test_another_image_is_another_disk(driver: HostDriver, alice_key: KeyPair) -> None:
    order, access = up(driver, account("alice", alice_key))
    ssh(access, alice_key, "touch ~/file")
    driver.prepare(node(generation=2, image=None, logins=order.logins))
    # None is the image of the same name: nothing changed
    ssh(access, alice_key, "test -e ~/file")


def test_a_node_that_ended_is_seen_and_says_why(driver: HostDriver) -> None:
    order, _ = up(driver)
    os.kill(process(driver, order), signal.SIGKILL)
    found = driver.observe([order])[order.sliver]
    while found.running:
        found = driver.observe([order])[order.sliver]
    assert found.exists
    assert "it ended" in found.error
    assert driver.restart(replace(order, generation=2)) is not None
    assert driver.observe([order])[order.sliver].running


def test_a_process_that_got_a_nodes_number_is_not_taken_for_it(driver: HostDriver) -> None:
    # checklist 66
    order, _ = up(driver)
    os.kill(process(driver, order), signal.SIGKILL)
    found = driver._journal.find(order.sliver.text)
    assert found is not None
    assert found.process is not None
    with subprocess.Popen(["sleep", "600"]) as innocent:
        driver._journal.put(replace(found, process=replace(found.process, pid=innocent.pid)))
        assert not driver.observe([order])[order.sliver].running
        driver.freeze(replace(order, generation=2))
        driver.stop(replace(order, generation=3))
        driver.destroy(replace(order, generation=4))
        assert innocent.poll() is None
        innocent.kill()


def test_root_in_a_node_is_nobody_on_the_machine(driver: HostDriver) -> None:
    order, _ = up(driver)
    status = Path(f"/proc/{process(driver, order)}/status").read_text()
    uid = int(next(line.split()[1] for line in status.splitlines() if line.startswith("Uid:")))
    assert uid >= driver._settings.ids


def test_two_nodes_are_different_machines(driver: HostDriver, alice_key: KeyPair) -> None:
    login = account("alice", alice_key)
    (_, first), (_, second) = up(driver, login), up(driver, login, name="right")
    assert first.port != second.port
    ids = [says(access, alice_key, "cat /etc/machine-id") for access in (first, second)]
    assert ids[0] != ids[1]
    keys = {banner_key(access) for access in (first, second)}
    assert len(keys) == 2
    seats = {made.seat for made in driver._journal.standing().values()}
    assert len(seats) == 2


def banner_key(access: Access) -> str:
    scan = ["ssh-keyscan", "-T", "60", "-p", str(access.port), "-t", "ed25519", access.hostname]
    return subprocess.run(scan, capture_output=True, text=True, check=True).stdout.split()[-1]


def test_a_gate_that_was_killed_is_started_again(driver: HostDriver, alice_key: KeyPair) -> None:
    order, access = up(driver, account("alice", alice_key))
    directory = str(driver._settings.directory)
    gate = [pid for pid, line in commands() if "host.gate" in line and directory in line]
    assert len(gate) == 1
    os.kill(gate[0], signal.SIGKILL)
    driver.observe([order])
    assert says(access, alice_key, "hostname") == "left"


def test_a_new_driver_finds_the_nodes_of_the_old_one(
    driver: HostDriver, alice_key: KeyPair
) -> None:
    order, access = up(driver, account("alice", alice_key))
    again = make({"directory": str(driver._settings.directory), "images": {"debian": "host"}})
    assert again.start(order) == access
    assert says(access, alice_key, "hostname") == "left"


def test_what_the_journal_does_not_know_is_removed_and_nothing_else(driver: HostDriver) -> None:
    order, _ = up(driver)
    other, _ = up(driver, name="right")
    found = driver._journal.find(order.sliver.text)
    assert found is not None
    # as if the journal had never heard of it
    driver._journal.put(found.destroyed(1))
    assert driver.observe([]).keys() == {other.sliver}
    assert not alive(found.process)
    assert driver.observe([other])[other.sliver].running


def test_an_account_of_the_images_own_is_given_to_nobody(driver: HostDriver) -> None:
    order = node(logins=(Login("urn:publicid:IDN+ch.test+user+daemon", "daemon", ()),))
    driver.prepare(order)
    with pytest.raises(DriverError, match="an account daemon of its own"):
        driver.start(order)


def test_a_taken_port_is_passed_over(tmp_path: Path, alice_key: KeyPair) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        first = taken.getsockname()[1]
        driver = host_driver(tmp_path / "driver", ports=[first, min(first + 100, 65535)])
        order = node(logins=(account("alice", alice_key),))
        try:
            driver.prepare(order)
            access = driver.start(order)
            assert access is not None
            assert access.port != first
            assert says(access, alice_key, "hostname") == "left"
        finally:
            driver.destroy(replace(order, generation=2))
        assert traces_of(driver) == []


def test_hostnames(driver: HostDriver, alice_key: KeyPair) -> None:
    order = replace(node("web server_1", logins=(account("alice", alice_key),)), sliver=sliver("w"))
    driver.prepare(order)
    assert says(driver.start(order), alice_key, "hostname").startswith("web-server-1-")
