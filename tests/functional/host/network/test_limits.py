"""A link's limits hold, each direction and each pair for itself, and nobody's root lifts them."""

import json
import socket
import time
from typing import Any

import pytest

from gcf_am.drivers.host import shaping
from gcf_am.drivers.host.names import port
from gcf_am.drivers.host.netlink import handle
from gcf_am.drivers.host.network import End, LinkShape, Way
from gcf_am.manager.ports import DriverError
from tests.functional.host.network.yard import Yard

LINK = "l" * 10
ALL = "ff:ff:ff:ff:ff:ff"


@pytest.fixture(autouse=True)
def limits(yard: Yard) -> None:
    if not yard.fabric.features().capacity:
        pytest.skip("this machine's kernel or programs have no HTB or no nftables")


def classes(yard: Yard, end: End) -> dict[int, tuple[int, int]]:
    """Of each class at the end's port: the rate in bytes/s, and how many frames it passed."""
    with handle(yard.fabric_pin) as route:
        (index,) = route.link_lookup(ifname=port(end))
        return {
            one["handle"] - shaping.HTB: (
                one.get_nested("TCA_OPTIONS", "TCA_HTB_PARMS")["rate"],
                one.get_nested("TCA_STATS2", "TCA_STATS_BASIC")["packets"],
            )
            for one in route.get_classes(index=index)
        }


def qdiscs(yard: Yard, end: End) -> set[str]:
    with handle(yard.fabric_pin) as route:
        (index,) = route.link_lookup(ifname=port(end))
        return {one.get_attr("TCA_KIND") for one in route.get_qdiscs(index=index)}


def counters(yard: Yard, end: End) -> list[int]:
    """What the rules at the end's port counted: frames that came, frames that were lost."""
    said = json.loads(yard.run(yard.fabric_pin, "nft", "-j", "list", "ruleset"))
    rules: list[dict[str, Any]] = [one["rule"] for one in said["nftables"] if "rule" in one]
    return [
        expression["counter"]["packets"]
        for rule in rules
        if rule["chain"] == f"to_{port(end)}"
        for expression in rule["expr"]
        if "counter" in expression
    ]


def test_capacity_is_set_each_direction_as_asked(yard: Yard) -> None:
    a, b = yard.node("a"), yard.node("b")
    ways = (Way(a, b, capacity=10_000), Way(b, a, capacity=2_000))
    yard.fabric.join(LINK, [a, b], LinkShape(ways))
    assert [rate for rate, _ in classes(yard, b).values()] == [1_250_000]
    assert [rate for rate, _ in classes(yard, a).values()] == [250_000]


def test_nothing_passes_faster_than_the_capacity(yard: Yard) -> None:
    a, b = yard.node("a", "10.0.0.1/24"), yard.node("b", "10.0.0.2/24")
    yard.fabric.join(LINK, [a, b], LinkShape((Way(a, b, capacity=10_000),)))
    amount = 2_000_000
    listening = yard.inside(b, lambda: socket.create_server(("10.0.0.2", 5000)))
    sending = yard.inside(a, lambda: socket.socket(socket.AF_INET, socket.SOCK_STREAM))
    with listening, sending:
        # less than all goes into buffers: a thread is not needed
        sending.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, amount)
        sending.settimeout(60)
        sending.connect(("10.0.0.2", 5000))
        receiving, _ = listening.accept()
        with receiving:
            receiving.settimeout(60)
            before = time.monotonic()
            left, got = amount, 0
            while got < amount:
                if left:
                    left -= sending.send(bytes(min(left, 50_000)))
                got += len(receiving.recv(200_000))
            took = time.monotonic() - before
    # 1.6 s at 10 Mbit/s; a machine that is busy takes longer, none is quicker
    assert took > 1.2


def test_on_a_lan_each_pair_has_its_own_and_a_forged_address_does_not_help(yard: Yard) -> None:
    a, b, c = (yard.node(one) for one in "abc")
    ways = (Way(a, c, capacity=10_000), Way(b, c, capacity=20_000))
    yard.fabric.join(LINK, [a, b, c], LinkShape(ways))
    numbers = shaping.number([a, b, c])
    before = classes(yard, c)
    assert {one: rate for one, (rate, _) in before.items()} == {
        numbers[a]: 1_250_000,
        numbers[b]: 2_500_000,
    }
    yard.say(a, ALL, b"as b", times=60, source="02:00:00:00:01:62")
    now = classes(yard, c)
    assert now[numbers[a]][1] - before[numbers[a]][1] >= 60
    # all but what b says of its own, for IPv6
    assert now[numbers[b]][1] - before[numbers[b]][1] < 60


