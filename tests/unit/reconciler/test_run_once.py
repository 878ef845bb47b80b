"""One round after another, in the test's thread and by its clock."""

import logging
import re
from collections.abc import Callable
from dataclasses import replace
from typing import ClassVar

import pytest

from gcf_am.manager import outcome
from gcf_am.manager.ports import DriverError, Order
from gcf_am.model.sliver import Access, Login, NodePlacement, Step
from gcf_am.reconciler import Reconciler
from gcf_am.reconciler.loop import LEASE
from gcf_am.reconciler.pauses import ATTEMPTS
from gcf_am.urn import Urn
from tests.unit.reconciler.conftest import Build
from tests.unit.reconciler.testbed import (
    CONFIGURING,
    FAILED,
    NOTREADY,
    PENDING,
    READY,
    SLICE,
    STOPPING,
    UNALLOCATED,
    Testbed,
)

ALICE = Login("urn:publicid:IDN+ch.test+user+alice", "alice", ("ssh-ed25519 AAAA",))


def reconciler(bed: Testbed, owner: str = "one") -> Reconciler:
    return Reconciler(bed.aggregate, workers=10, owner=owner)


def settle(bed: Testbed, one: Reconciler | None = None) -> None:
    """Work until nothing is to be done at this time."""
    one = one or reconciler(bed)
    while one.run_once():
        pass


def faults(method: str, **rule: object) -> list[dict[str, object]]:
    return [{"method": method, **rule}]


class Interrupted:
    """A driver to whose machines something happens while a method works."""

    name: ClassVar[str] = "interrupted"

    def __init__(self, bed: Testbed, method: str, happens: Callable[[Order], None]) -> None:
        self._driver = bed.driver
        self._method = method
        self._happens = happens

    def __getattr__(self, name: str) -> object:
        method = getattr(self._driver, name)
        if name != self._method:
            return method

        def interrupted(order: Order) -> object:
            answer = method(order)
            self._happens(order)
            return answer

        return interrupted


def interrupt(bed: Testbed, method: str, happens: Callable[[Order], None]) -> None:
    bed.driver = Interrupted(bed, method, happens)  # type: ignore[assignment]


def test_nothing_owed_is_nothing_done(bed: Testbed) -> None:
    assert not reconciler(bed).run_once()


def test_a_node_is_prepared_and_not_started(bed: Testbed) -> None:
    left = bed.node("left")
    settle(bed)
    assert bed.sliver(left).operational is NOTREADY
    assert bed.sliver(left).step is None
    assert not bed.there()[left].running


def test_a_node_comes_up_and_can_be_logged_in_to(bed: Testbed) -> None:
    left = bed.node("left")
    settle(bed)
    bed.start(left)
    settle(bed)
    assert bed.sliver(left).operational is READY
    assert bed.sliver(left).access == Access("left.mine.sim.invalid", 22)
    assert bed.there()[left].running


def test_stop_restart_and_users(bed: Testbed) -> None:
    left = bed.node("left", operational=CONFIGURING, step=Step.RESTART)
    settle(bed)
    bed.order(left, operational=STOPPING, step=Step.STOP)
    settle(bed)
    assert bed.sliver(left).operational is NOTREADY
    assert not bed.there()[left].running
    bed.order(left, operational=CONFIGURING, step=Step.RESTART)
    settle(bed)
    assert bed.there()[left].running
    updating = type(READY).UPDATING_USERS
    bed.order(left, operational=updating, step=Step.UPDATE_USERS, logins=(ALICE,))
    settle(bed)
    assert bed.sliver(left).operational is READY
    assert bed.sliver(left).access is not None


def test_a_link_is_ready_when_its_ends_are(bed: Testbed) -> None:
    # decision 8
    left, right = bed.node("left"), bed.node("right")
    wire = bed.link("wire", "left", "right")
    settle(bed)
    bed.start(wire, left)
    settle(bed)
    assert bed.sliver(left).operational is READY
    assert bed.sliver(wire).operational is CONFIGURING
    bed.start(right)
    settle(bed)
    assert bed.sliver(wire).operational is READY
    assert bed.there()[wire].running


