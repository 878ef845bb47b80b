"""What a request wants done in a node is done when its links are joined, and hinders nobody."""

import threading
from collections.abc import Callable
from typing import ClassVar

import pytest

from gcf_am.manager.ports import DriverError, Order
from gcf_am.model.sliver import Step
from gcf_am.model.topology import Node
from gcf_am.reconciler.loop import EXTEND
from tests.unit.reconciler.conftest import Build
from tests.unit.reconciler.test_loop import running, until
from tests.unit.reconciler.test_run_once import faults, reconciler, settle
from tests.unit.reconciler.testbed import CONFIGURING, FAILED, NOTREADY, READY, Testbed

Wanted = Callable[[], bool]


class Noted:
    """A driver that notes what is brought up and served; services do what the test says."""

    name: ClassVar[str] = "noted"

    def __init__(self, bed: Testbed, services: Callable[[Order, Wanted], None]) -> None:
        self._driver = bed.driver
        self._services = services
        self.done: list[str] = []

    def __getattr__(self, name: str) -> object:
        method = getattr(self._driver, name)
        if name not in {"start", "restart"}:
            return method

        def noted(order: Order) -> object:
            answer = method(order)
            self.done.append(f"up {order.contents.resource.client_id}")
            return answer

        return noted

    def run_services(self, order: Order, wanted: Wanted) -> None:
        assert isinstance(order.contents.resource, Node)
        self._services(order, wanted)
        self.done.append(f"served {order.contents.resource.client_id}")


def note(bed: Testbed, services: Callable[[Order, Wanted], None] = lambda *_: None) -> Noted:
    noted = Noted(bed, services)
    bed.driver = noted  # type: ignore[assignment]
    return noted


def test_services_run_when_the_links_are_joined_and_the_link_is_ready_after_them(
    build: Build,
) -> None:
    bed = build(faults=faults("start", match="wire", times=1))
    waiting: list[tuple[object, object]] = []

    def look(_order: Order, _wanted: Wanted) -> None:
        waiting.append((bed.sliver(wire).operational, bed.sliver(right).access))

    noted = note(bed, look)
    left, right = bed.node("left", script="date"), bed.node("right", script="date")
    wire, loop = bed.link("wire", "left", "right"), bed.link("loop", "left")
    settle(bed)
    bed.start(left, right, loop, wire)
    one = reconciler(bed)
    settle(bed, one)
    # one of the links takes longer
    assert sorted(noted.done[:2]) == ["up left", "up right"]
    assert noted.done[2:] == ["up loop"]
    bed.watch.forward(seconds=1)
    settle(bed, one)
    assert noted.done[3] == "up wire"
    assert sorted(noted.done[4:]) == ["served left", "served right"]
    # decision 8; who looks for what hangs can log in
    assert [link for link, _ in waiting] == [CONFIGURING, CONFIGURING]
    assert all(access is not None for _, access in waiting)
    states = {bed.sliver(one).operational for one in (left, right, wire, loop)}
    assert states == {READY}
    # a link's end that is restarted runs them again, or not, as its driver sees fit
    bed.order(left, operational=CONFIGURING, step=Step.RESTART)
    settle(bed)
    assert noted.done[6:] == ["up left", "served left"]


def test_nobody_waits_for_links_that_are_not_to_come_up(bed: Testbed) -> None:
    noted = note(bed)
    left, right = bed.node("left", script="date"), bed.node("right", script="date")
    wire = bed.link("wire", "left", "right")
    settle(bed)
    # 1. of a link that nobody started
    bed.start(left)
    settle(bed)
    assert bed.sliver(left).operational is READY
    # 2. of one whose other end nobody started
    bed.order(left, operational=CONFIGURING, step=Step.RESTART)
    bed.start(wire)
    settle(bed)
    assert bed.sliver(left).operational is READY
    assert bed.sliver(right).operational is NOTREADY
    assert noted.done.count("served left") == 2
    # it comes when that one does
    bed.start(right)
    settle(bed)
    assert noted.done[-3:] == ["up right", "up wire", "served right"]
    assert bed.sliver(wire).operational is READY


def test_a_link_or_neighbour_that_fails_is_not_waited_for_any_longer(build: Build) -> None:
    for place, broken in (("wire", "wire"), ("right", "right")):
        bed = build(faults=faults("restart", match=broken, lasting=True))
        noted = note(bed)
        names = [f"{one}{place}" for one in ("left", "right", "wire")]
        left = bed.node(names[0], script="date", operational=CONFIGURING)
        right = bed.node(
            "right" if broken == "right" else names[1], script="date", operational=CONFIGURING
        )
        other = bed.sliver(right).client_id
        wire = bed.link(
            "wire" if broken == "wire" else names[2], names[0], other, operational=CONFIGURING
        )
        one = reconciler(bed)
        settle(bed, one)
        bed.watch.forward(seconds=5)
        settle(bed, one)
        assert bed.sliver(left).operational is READY
        assert f"served {names[0]}" in noted.done
        assert bed.sliver(wire if broken == "wire" else right).operational is FAILED


