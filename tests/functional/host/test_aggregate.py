"""The whole aggregate over real nodes: from a request to a login, over its own sudden end."""

import os
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from gcf_am.cli.home import make_home
from gcf_am.drivers.host.driver import HostDriver
from gcf_am.model.sliver import Access
from tests.contract.driver.host import host_driver
from tests.functional.host.logins import KeyPair, command, is_let_in, says
from tests.functional.host.traces import commands, traces_of
from tests.functional.rspecs import RSPEC, USER, link, node, request
from tests.functional.running import Running, Slice, eventually, start

LAN = request(
    node("a", inside='<interface client_id="a:0"><ip address="10.5.0.1"/></interface>'),
    node("b", inside='<interface client_id="b:0"><ip address="10.5.0.2"/></interface>'),
    link("lan", "a:0", "b:0"),
)


class House:
    """A home whose aggregate has the host driver, and what its driver left behind in the end."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.driver: HostDriver = host_driver(home / "host")
        make_home(home, {("driver", "name"): "host"})
        self.servers: list[Running] = []

    def open(self) -> Running:
        self.servers.append(start(self.home, own_group=True))
        return self.servers[-1]


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    made = House(tmp_path / "home")
    yield made
    for server in made.servers:
        if server.process.poll() is None:
            server.stop()
    left = traces_of(made.driver)
    for entry in made.driver._journal.standing().values():
        made.driver._journal.put(entry.destroyed(entry.generation))
    made.driver.observe([])  # what is nobody's is removed
    assert left == []


def access_of(slice_: Slice, name: str) -> Access:
    """The login that the manifest tells."""
    nodes = slice_.rspec().nodes()
    login = nodes[name].find(f"{{{RSPEC}}}services/{{{RSPEC}}}login")
    assert login is not None
    assert login.get("username") == "alice"
    return Access(login.get("hostname", ""), int(login.get("port", "0")))


def users(key: KeyPair) -> list[dict[str, object]]:
    return [{"urn": "urn:publicid:IDN+gcf.local+user+alice", "keys": [key.public]}]


def test_from_a_request_to_a_login_and_away(house: House, alice_key: KeyPair) -> None:
    slice_ = house.open().person("alice").new_slice()
    made = slice_.running(LAN, geni_users=users(alice_key))
    assert slice_.rspec().nodes()["a"].find(f"{{{RSPEC}}}services/{USER}") is not None
    for name, other in (("a", "10.5.0.2"), ("b", "10.5.0.1")):
        access = access_of(slice_, name)
        assert says(access, alice_key, "hostname") == name
        assert (
            says(access, alice_key, f"ping -n -c 1 -W 20 {other} > /dev/null && echo yes") == "yes"
        )
    slice_.done("Delete", urns=[made["a"]])
    assert is_let_in(access_of(slice_, "b"), alice_key, "alice")
    slice_.done("Delete")
    eventually(lambda: not traces_of(house.driver), what="gone")


def test_nodes_and_sessions_go_on_while_the_aggregate_is_killed_and_comes_back(
    house: House, alice_key: KeyPair
) -> None:
    first = house.open()
    slice_ = first.person("alice").new_slice()
    slice_.running(LAN, geni_users=users(alice_key))
    access = access_of(slice_, "a")
    session = subprocess.Popen(
        command(access, alice_key, "alice", "cat"),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    with session:
        assert session.stdin is not None
        assert session.stdout is not None
        for word in ("before", "while", "after"):
            session.stdin.write(f"{word}\n")
            session.stdin.flush()
            assert session.stdout.readline() == f"{word}\n"
            if word == "before":
                first.kill()
            elif word == "while":
                second = house.open()
    again = Slice(second.person("alice"), slice_.urn, slice_.credential)
    assert access_of(again, "a") == access
    again.until("geni_ready")
    again.done("Delete")
    eventually(lambda: not traces_of(house.driver), what="gone")


def test_a_killed_node_is_failed_and_a_restart_brings_it_back(
    house: House, alice_key: KeyPair
) -> None:
    slice_ = house.open().person("alice").new_slice()
    made = slice_.running(request(node("a")), geni_users=users(alice_key))
    entry = house.driver._journal.standing()[made["a"]]
    assert entry.process is not None
    os.kill(entry.process.pid, signal.SIGKILL)
    slice_.until("geni_failed")
    assert "it ended" in slice_.slivers()[made["a"]]["geni_error"]
    slice_.done("PerformOperationalAction", "geni_restart")
    slice_.until("geni_ready")
    assert says(access_of(slice_, "a"), alice_key, "hostname") == "a"
    slice_.done("Delete")
    eventually(lambda: not traces_of(house.driver), what="gone")


def test_what_this_machine_cannot_do_is_refused_at_allocate_and_makes_nothing(
    house: House,
) -> None:
    slice_ = house.open().person("alice").new_slice()
    install = '<services><install url="http://example.org/a.tgz" install_path="/opt"/></services>'
    answer = slice_.call("Allocate", request(node("a", inside=install)))
    assert answer["code"]["geni_code"] != 0
    assert "http://example.org/a.tgz" in answer["output"]
    image = '<sliver_type name="container"><disk_image name="beos"/></sliver_type>'
    answer = slice_.call("Allocate", request(node("a", inside=image)))
    assert answer["code"]["geni_code"] != 0
    assert "beos" in answer["output"]
    slice_.allocate(request(node("a")))
    # what is only reserved is nothing on the machine
    assert not traces_of(house.driver)
    assert not [line for _, line in commands() if "host.gate" in line and str(house.home) in line]
    slice_.done("Delete")
