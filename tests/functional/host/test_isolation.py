"""What an experimenter may not do, although he is root in his node.

Every attempt has an end of its own: so many processes, so many megabytes.
"""

import platform
import shlex
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from gcf_am.drivers.host.driver import HostDriver
from gcf_am.model.sliver import Access
from tests.contract.driver.host import host_driver
from tests.contract.driver.orders import node
from tests.functional.host.logins import KeyPair, account, says, ssh
from tests.functional.host.traces import traces_of

SMALL = {"memory_mb": 64, "disk_mb": 32, "processes": 48}


@pytest.fixture(scope="module")
def driver(tmp_path_factory: pytest.TempPathFactory) -> Iterator[HostDriver]:
    directory = tmp_path_factory.mktemp("isolation") / "driver"
    made = host_driver(directory, sliver_types={"container": SMALL})
    yield made
    for urn in made.observe([]):
        made.destroy(replace(node(generation=100), sliver=urn))
    assert traces_of(made) == []


@pytest.fixture(scope="module")
def places(driver: HostDriver, alice_key: KeyPair) -> dict[str, Access]:
    """Two nodes of the same small size."""
    found = {}
    for name in ("left", "right"):
        order = node(name, logins=(account("alice", alice_key),))
        driver.prepare(order)
        access = driver.start(order)
        assert access is not None
        found[name] = access
    return found


def test_a_user_is_root_in_the_node(places: dict[str, Access], alice_key: KeyPair) -> None:
    assert says(places["left"], alice_key, "sudo -n id -u") == "0"


@pytest.mark.parametrize(
    "attempt",
    [
        "sh -c 'cat /proc/sys/kernel/core_pattern > /proc/sys/kernel/core_pattern'",
        "sh -c 'cat /proc/sys/vm/swappiness > /proc/sys/vm/swappiness'",
        "mknod /root/disk b 7 0",
        "mount -t tmpfs none /mnt",
        "unshare --user true",
        "unshare --mount true",
        "dmesg",
        "nsenter --target 1 --user true",
        "cat /proc/kcore",
        "sh -c 'test -n \"$(ls /sys/firmware)\"'",
        "swapon /nothing",
        "sh -c 'date --set @$(date +%s)'",  # no other time, should it be taken
    ],
)
def test_the_machine_is_out_of_reach(
    places: dict[str, Access], alice_key: KeyPair, attempt: str
) -> None:
    done = ssh(places["left"], alice_key, f"sudo -n {attempt}", well=False)
    assert done.returncode != 0, done.stdout


# System calls by their numbers on two architectures. All arguments are 0: what is let through does
# nothing but say that it has no such magic number, module, time or file.
CALLS = {
    "add_key": (248, 217),
    "bpf": (321, 280),
    "clock_settime": (227, 112),
    "delete_module": (176, 106),
    "init_module": (175, 105),
    "mount": (165, 40),
    "open_by_handle_at": (304, 265),
    "perf_event_open": (298, 241),
    "reboot": (169, 142),
    "setns": (308, 268),
    "settimeofday": (164, 170),
}
TRY = """
import ctypes, errno
libc = ctypes.CDLL(None, use_errno=True)
for name, number in {calls}.items():
    done = libc.syscall(number, 0, 0, 0, 0, 0)
    print(name, errno.errorcode.get(ctypes.get_errno()) if done < 0 else done)
"""


def test_the_kernel_refuses_what_is_the_machines(
    places: dict[str, Access], alice_key: KeyPair
) -> None:
    column = {"x86_64": 0, "aarch64": 1}.get(platform.machine())
    if column is None or not Path("/usr/bin/python3").exists():
        pytest.skip("the numbers of system calls, or a python3 in nodes, are missing here")
    calls = {name: numbers[column] for name, numbers in CALLS.items()}
    script = shlex.quote(TRY.format(calls=calls))
    said = says(places["left"], alice_key, f"sudo -n /usr/bin/python3 -c {script}")
    assert dict(line.split() for line in said.splitlines()) == dict.fromkeys(CALLS, "EPERM")


def test_root_rules_its_own_network_only(places: dict[str, Access], alice_key: KeyPair) -> None:
    here = Path("/proc/sys/net/ipv4/ip_forward").read_text()
    for value in ("1", "0"):
        told = f"echo {value} | sudo -n tee /proc/sys/net/ipv4/ip_forward"
        assert says(places["left"], alice_key, told) == value
        assert Path("/proc/sys/net/ipv4/ip_forward").read_text() == here


def test_the_aggregates_files_are_not_there(
    driver: HostDriver, places: dict[str, Access], alice_key: KeyPair, tmp_path: Path
) -> None:
    for path in (driver._settings.directory, tmp_path, Path(__file__)):
        assert ssh(places["left"], alice_key, f"sudo -n ls {path}", well=False).returncode != 0
    assert says(places["left"], alice_key, "sudo -n ls -A /root /opt /srv").split() == [
        "/opt:",
        "/root:",
        "/srv:",
    ]


def test_a_node_sees_its_own_processes_only(places: dict[str, Access], alice_key: KeyPair) -> None:
    lines = says(places["left"], alice_key, "sudo -n cat /proc/[0-9]*/comm").splitlines()
    assert len(lines) < 20
    assert not {"runc", "python", "pytest"} & set(lines)


def test_so_many_processes_and_no_more(places: dict[str, Access], alice_key: KeyPair) -> None:
    many = "for n in $(seq 80); do sleep 3 & done; wait; echo through"
    done = ssh(places["left"], alice_key, f"bash -c '{many}'", well=False)
    assert "fork" in done.stderr
    assert says(places["right"], alice_key, "hostname") == "right"
    assert says(places["left"], alice_key, "hostname") == "left"


def test_so_much_memory_and_no_more(places: dict[str, Access], alice_key: KeyPair) -> None:
    done = ssh(places["left"], alice_key, "head -c 200M /dev/zero | tail | wc -c", well=False)
    assert done.stdout.strip() != str(200 << 20)
    assert says(places["right"], alice_key, "hostname") == "right"
    assert says(places["left"], alice_key, "hostname") == "left"


def test_a_full_disk_is_the_nodes_own_and_it_starts_again(
    driver: HostDriver, places: dict[str, Access], alice_key: KeyPair
) -> None:
    done = ssh(places["left"], alice_key, "head -c 100M /dev/zero > ~/big", well=False)
    assert "No space left" in done.stderr
    assert says(places["right"], alice_key, "echo fine > ~/file; cat ~/file") == "fine"
    order = node("left", generation=2, logins=(account("alice", alice_key),))
    assert driver.restart(order) == places["left"]
    assert says(places["left"], alice_key, "rm ~/big; echo fine > ~/file; cat ~/file") == "fine"
