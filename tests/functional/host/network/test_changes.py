"""What stands is changed without touching the rest, found again, repaired, and removed."""

import threading
from pathlib import Path

import pytest

from gcf_am.drivers.host.fabric import Fabric
from gcf_am.drivers.host.names import NETNS, bridge, port
from gcf_am.drivers.host.netlink import handle
from gcf_am.drivers.host.network import End, Ids, LinkShape, Way
from gcf_am.manager.ports import DriverError
from tests.functional.host.network.yard import Yard

LINK, OTHER = "l" * 10, "m" * 10
NONE = LinkShape()
IDS = Ids(0x70000000)


def indexes(yard: Yard, *ends: End) -> list[int]:
    with handle(yard.fabric_pin) as route:
        return [index for end in ends for index in route.link_lookup(ifname=port(end))]


def descriptors() -> int:
    return sum(1 for _ in Path("/proc/self/fd").iterdir())


def test_what_stands_is_found(yard: Yard) -> None:
    assert yard.fabric.found().nodes == frozenset()
    a, b, c = (yard.node(one) for one in "abc")
    yard.fabric.join(LINK, [a, b], NONE)
    yard.fabric.join(OTHER, [c], NONE)
    found = Fabric(yard.owner).found()
    assert found.nodes == {a.node, b.node, c.node}
    assert found.links == {LINK: {a, b}, OTHER: {c}}


def test_ends_join_and_leave_a_link_that_lives(yard: Yard) -> None:
    a, b, c = (yard.node(one, f"10.0.0.{n}/24") for n, one in enumerate("abc", 1))
    yard.fabric.join(LINK, [a, b], NONE)
    before = indexes(yard, a, b)
    yard.fabric.join(LINK, [a, b, c], NONE)
    assert yard.pings(a, "10.0.0.3")
    yard.fabric.join(LINK, [a, c], NONE)
    assert yard.fabric.found().links == {LINK: {a, c}}
    assert yard.pings(a, "10.0.0.3")
    with yard.ear(b) as ear:
        yard.say(a, "ff:ff:ff:ff:ff:ff", b"hello")
        ear.setblocking(False)
        with pytest.raises(BlockingIOError):
            ear.recv(2000)
    assert indexes(yard, a, b) == before


def test_a_node_that_goes_leaves_the_others_joined(yard: Yard) -> None:
    a, b, c = (yard.node(one, f"10.0.0.{n}/24") for n, one in enumerate("abc", 1))
    yard.fabric.join(LINK, [a, b, c], LinkShape((Way(a, b, capacity=10_000),)))
    yard.fabric.close_node(b.node)
    assert yard.pings(a, "10.0.0.3")
    assert yard.fabric.found().links == {LINK: {a, c}}


def test_an_interface_becomes_as_ordered_and_stays_the_same_one(yard: Yard) -> None:
    a = yard.node("a", "10.0.0.1/24")
    before = indexes(yard, a)
    yard.fabric.plug(a.node, yard.nic("a", "10.0.1.1/16", "fd00::1/64", mtu=1400))
    said = yard.run(a, "ip", "-o", "address", "show", "dev", "eth1")
    assert "10.0.1.1/16" in said
    assert "fd00::1/64" in said
    assert "10.0.0.1" not in said
    assert "mtu 1400" in yard.run(a, "ip", "link", "show", "dev", "eth1")
    assert indexes(yard, a) == before


@pytest.mark.parametrize(
    "harm",
    [
        ["ip", "link", "set", "eth1", "down"],
        ["ip", "address", "flush", "dev", "eth1"],
        ["ip", "link", "set", "eth1", "mtu", "1000"],
        ["ip", "link", "set", "eth1", "address", "02:00:00:00:00:77"],
        ["sh", "-c", "ip link set eth1 down && ip link set eth1 name mine"],
        ["ip", "link", "delete", "eth1"],
    ],
    ids=lambda harm: " ".join(harm[-4:]),
)
def test_what_the_nodes_root_did_is_mended(yard: Yard, harm: list[str]) -> None:
    a, b = yard.node("a", "10.0.0.1/24"), yard.node("b", "10.0.0.2/24")
    yard.fabric.join(LINK, [a, b], NONE)
    yard.run(a, *harm)
    yard.fabric.plug(a.node, yard.nic("a", "10.0.0.1/24"))
    yard.fabric.join(LINK, [a, b], NONE)
    assert yard.pings(b, "10.0.0.1")
    assert yard.nic("a").mac in yard.run(a, "ip", "link", "show", "dev", "eth1")


