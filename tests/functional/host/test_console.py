"""What a node prints is kept, but not without end; its root cannot change that."""

import os
import signal
from pathlib import Path

from gcf_am.drivers.host.driver import HostDriver
from gcf_am.drivers.host.keeper import MOST
from gcf_am.drivers.host.runtime import process_of
from gcf_am.model.sliver import Access
from tests.contract.driver.orders import node
from tests.functional.host.logins import KeyPair, account, says, ssh
from tests.functional.running import eventually

# A program in the place of sshd that prints four times what is kept, and then is sshd.
PRINTS = f"""\
#!/bin/sh
head -c {4 * MOST} /dev/zero | tr '\\\\0' x
echo; echo the end of it
exec /usr/sbin/sshd.real "$@"
"""


def up(driver: HostDriver, key: KeyPair) -> Access:
    order = node(logins=(account("alice", key),))
    driver.prepare(order)
    access = driver.start(order)
    assert access is not None
    return access


def console(driver: HostDriver) -> Path:
    (found,) = driver._settings.directory.glob("nodes/*/console")
    return found


def keepers(file: Path) -> list[int]:
    """The processes that have the file."""
    found = []
    for one in Path("/proc").glob("[0-9]*/fd/*"):
        try:
            if one.readlink() == file:
                found.append(int(one.parts[2]))
        except OSError:
            continue
    return found


def test_what_root_prints_has_an_end_and_the_newest_is_kept(
    driver: HostDriver, alice_key: KeyPair
) -> None:
    access = up(driver, alice_key)
    file = console(driver)
    eventually(lambda: "listening" in file.read_text(), what="kept")
    put = f"sudo mv /usr/sbin/sshd /usr/sbin/sshd.real && printf '%b' '{escaped(PRINTS)}'"
    ssh(access, alice_key, f"{put} | sudo tee /usr/sbin/sshd && sudo chmod 755 /usr/sbin/sshd")
    order = node(generation=2, logins=(account("alice", alice_key),))
    assert driver.restart(order) == access
    # ended, so that the last words are there
    driver.stop(node(generation=3, logins=order.logins))
    assert file.stat().st_size <= MOST
    assert file.stat().st_blocks * 512 <= MOST + 65536
    text = file.read_text()
    assert "x" * (MOST // 8) in text
    assert "the end of it" in text
    assert "listening" in text.rpartition("the end of it")[2]
    driver.destroy(node(generation=4))
    assert not file.exists()
    while keepers(file.with_name("console (deleted)")):
        pass


def escaped(text: str) -> str:
    return text.replace("\n", "\\n").replace("'", "'\\''")


def test_root_cannot_reach_the_file(driver: HostDriver, alice_key: KeyPair) -> None:
    access = up(driver, alice_key)
    (keeper,) = keepers(console(driver))
    ends = says(access, alice_key, "sudo readlink /proc/1/fd/1 /proc/1/fd/2").split()
    assert all(one.startswith("pipe:") for one in ends)
    assert process_of(keeper) is not None


def test_without_its_keeper_a_node_goes_on(driver: HostDriver, alice_key: KeyPair) -> None:
    access = up(driver, alice_key)
    (keeper,) = keepers(console(driver))
    os.kill(keeper, signal.SIGKILL)
    while process_of(keeper) is not None:
        pass
    for _ in range(2):
        assert says(access, alice_key, "hostname") == "left"
    order = node(generation=2, logins=(account("alice", alice_key),))
    assert driver.restart(order) == access
    assert len(keepers(console(driver))) == 1
