"""What root in a node can do to links: nothing to their limits, and nothing to another slice's."""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from gcf_am.drivers.host.driver import HostDriver
from gcf_am.model.sliver import Access
from gcf_am.model.topology import Property
from tests.functional.host.lans import interface, lan, up, with_interfaces
from tests.functional.host.logins import KeyPair, account, command, ssh

# local experimental (IEEE 802): not IP
END = "88b5"
LISTEN = f"""
import socket
ear = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
ear.bind(("eth1", 3))  # every protocol
print("listening", flush=True)
while (frame := ear.recv(2000))[12:14] != bytes.fromhex("{END}"):
    print(frame.hex(), flush=True)
print("end", flush=True)
"""
SAY = f"""
import socket
raw = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
raw.bind(("eth1", 0))
raw.send(bytes(6 * [255]) + raw.getsockname()[4] + bytes.fromhex("{END}") + bytes(46))
"""
AMOUNT = 2_000_000
RECEIVE = f"""
import socket, time
with socket.create_server(("10.0.0.2", 5000)) as server:
    print("listening", flush=True)
    coming, _ = server.accept()
    begin, left = time.monotonic(), {AMOUNT}
    while left:
        left -= len(coming.recv(left))
    print(time.monotonic() - begin, flush=True)
"""
SEND = f"""
import socket
with socket.create_connection(("10.0.0.2", 5000)) as going:
    going.sendall(bytes({AMOUNT}))
    going.shutdown(socket.SHUT_WR)
    going.recv(1)
"""
# All that a node's root may try at its own end.
LIFT = (
    "tc qdisc replace dev eth1 root pfifo limit 10000",
    "tc qdisc del dev eth1 root",
    "ip link set eth1 txqueuelen 10000",
    "ip link set eth1 address 02:00:00:00:00:77",
    "ip link set eth1 mtu 9000",
    "nft flush ruleset",
    "tc qdisc show dev eth0",
)


@pytest.fixture(autouse=True)
def speaks_python() -> None:
    if not Path("/usr/bin/python3").exists():
        pytest.skip("the machine's own software, the image here, has no python3")


@contextmanager
def running(access: Access, key: KeyPair, script: str) -> Iterator[subprocess.Popen[str]]:
    """A script of root's in the node, which listens when the block begins."""
    call = command(access, key, "alice", "sudo -n /usr/bin/python3 -")
    with subprocess.Popen(
        call, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(script)
        process.stdin.close()
        assert process.stdout.readline() == "listening\n"
        try:
            yield process
        finally:
            process.kill()


def does(access: Access, key: KeyPair, script: str) -> None:
    ssh(access, key, f"echo '{script}' | sudo -n /usr/bin/python3 -")


def test_root_in_a_node_lifts_no_limit(driver: HostDriver, alice_key: KeyPair) -> None:
    alice = (account("alice", alice_key),)
    nodes = [
        with_interfaces("a", interface("a:0", "10.0.0.1"), logins=alice),
        with_interfaces("b", interface("b:0", "10.0.0.2"), logins=alice),
    ]
    limit = (Property("a:0", "b:0", capacity=10_000),)
    places = up(driver, *nodes, lan("l", ("a", "a:0"), ("b", "b:0"), properties=limit))
    for attempt in LIFT:
        ssh(places["a"], alice_key, f"sudo -n {attempt}", well=False)
    with running(places["b"], alice_key, RECEIVE) as receiving:
        does(places["a"], alice_key, SEND)
        assert receiving.stdout is not None
        took = float(receiving.stdout.readline())
    # 1.6 s at 10 Mbit/s; a machine that is busy takes longer, none is quicker
    assert took > 1.2


def test_root_in_a_node_hears_its_own_links_only(driver: HostDriver, alice_key: KeyPair) -> None:
    alice = (account("alice", alice_key),)
    addresses = {"a1": "10.0.0.1", "b1": "10.0.0.2", "a2": "10.0.0.1", "b2": "10.0.0.2"}
    nodes = [
        with_interfaces(name, interface(f"{name}:0", one), logins=alice)
        for name, one in addresses.items()
    ]
    links = [lan(f"l{n}", (f"a{n}", f"a{n}:0"), (f"b{n}", f"b{n}:0")) for n in (1, 2)]
    places = up(driver, *nodes, *links)
    with running(places["a1"], alice_key, LISTEN) as listening:
        for target in ("10.0.0.2", "-b 10.0.0.255"):
            ssh(places["a2"], alice_key, f"ping -n -c 1 -W 1 -p 5ec2e7 {target}", well=False)
        does(places["b1"], alice_key, SAY)
        assert listening.stdout is not None
        heard = list(iter(listening.stdout.readline, "end\n"))
    assert not [frame for frame in heard if "5ec2e75ec2e7" in frame]