def test_an_interface_is_taken_away(yard: Yard) -> None:
    a = yard.node("a")
    yard.fabric.plug(a.node, yard.nic("a", nic="eth2"))
    assert yard.fabric.plugged(a.node) == {"eth1", "eth2"}
    for _ in range(2):
        yard.fabric.unplug(a.node, "eth2")
    assert yard.fabric.plugged(a.node) == {"eth1"}
    assert "eth2" not in yard.run(a, "ip", "link")


def test_a_link_needs_its_ends(yard: Yard) -> None:
    a = yard.node("a")
    with pytest.raises(DriverError, match="not there") as caught:
        yard.fabric.join(LINK, [a, End("b" * 10, "eth1")], NONE)
    assert not caught.value.lasting


def test_an_interface_needs_its_node(yard: Yard) -> None:
    yard.node("a")
    with pytest.raises(DriverError, match="eth1 cannot be made"):
        yard.fabric.plug("b" * 10, yard.nic("b"))


def test_removing_twice_and_what_never_was_is_well(yard: Yard) -> None:
    a = yard.node("a")
    yard.fabric.join(LINK, [a], NONE)
    for _ in range(2):
        yard.fabric.part(LINK)
        yard.fabric.close_node(a.node)
        yard.fabric.unplug(a.node, "eth1")
        assert yard.traces() == []


def test_a_nodes_root_is_nobody_outside(yard: Yard) -> None:
    a = yard.node("a")
    first, *_ = yard.run(a, "cat", "/proc/self/uid_map").split()[1:]
    assert int(first) == IDS.first
    # the namespace belongs to it: it may configure what is inside
    yard.run(a, "ip", "link", "add", "mine", "type", "bridge")
    done = yard.run(a, "sh", "-c", "cat /proc/1/environ 2>&1 || true")
    assert "Permission denied" in done


@pytest.mark.parametrize("left", ["net", "user", "both", "fabric"])
def test_files_without_namespaces_are_found_and_done_again(yard: Yard, left: str) -> None:
    """What a boot leaves, or a process that was killed before it pinned anything."""
    tag = "a" * 10
    directory = Path(f"/run/gcf-{yard.owner}")
    NETNS.mkdir(exist_ok=True)
    directory.mkdir()
    if left in {"net", "both"}:
        yard.net(tag).touch()
    if left in {"user", "both"}:
        (directory / tag).touch()
    if left == "fabric":
        yard.fabric_pin.touch()
    assert yard.fabric.found().nodes == (frozenset() if left == "fabric" else {tag})
    a, b = yard.node("a", "10.0.0.1/24"), yard.node("b", "10.0.0.2/24")
    yard.fabric.join(LINK, [a, b], NONE)
    assert yard.pings(a, "10.0.0.2")


def test_limits_that_were_half_changed_are_changed_again(yard: Yard) -> None:
    a, b = yard.node("a"), yard.node("b")
    shape = LinkShape((Way(a, b, capacity=10_000),))
    yard.fabric.join(LINK, [a, b], shape)
    with handle(yard.fabric_pin) as route:
        for name in (port(b), bridge(LINK)):
            (index,) = route.link_lookup(ifname=name)
            route.link("set", index=index, ifalias="?")
        (index,) = route.link_lookup(ifname=port(b))
        route.tc("del", index=index, root=True)
    yard.fabric.join(LINK, [a, b], shape)
    with handle(yard.fabric_pin) as route:
        kinds = {one.get_attr("TCA_KIND") for one in route.get_qdiscs(index=index)}
    assert "htb" in kinds


def test_another_owners_network_is_not_touched(yard: Yard, can_network: str) -> None:
    assert not can_network
    other = Yard()
    try:
        a, b = other.node("a", "10.0.0.1/24"), other.node("b", "10.0.0.2/24")
        other.fabric.join(LINK, [a, b], NONE)
        yard.fabric.join(LINK, [yard.node("a"), yard.node("b")], NONE)
        yard.close()
        assert yard.traces() == []
        assert other.fabric.found().links == {LINK: {a, b}}
        assert other.pings(a, "10.0.0.2")
    finally:
        other.close()
    assert other.traces() == []


def test_many_at_once_from_threads_leave_nothing_and_no_descriptors(yard: Yard) -> None:
    yard.fabric.features()
    before = descriptors()
    failed: list[BaseException] = []

    def live(letter: str) -> None:
        try:
            # a network of its own, as another process of the aggregate has it
            mine = Fabric(yard.owner)
            for _ in range(3):
                end = yard.node(letter)
                mine.join(letter * 10, [end], NONE)
                mine.part(letter * 10)
                mine.close_node(end.node)
        except BaseException as error:  # noqa: BLE001 - told to the test
            failed.append(error)

    threads = [threading.Thread(target=live, args=(one,)) for one in "abcdef"]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert failed == []
    assert yard.traces() == []
    assert descriptors() == before