def test_holds_end_when_the_driver_confirmed_and_not_before(build: Build) -> None:
    # decision 2
    bed = build(faults=faults("destroy", times=1, text="the power switch is stuck"))
    left = bed.node("left")
    one = reconciler(bed)
    settle(bed, one)
    bed.delete(left)
    settle(bed, one)
    assert bed.held() == 1
    assert bed.sliver(left).step is Step.DESTROY
    assert bed.sliver(left).error == "the power switch is stuck"
    bed.watch.forward(seconds=2)
    settle(bed, one)
    assert bed.held() == 0
    assert bed.there() == {}
    assert (bed.sliver(left).step, bed.sliver(left).error) == (None, "")


def test_a_failure_that_may_pass_is_tried_again_after_a_pause(build: Build) -> None:
    bed = build(faults=faults("start", times=2, text="no lease"))
    left = bed.node("left")
    one = reconciler(bed)
    settle(bed, one)
    bed.start(left)
    settle(bed, one)
    assert (bed.sliver(left).operational, bed.sliver(left).error) == (CONFIGURING, "no lease")
    bed.watch.forward(seconds=1)
    settle(bed, one)
    assert bed.sliver(left).operational is CONFIGURING
    bed.watch.forward(seconds=1)
    assert not one.run_once()
    bed.watch.forward(seconds=1)
    settle(bed, one)
    assert (bed.sliver(left).operational, bed.sliver(left).error) == (READY, "")


def test_a_failure_that_does_not_pass_is_given_up(build: Build) -> None:
    bed = build(faults=faults("start", text="no lease"))
    left = bed.node("left")
    one = reconciler(bed)
    settle(bed, one)
    bed.start(left)
    for _ in range(ATTEMPTS):
        assert bed.sliver(left).operational is CONFIGURING
        settle(bed, one)
        bed.watch.forward(minutes=1)
    assert (bed.sliver(left).operational, bed.sliver(left).error) == (FAILED, "no lease")
    assert bed.sliver(left).step is None
    assert bed.held() == 1


def test_a_lasting_failure_is_told_at_once_and_restart_builds_anew(build: Build) -> None:
    bed = build(faults=faults("prepare", times=1, lasting=True, text="no such image"))
    left = bed.node("left")
    settle(bed)
    assert (bed.sliver(left).operational, bed.sliver(left).error) == (FAILED, "no such image")
    bed.order(left, operational=CONFIGURING, step=Step.RESTART)
    settle(bed)
    assert bed.sliver(left).operational is READY
    assert bed.there()[left].running


def test_one_failure_is_not_its_neighbours(build: Build) -> None:
    bed = build(faults=faults("prepare", match="left", lasting=True))
    left, right = bed.node("left"), bed.node("right")
    settle(bed)
    assert bed.sliver(left).operational is FAILED
    assert bed.sliver(right).operational is NOTREADY


def test_destruction_is_tried_for_ever_with_growing_pauses(build: Build) -> None:
    bed = build(faults=faults("destroy", lasting=True))
    left = bed.node("left")
    one = reconciler(bed)
    settle(bed, one)
    bed.delete(left)
    settle(bed, one)
    for pause in (1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 600, 600):
        bed.watch.forward(seconds=pause - 1)
        assert not one.run_once()
        bed.watch.forward(seconds=1)
        assert one.run_once()
    assert bed.held() == 1


