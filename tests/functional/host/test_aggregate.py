"""The whole aggregate over real nodes: from a request to a login, over its own sudden end."""

import os
import signal
import subprocess

from tests.functional.host.house import LAN, House, access_of, users
from tests.functional.host.logins import KeyPair, command, is_let_in, says
from tests.functional.host.traces import commands, traces_of
from tests.functional.rspecs import RSPEC, USER, link, node, request
from tests.functional.running import Slice, eventually


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


def test_services_run_when_the_neighbours_are_reached(slice_: Slice, alice_key: KeyPair) -> None:
    nodes = []
    for name, own, other in (("a", "10.6.0.1", "10.6.0.2"), ("b", "10.6.0.2", "10.6.0.1")):
        ping = f"ping -n -c 1 -W 20 {other} > /root/reached"
        inside = (
            f'<interface client_id="{name}:0"><ip address="{own}"/></interface>'
            f'<services><execute shell="sh" command="{ping}"/></services>'
        )
        nodes.append(node(name, inside=inside))
    slice_.running(request(*nodes, link("lan", "a:0", "b:0")), geni_users=users(alice_key))
    for name in "ab":
        assert "1 received" in says(access_of(slice_, name), alice_key, "sudo cat /root/reached")


def test_a_link_is_ready_and_carries_frames_although_an_ends_services_failed(
    slice_: Slice, alice_key: KeyPair
) -> None:
    services = '<services><execute shell="sh" command="exit 3"/></services>'
    nodes = [
        node(
            name,
            inside=f'<interface client_id="{name}:0"><ip address="{address}"/></interface>{more}',
        )
        for name, address, more in (("a", "10.6.0.1", ""), ("b", "10.6.0.2", services))
    ]
    made = slice_.provisioned(
        request(*nodes, link("lan", "a:0", "b:0")), geni_users=users(alice_key)
    )
    for action in ("geni_start", "geni_restart"):
        slice_.done("PerformOperationalAction", action)

        def ended() -> bool:
            return not any("configuring" in state for _, _, state in slice_.states().values())

        eventually(ended, what="ended")
        states = {
            name: slice_.slivers()[urn]["geni_operational_status"] for name, urn in made.items()
        }
        assert states == {"a": "geni_ready", "b": "geni_failed", "lan": "geni_ready"}
    ping = says(access_of(slice_, "a"), alice_key, "ping -n -c 1 -W 20 10.6.0.2")
    assert "1 received" in ping


def test_a_service_that_fails_is_told_and_one_that_hangs_keeps_nobody_from_deleting(
    slice_: Slice, alice_key: KeyPair
) -> None:
    services = '<services><execute shell="sh" command="echo oh no; exit 9"/></services>'
    made = slice_.provisioned(request(node("a", inside=services)), geni_users=users(alice_key))
    slice_.done("PerformOperationalAction", "geni_start")
    slice_.until("geni_failed")
    assert "gave 9: oh no" in slice_.slivers()[made["a"]]["geni_error"]
    # the way in is there to look for the reason
    assert says(access_of(slice_, "a"), alice_key, "cat /var/log/services/1.status") == "9"
    slice_.done("Delete")
    hangs = services.replace("exit 9", "sleep 10000")
    slice_.provisioned(request(node("b", inside=hangs)), geni_users=users(alice_key))
    slice_.done("PerformOperationalAction", "geni_start")

    def begun() -> bool:
        return bool([line for _, line in commands() if line.strip() == "sleep 10000"])

    eventually(begun, what="running")
    assert set(slice_.states().values()) == {("geni_provisioned", "", "geni_configuring")}
    slice_.done("Delete")
    eventually(lambda: not begun(), what="gone")


def test_what_this_machine_cannot_do_is_refused_at_allocate_and_makes_nothing(
    house: House,
) -> None:
    slice_ = house.open().person("alice").new_slice()
    install = '<services><install url="http://10.0.0.1/a.tgz" install_path="/opt"/></services>'
    answer = slice_.call("Allocate", request(node("a", inside=install)))
    assert answer["code"]["geni_code"] != 0
    assert "http://10.0.0.1/a.tgz" in answer["output"]
    image = '<sliver_type name="container"><disk_image name="beos"/></sliver_type>'
    answer = slice_.call("Allocate", request(node("a", inside=image)))
    assert answer["code"]["geni_code"] != 0
    assert "beos" in answer["output"]
    slice_.allocate(request(node("a")))
    # what is only reserved is nothing on the machine
    assert not traces_of(house.driver)
    assert not [line for _, line in commands() if "host.gate" in line and str(house.home) in line]
    slice_.done("Delete")
