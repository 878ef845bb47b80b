"""Nodes reach each other over the links that were asked for, and nobody else."""

from dataclasses import replace

import pytest

from gcf_am.drivers.host.driver import HostDriver
from gcf_am.model.sliver import Access
from gcf_am.model.topology import Address, Interface
from tests.functional.host.lans import interface, lan, up, with_interfaces
from tests.functional.host.logins import KeyPair, account, says, ssh


def reaches(access: Access, key: KeyPair, address: str, patience: int = 20) -> bool:
    done = ssh(access, key, f"ping -n -c 1 -W {patience} {address}", well=False)
    return done.returncode == 0


def is_cut_off(access: Access, key: KeyPair, address: str) -> bool:
    """Nobody answers; a network that works answers within a millisecond."""
    return not reaches(access, key, address, patience=1)


def test_every_pair_on_a_lan_reaches_each_other(driver: HostDriver, alice_key: KeyPair) -> None:
    alice = (account("alice", alice_key),)
    address = {"a": "10.10.0.1", "b": "10.10.0.2", "c": "10.10.0.3"}
    nodes = [
        with_interfaces(name, interface(f"{name}:0", one), logins=alice)
        for name, one in address.items()
    ]
    places = up(driver, *nodes, lan("lan", *((name, f"{name}:0") for name in address)))
    for access in places.values():
        assert all(reaches(access, alice_key, one) for one in address.values())
    # one that goes leaves the others connected
    driver.destroy(replace(nodes[1], generation=2))
    assert reaches(places["a"], alice_key, address["c"])
    # and a node comes back to its link by itself
    driver.restart(replace(nodes[2], generation=2))
    assert reaches(places["a"], alice_key, address["c"])


def test_two_links_with_the_same_subnet_do_not_see_each_other(
    driver: HostDriver, alice_key: KeyPair
) -> None:
    alice = (account("alice", alice_key),)
    pairs = [(f"{side}{number}", number) for number in (1, 2) for side in "ab"]
    nodes = [
        with_interfaces(
            name, interface(f"{name}:0", f"10.0.0.{number}{'ab'.index(name[0])}"), logins=alice
        )
        for name, number in pairs
    ]
    links = [lan(f"l{n}", (f"a{n}", f"a{n}:0"), (f"b{n}", f"b{n}:0")) for n in (1, 2)]
    places = up(driver, *nodes, *links)
    assert reaches(places["a1"], alice_key, "10.0.0.11")
    assert is_cut_off(places["a1"], alice_key, "10.0.0.20")
    assert is_cut_off(places["a1"], alice_key, "10.0.0.21")


def test_a_node_routes_between_its_links_when_told_to(
    driver: HostDriver, alice_key: KeyPair
) -> None:
    alice = (account("alice", alice_key),)
    nodes = [
        with_interfaces("left", interface("left:0", "10.1.0.1"), logins=alice),
        with_interfaces(
            "middle",
            interface("middle:0", "10.1.0.2"),
            interface("middle:1", "10.2.0.2"),
            logins=alice,
        ),
        with_interfaces("right", interface("right:0", "10.2.0.1"), logins=alice),
    ]
    places = up(
        driver,
        *nodes,
        lan("one", ("left", "left:0"), ("middle", "middle:0")),
        lan("two", ("middle", "middle:1"), ("right", "right:0")),
    )
    assert is_cut_off(places["left"], alice_key, "10.2.0.1")
    if "no sudo" in says(places["left"], alice_key, "command -v sudo || echo no sudo"):
        pytest.skip("the machine's own software, the image here, has no sudo")
    ssh(places["middle"], alice_key, "echo 1 | sudo tee /proc/sys/net/ipv4/ip_forward")
    for name, net, way in (
        ("left", "10.2.0.0/24", "10.1.0.2"),
        ("right", "10.1.0.0/24", "10.2.0.2"),
    ):
        ssh(places[name], alice_key, f"sudo ip route add {net} via {way}")
    assert reaches(places["left"], alice_key, "10.2.0.1")


def test_addresses_and_their_masks_are_those_asked_for(
    driver: HostDriver, alice_key: KeyPair
) -> None:
    both = Interface(
        "left:0", addresses=(Address("10.3.0.1", "255.255.0.0"), Address("fd00::1", "112", "ipv6"))
    )
    places = up(driver, with_interfaces("left", both, logins=(account("alice", alice_key),)))
    told = says(places["left"], alice_key, "ip -o addr show dev eth1")
    assert "10.3.0.1/16" in told
    assert "fd00::1/112" in told