def test_an_emergency_stop_is_tried_for_ever_and_often(build: Build) -> None:
    bed = build(faults=faults("freeze", lasting=True, text="it will not stand still"))
    left = bed.node("left", operational=CONFIGURING, step=Step.RESTART)
    one = reconciler(bed)
    settle(bed, one)
    bed.shut()
    settle(bed, one)
    for pause in (1, 2, 4, 8, 10, 10):
        bed.watch.forward(seconds=pause - 1)
        assert not one.run_once()
        bed.watch.forward(seconds=1)
        assert one.run_once()
    assert bed.sliver(left).step is Step.FREEZE
    assert bed.sliver(left).operational is READY
    assert bed.sliver(left).error == "it will not stand still"


def test_an_emergency_stop_does_not_wait_for_work_under_way(bed: Testbed) -> None:
    left = bed.node("left")
    settle(bed)
    bed.start(left)
    frozen = []
    prompt = bed.driver

    def stop_it(_order: Order) -> None:
        bed.shut()
        settle(bed, reconciler(bed, "two"))
        frozen.append((bed.there()[left].running, bed.sliver(left).step))

    interrupt(bed, "start", stop_it)
    reconciler(bed).run_once()
    assert frozen == [(False, None)]
    # what the work under way came to is not written any more
    assert bed.sliver(left).operational is CONFIGURING
    assert bed.sliver(left).error == "frozen: its slice was shut down"
    assert not bed.there()[left].running
    bed.driver = prompt
    bed.release()
    settle(bed)
    assert bed.sliver(left).operational is READY
    assert bed.sliver(left).error == ""


def test_a_driver_that_breaks_its_promise_fails_that_sliver_only(
    bed: Testbed, caplog: pytest.LogCaptureFixture
) -> None:
    left, right = bed.node("left"), bed.node("right")

    def breaks(order: Order) -> None:
        if order.sliver == left:
            raise KeyError("secret path")

    interrupt(bed, "prepare", breaks)
    settle(bed)
    assert bed.sliver(left).operational is FAILED
    assert bed.sliver(left).error == "the driver failed; the operator's log says why"
    assert bed.sliver(right).operational is NOTREADY
    assert "secret path" in caplog.text


def test_what_changed_while_the_driver_worked_is_not_overwritten(bed: Testbed) -> None:
    # decision 5: every result is written where the generation is still mine
    left = bed.node("left")
    interrupt(bed, "prepare", lambda order: bed.delete(left))
    one = reconciler(bed)
    one.run_once()
    assert bed.sliver(left).allocation is UNALLOCATED
    assert bed.sliver(left).step is Step.DESTROY
    settle(bed, one)
    assert bed.there() == {}
    assert bed.held() == 0


def test_whoever_dies_at_work_is_succeeded_when_the_lease_lapsed(bed: Testbed) -> None:
    left = bed.node("left")

    def dies(order: Order) -> None:
        raise KeyboardInterrupt

    healthy = bed.driver
    interrupt(bed, "prepare", dies)
    with pytest.raises(KeyboardInterrupt):
        reconciler(bed, "dying").run_once()
    bed.driver = healthy
    other = reconciler(bed, "other")
    settle(bed, other)
    assert bed.sliver(left).operational is PENDING
    bed.watch.forward(seconds=LEASE.total_seconds())
    settle(bed, other)
    assert bed.sliver(left).operational is NOTREADY


def test_a_worker_whose_lease_lapsed_writes_nothing(bed: Testbed) -> None:
    left = bed.node("left")
    with bed.store.write() as unit:
        now = bed.watch.now()
        (lease,) = unit.lease_work("slow", now, now + LEASE, 10)
        assert outcome.begin(unit, [lease]) != [None]
    bed.watch.forward(seconds=LEASE.total_seconds())
    settle(bed, reconciler(bed, "other"))
    late = outcome.Ended(lease, Step.PREPARE, error=DriverError("late", lasting=True))
    outcome.finish(bed.aggregate, [late])
    assert (bed.sliver(left).operational, bed.sliver(left).error) == (NOTREADY, "")


