"""Frames pass where a link is, and nowhere else."""

import socket

import pytest

from gcf_am.drivers.host.network import End, LinkShape
from tests.functional.host.network.yard import Yard

LINK, OTHER = "l" * 10, "m" * 10
ALL = "ff:ff:ff:ff:ff:ff"


def join(yard: Yard, link: str, *ends: End) -> None:
    yard.fabric.join(link, ends, LinkShape())


def test_every_pair_on_a_lan_pings_by_both_families(yard: Yard) -> None:
    ends = [yard.node(one, f"10.0.0.{n}/24", f"fd00::{n}/64") for n, one in enumerate("abc", 1)]
    join(yard, LINK, *ends)
    for source in ends:
        for n in range(1, 4):
            assert yard.pings(source, f"10.0.0.{n}")
            assert yard.pings(source, f"fd00::{n}")


def test_frames_that_are_not_ip_pass(yard: Yard) -> None:
    a, b = yard.node("a"), yard.node("b")
    join(yard, LINK, a, b)
    with yard.ear(b) as ear:
        yard.say(a, ALL, b"hello")
        assert b"hello" in ear.recv(2000)


def test_lldp_passes_as_over_a_wire(yard: Yard) -> None:
    a, b = yard.node("a"), yard.node("b")
    join(yard, LINK, a, b)
    with yard.ear(b) as ear:
        yard.say(a, "01:80:c2:00:00:0e", b"hello")
        assert b"hello" in ear.recv(2000)


def test_links_with_the_same_subnet_do_not_see_each_other(yard: Yard) -> None:
    a, b = yard.node("a", "10.0.0.1/24"), yard.node("b", "10.0.0.2/24")
    c, d = yard.node("c", "10.0.0.1/24"), yard.node("d", "10.0.0.2/24")
    join(yard, LINK, a, b)
    join(yard, OTHER, c, d)
    with yard.ear(b) as same, yard.ear(c) as other, yard.ear(d) as another:
        yard.say(a, ALL, b"secret")
        assert b"secret" in same.recv(2000)
        # what had come would have come before
        for ear in (other, another):
            ear.setblocking(False)
            with pytest.raises(BlockingIOError):
                ear.recv(2000)
    assert yard.pings(a, "10.0.0.2")
    assert yard.pings(c, "10.0.0.2")


def test_two_links_of_a_node_do_not_leak_into_each_other_unless_it_forwards(yard: Yard) -> None:
    a, r = yard.node("a", "10.0.1.1/24"), yard.node("r", "10.0.1.2/24")
    b = yard.node("b", "10.0.2.1/24")
    yard.fabric.plug(r.node, yard.nic("r", "10.0.2.2/24", nic="eth2"))
    join(yard, LINK, a, r)
    join(yard, OTHER, b, End(r.node, "eth2"))
    with yard.ear(b) as ear:
        yard.say(a, ALL, b"hello")
        ear.setblocking(False)
        with pytest.raises(BlockingIOError):
            ear.recv(2000)
    yard.run(a, "ip", "route", "add", "10.0.2.0/24", "via", "10.0.1.2")
    yard.run(b, "ip", "route", "add", "10.0.1.0/24", "via", "10.0.2.2")
    # root of the node, who has no right outside of it, may turn it into a router
    yard.run(r, "sh", "-c", "echo 1 > /proc/sys/net/ipv4/ip_forward")
    assert yard.pings(a, "10.0.2.1")


@pytest.mark.parametrize("mtu", [1500, 9000])
def test_a_frame_of_the_mtu_passes_whole(yard: Yard, mtu: int) -> None:
    a, b = yard.node("a", "10.0.0.1/24", mtu=mtu), yard.node("b", "10.0.0.2/24", mtu=mtu)
    join(yard, LINK, a, b)
    assert yard.pings(a, "10.0.0.2", "-M", "do", "-s", str(mtu - 28))


def test_the_fabric_takes_no_part_in_what_it_carries(yard: Yard) -> None:
    a, b = yard.node("a", "10.0.0.1/24"), yard.node("b", "10.0.0.2/24")
    yard.node("c", "10.0.0.3/24")
    join(yard, LINK, a, b)
    assert yard.pings(a, "10.0.0.2")
    assert yard.run(yard.fabric_pin, "ip", "-o", "address", "show") == ""
    assert yard.run(yard.fabric_pin, "ip", "-o", "-6", "route", "show", "table", "all") == ""
    assert yard.run(yard.fabric_pin, "cat", "/proc/sys/net/ipv4/ip_forward") == "0\n"


def test_the_machines_own_namespace_gets_nothing(yard: Yard) -> None:
    before = {name for _, name in socket.if_nameindex()}
    join(yard, LINK, yard.node("a"), yard.node("b"))
    now = {name for _, name in socket.if_nameindex()} - before
    assert not {one for one in now if one[0] in "ln" and len(one) >= 11}