def test_a_node_sees_no_limit_that_its_root_could_lift(yard: Yard) -> None:
    a, b = yard.node("a"), yard.node("b")
    yard.fabric.join(LINK, [a, b], LinkShape((Way(a, b, capacity=10_000),)))
    for one in (a, b):
        with handle(yard.net(one)) as route:
            kinds = {each.get_attr("TCA_KIND") for each in route.get_qdiscs()}
            assert kinds == {"noqueue"}


def test_loss_is_one_way_and_about_as_asked(yard: Yard) -> None:
    a, b = yard.node("a"), yard.node("b")
    if "nftables" not in yard.fabric.features().packet_loss:
        pytest.skip("loss is not made by nftables here")
    yard.fabric.join(LINK, [a, b], LinkShape((Way(a, b, packet_loss=0.1),)))
    before = counters(yard, b)
    yard.say(a, ALL, b"hello", times=1000)
    came, lost = (now - then for now, then in zip(counters(yard, b), before, strict=True))
    assert came >= 1000
    # 100 are expected of 1000, and a standard deviation is 9.5
    assert 30 < lost < 200
    assert counters(yard, a) == []


def test_what_is_wholly_lost_does_not_pass(yard: Yard) -> None:
    if not yard.fabric.features().packet_loss:
        pytest.skip("this machine's kernel or programs cannot lose frames")
    a, b = yard.node("a"), yard.node("b")
    yard.fabric.join(LINK, [a, b], LinkShape((Way(a, b, packet_loss=1.0),)))
    with yard.ear(b) as hears_nothing, yard.ear(a) as hears:
        yard.say(a, ALL, b"lost", times=20)
        yard.say(b, ALL, b"hello")
        assert b"hello" in hears.recv(2000)
        hears_nothing.setblocking(False)
        with pytest.raises(BlockingIOError):
            hears_nothing.recv(2000)


def test_latency_is_made_by_netem_or_refused_by_name(yard: Yard) -> None:
    a, b = yard.node("a"), yard.node("b")
    shape = LinkShape((Way(a, b, latency=20),))
    if yard.fabric.features().latency:
        yard.fabric.join(LINK, [a, b], shape)
        assert "netem" in qdiscs(yard, b)
        return
    with pytest.raises(DriverError, match="latency") as caught:
        yard.fabric.check(shape)
    assert caught.value.lasting


def test_limits_change_and_go(yard: Yard) -> None:
    a, b = yard.node("a"), yard.node("b")
    for capacity in (10_000, 20_000):
        ways = (Way(a, b, capacity=capacity, packet_loss=0.5),)
        yard.fabric.join(LINK, [a, b], LinkShape(ways))
        assert [rate for rate, _ in classes(yard, b).values()] == [capacity * 125]
    yard.fabric.join(LINK, [a, b], LinkShape())
    assert qdiscs(yard, b) == {"noqueue"}
    assert yard.run(yard.fabric_pin, "nft", "list", "ruleset") == ""


def test_the_same_again_touches_nothing(yard: Yard) -> None:
    a, b = yard.node("a"), yard.node("b")
    shape = LinkShape((Way(a, b, capacity=10_000, packet_loss=0.5),))
    yard.fabric.join(LINK, [a, b], shape)
    yard.say(a, ALL, b"hello", times=60)
    before = classes(yard, b), counters(yard, b)
    yard.fabric.join(LINK, [a, b], shape)
    now = classes(yard, b), counters(yard, b)
    # anything that was made anew would have begun to count again
    for then, one in zip(before[0].values(), now[0].values(), strict=True):
        assert one[1] >= then[1] > 0
    for then_counted, counted in zip(before[1], now[1], strict=True):
        assert counted >= then_counted > 0


def test_a_link_that_is_parted_leaves_no_limits(yard: Yard) -> None:
    a, b = yard.node("a"), yard.node("b")
    shape = LinkShape((Way(a, b, capacity=10_000, packet_loss=0.5),))
    yard.fabric.join(LINK, [a, b], shape)
    yard.fabric.part(LINK)
    assert qdiscs(yard, b) == {"noqueue"}
    assert yard.run(yard.fabric_pin, "nft", "list", "ruleset") == ""
    assert yard.fabric.plugged(a.node) == {"eth1"}