def test_two_reconcilers_share_the_work_without_doing_it_twice(bed: Testbed) -> None:
    orders: list[str] = []
    interrupt(bed, "prepare", lambda order: orders.append(order.sliver.text))
    slivers = [bed.node(f"n{number}") for number in range(9)]
    pair = [Reconciler(bed.aggregate, workers=2, owner=owner) for owner in ("one", "two")]
    while pair[0].run_once() or pair[1].run_once():
        pair.reverse()
    assert sorted(orders) == sorted(one.text for one in slivers)


def test_what_expired_is_torn_down_by_itself(bed: Testbed) -> None:
    # AM API v3, Common Concepts: slivers end at geni_expires without any call
    left = bed.node("left")
    settle(bed)
    bed.watch.forward(days=7)
    settle(bed)
    assert bed.sliver(left).allocation is UNALLOCATED
    assert bed.there() == {}
    assert bed.held() == 0


def test_an_allocated_sliver_expires_without_the_driver(bed: Testbed) -> None:
    allocated = type(UNALLOCATED).ALLOCATED
    left = bed.node("left", allocation=allocated, step=None, touched=False)
    interrupt(bed, "destroy", lambda order: pytest.fail("the driver never had it"))
    bed.watch.forward(days=7)
    settle(bed)
    assert bed.sliver(left).allocation is UNALLOCATED
    assert bed.held() == 0


def test_new_contents_of_what_runs_are_built_and_brought_up(bed: Testbed) -> None:
    left = bed.node("left", operational=CONFIGURING, step=Step.RESTART)
    settle(bed)
    contents = bed.sliver(left).contents
    assert isinstance(contents.placement, NodePlacement)
    placement = replace(contents.placement, disk_image="fedora")
    bed.order(
        left,
        contents=replace(contents, placement=placement),
        operational=CONFIGURING,
        step=Step.PREPARE,
    )
    settle(bed)
    assert bed.sliver(left).operational is READY
    assert bed.there()[left].running


def test_what_runs_and_is_changed_is_not_started_anew(bed: Testbed) -> None:
    left = bed.node("left", operational=CONFIGURING, step=Step.RESTART)
    settle(bed)
    calls: list[str] = []
    interrupt(bed, "restart", lambda _order: calls.append("restart"))
    interrupt(bed, "start", lambda _order: calls.append("start"))
    bed.order(left, operational=CONFIGURING, step=Step.CHANGE)
    settle(bed)
    assert calls == ["start"]
    assert bed.sliver(left).operational is READY


def test_a_link_that_runs_is_changed_when_its_ends_are_ready(bed: Testbed) -> None:
    left, right = (bed.node(one) for one in ("left", "right"))
    wire = bed.link("wire", "left", "right")
    settle(bed)
    bed.start(left, right, wire)
    settle(bed)
    calls: list[Urn] = []
    interrupt(bed, "prepare", lambda order: calls.append(order.sliver))
    bed.order([wire, left], operational=CONFIGURING, step=Step.CHANGE)
    settle(bed)
    assert calls == [left, wire]
    assert bed.sliver(wire).operational is READY
    # one that does not run waits for nobody
    bed.order(right, operational=STOPPING, step=Step.STOP)
    bed.order(wire, operational=PENDING, step=Step.CHANGE)
    settle(bed)
    assert bed.sliver(wire).operational is NOTREADY


def test_each_step_is_told_with_its_slice_sliver_and_time(
    build: Build, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "gcf_am.reconciler")
    bed = build(faults=faults("start", times=1, text="no lease"))
    left = bed.node("left")
    settle(bed)
    bed.start(left)
    settle(bed)
    told = [one.getMessage() for one in caplog.records if one.name == "gcf_am.reconciler.work"]
    begin = rf"{re.escape(SLICE.text)} {re.escape(left.text)}"
    assert re.fullmatch(rf"{begin} prepare \d+\.\d{{3}} s done", told[0])
    assert re.fullmatch(
        rf"{begin} start \d+\.\d{{3}} s failed, again in 0:00:01: no lease", told[1]
    )