def test_failed_services_are_told_and_leave_a_way_in_and_restart_tries_again(bed: Testbed) -> None:
    broken = [DriverError("service 1 gave 7", lasting=True)]

    def fail(_order: Order, _wanted: Wanted) -> None:
        if broken:
            raise broken.pop()

    noted = note(bed, fail)
    left = bed.node("left", script="date", operational=CONFIGURING)
    settle(bed)
    failed = bed.sliver(left)
    assert (failed.operational, failed.error) == (FAILED, "service 1 gave 7")
    assert failed.access is not None
    # as geni_restart from geni_failed
    bed.order(left, operational=CONFIGURING, step=Step.PREPARE, access=None)
    settle(bed)
    assert bed.sliver(left).operational is READY
    assert noted.done == ["up left", "up left", "served left"]


@pytest.mark.parametrize("late", [False, True])
def test_a_link_is_ready_although_an_ends_services_failed(bed: Testbed, *, late: bool) -> None:
    def fail(order: Order, _wanted: Wanted) -> None:
        if order.contents.resource.client_id == "right":
            raise DriverError("service 1 gave 3", lasting=True)

    noted = note(bed, fail)
    left, right = bed.node("left"), bed.node("right", script="exit 3")
    wire = bed.link("wire", "left", "right")
    settle(bed)
    one = reconciler(bed)
    bed.start(left, right)
    if late:
        # the services have failed before the link is started
        settle(bed, one)
    bed.start(wire)
    settle(bed, one)
    assert "up wire" in noted.done
    assert bed.sliver(right).operational is FAILED
    assert bed.sliver(wire).operational is READY
    # geni_restart of both, which fails likewise
    bed.order([right, wire], operational=CONFIGURING, step=Step.PREPARE, access=None)
    settle(bed, one)
    assert bed.sliver(right).operational is FAILED
    assert bed.sliver(wire).operational is READY


def test_a_link_fails_with_an_end_that_does_not_run(build: Build) -> None:
    bed = build(faults=faults("start", match="right", times=1, lasting=True))
    noted = note(bed)
    left, right = bed.node("left", script="date"), bed.node("right")
    wire = bed.link("wire", "left", "right")
    settle(bed)
    one = reconciler(bed)
    bed.start(wire, left, right)
    # nobody waits for a time to come
    settle(bed, one)
    failed = bed.sliver(wire)
    assert (failed.operational, failed.step) == (FAILED, None)
    assert failed.error == "its end right failed and does not run"
    assert bed.sliver(right).operational is FAILED
    assert bed.sliver(left).operational is READY
    # geni_restart of both
    bed.order([wire, right], operational=CONFIGURING, step=Step.PREPARE)
    settle(bed, one)
    assert {bed.sliver(each).operational for each in (wire, right)} == {READY}
    assert noted.done[-2:] == ["up right", "up wire"]


def test_services_that_wait_for_each_other_need_no_workers(bed: Testbed) -> None:
    count = 20
    together = threading.Barrier(count, timeout=60)

    def meet(_order: Order, _wanted: Wanted) -> None:
        together.wait()

    note(bed, meet)
    nodes = [bed.node(f"n{number}", script="date") for number in range(count)]
    names = [f"n{number}" for number in range(count)]
    wire = bed.link("wire", *names)
    with running(bed, workers=2) as one:
        until(lambda: all(bed.sliver(each).operational is NOTREADY for each in (*nodes, wire)))
        bed.start(*nodes, wire)
        one.wake()
        until(lambda: bed.sliver(wire).operational is READY)
        assert all(bed.sliver(each).operational is READY for each in nodes)


def test_services_end_when_they_are_not_wanted_any_more(bed: Testbed) -> None:
    begun, waiting = threading.Event(), threading.Event()

    def hang(_order: Order, wanted: Wanted) -> None:
        begun.set()
        while wanted():
            waiting.wait(0.01)
        raise DriverError("it is not wanted")

    note(bed, hang)
    left = bed.node("left", script="date", operational=CONFIGURING)
    with running(bed) as one:
        assert begun.wait(60)
        bed.delete(left)
        bed.watch.forward(seconds=EXTEND.total_seconds())
        one.wake()
        until(lambda: bed.held() == 0)
        # 2. nor does one who stops wait for them
        begun.clear()
        right = bed.node("right", script="date", operational=CONFIGURING)
        one.wake()
        assert begun.wait(60)
    assert bed.sliver(right).step is Step.SERVICES
