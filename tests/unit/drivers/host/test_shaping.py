"""What a link's properties come to: classes, netem, rules, refusals."""

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gcf_am.drivers.host import shaping
from gcf_am.drivers.host.network import End, Features, LinkShape, Way
from gcf_am.manager.ports import DriverError

A, B, C = (End(name * 10, "eth1") for name in "abc")
ALL = Features("veth", "bridge", "HTB", "netem", "netem", "netem", 9000)


def _way(name: str, value: float) -> LinkShape:
    wished: dict[str, Any] = {name: value}
    return LinkShape((Way(A, B, **wished),))


def test_a_link_without_properties_has_no_lanes_and_no_rules() -> None:
    plan = shaping.plan("link", [A, B], LinkShape(), netem=True)
    assert plan.lanes == {A: (), B: ()}
    assert plan.rules == ()


def test_each_direction_has_its_own_lane_at_the_port_it_leads_to() -> None:
    ways = (Way(A, B, capacity=10_000), Way(B, A, capacity=500))
    plan = shaping.plan("link", [A, B], LinkShape(ways), netem=False)
    numbers = shaping.number([A, B])
    assert plan.lanes[B] == (shaping.Lane(numbers[A], 1_250_000, 12_500),)
    # 10 ms of so slow a link is less than a frame
    assert plan.lanes[A] == (shaping.Lane(numbers[B], 62_500, 3200),)


def test_on_a_lan_each_source_has_its_lane() -> None:
    ways = (Way(A, C, capacity=10_000), Way(B, C, capacity=20_000))
    plan = shaping.plan("link", [A, B, C], LinkShape(ways), netem=False)
    assert [lane.rate for lane in plan.lanes[C]] == [1_250_000, 2_500_000]
    assert len({lane.number for lane in plan.lanes[C]}) == 2
    assert plan.lanes[A] == plan.lanes[B] == ()


def test_netem_does_latency_jitter_and_loss_together() -> None:
    ways = (Way(A, B, capacity=8, latency=20, packet_loss=0.25, jitter=1.5),)
    plan = shaping.plan("link", [A, B], LinkShape(ways), netem=True)
    assert plan.lanes[B][0].delay == shaping.Delay(20_000, 1500, 0.25)
    assert "drop" not in json.dumps(plan.rules)


def test_without_netem_loss_is_a_rule_for_frames_from_that_port() -> None:
    ways = (Way(A, B, packet_loss=0.25),)
    plan = shaping.plan("link", [A, B, C], LinkShape(ways), netem=False)
    assert plan.lanes[B] == ()
    expressions = plan.rules[-1]["add"]["rule"]["expr"]
    assert expressions[0]["match"]["right"] == shaping.HTB + shaping.number([A, B, C])[A]
    assert expressions[2]["match"]["right"] == 250_000


def test_ways_to_ends_that_are_not_here_are_left_out() -> None:
    plan = shaping.plan("link", [A, B], LinkShape((Way(A, C, capacity=1),)), netem=False)
    assert plan.rules == ()


@settings(derandomize=True, deadline=None, max_examples=20)
@given(st.sets(st.integers(0, 10**9), max_size=300))
def test_numbers_are_each_ones_own(which: set[int]) -> None:
    ends = [End(f"{one:010}", "eth1") for one in which]
    numbers = shaping.number(ends)
    assert len(set(numbers.values())) == len(ends)
    # 0 is HTB's own, 0xffff the last; a queue's number is one more than its class's
    assert all(0 < one < 0xFFFF for one in numbers.values())
    assert numbers == shaping.number(reversed(ends))


def test_who_else_joins_does_not_change_a_number() -> None:
    assert shaping.number([A, B]).items() <= shaping.number([A, B, C]).items()


@pytest.mark.parametrize("name", ["capacity", "latency", "packet_loss", "jitter"])
def test_what_the_kernel_cannot_do_is_refused_by_name(name: str) -> None:
    shape = _way(name, 1)
    shaping.check(shape, ALL)
    without: dict[str, Any] = {name: ""}
    with pytest.raises(DriverError, match=f"{name}: this machine's kernel") as caught:
        shaping.check(shape, replace(ALL, **without))
    assert caught.value.lasting


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("capacity", 0),
        ("capacity", -1),
        ("capacity", 2**40),
        ("latency", -1.0),
        ("latency", float("nan")),
        ("latency", float("inf")),
        ("packet_loss", 1.5),
        ("packet_loss", -0.1),
        ("jitter", 10.0**9),
    ],
)
def test_what_makes_no_sense_is_refused_by_name(name: str, value: float) -> None:
    with pytest.raises(DriverError, match=name):
        shaping.check(_way(name, value), ALL)


@pytest.mark.parametrize("name", ["latency", "packet_loss", "jitter"])
def test_nothing_asked_for_needs_nothing(name: str) -> None:
    none = Features("veth", "bridge", "", "", "", "", 1500)
    shaping.check(_way(name, 0.0), none)
