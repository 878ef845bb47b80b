"""What the driver finds, against what the store believes; the numbers are those of truth.py."""

from collections.abc import Mapping, Sequence
from typing import cast

import pytest

from gcf_am.drivers.simulated import SimulatedDriver
from gcf_am.manager.ports import Observed, Order
from gcf_am.model.sliver import Access, Step
from gcf_am.reconciler import Reconciler
from gcf_am.reconciler.truth import compare
from gcf_am.urn import Urn
from tests.contract.driver.orders import node as foreign_node
from tests.unit.reconciler.conftest import Build
from tests.unit.reconciler.test_run_once import faults, settle
from tests.unit.reconciler.testbed import (
    CONFIGURING,
    FAILED,
    NOTREADY,
    READY,
    SLICE,
    STOPPING,
    UNALLOCATED,
    Testbed,
)


def ready(bed: Testbed, name: str = "left") -> Urn:
    urn = bed.node(name, operational=CONFIGURING, step=Step.RESTART)
    settle(bed)
    assert bed.sliver(urn).operational is READY
    return urn


def world(bed: Testbed) -> SimulatedDriver:
    return cast("SimulatedDriver", bed.driver)


def test_what_is_as_it_should_be_is_left_alone(bed: Testbed) -> None:
    before = bed.sliver(ready(bed))
    assert compare(bed.aggregate) == 0
    assert bed.sliver(before.urn) == before


def test_1_what_lost_its_power_has_failed(bed: Testbed) -> None:
    left = ready(bed)
    world(bed).world.down(left.text)
    assert compare(bed.aggregate) == 1
    assert bed.sliver(left).operational is FAILED
    assert "does not run" in bed.sliver(left).error
    assert bed.sliver(left).access is None
    assert compare(bed.aggregate) == 0


def test_1_what_burnt_down_has_failed_and_is_built_anew_on_restart(bed: Testbed) -> None:
    left = ready(bed)
    world(bed).world.vanish(left.text)
    compare(bed.aggregate)
    assert bed.sliver(left).operational is FAILED
    assert "not there" in bed.sliver(left).error
    bed.order(left, operational=CONFIGURING, step=Step.RESTART, error="")
    settle(bed)
    assert bed.sliver(left).operational is READY
    assert bed.there()[left].running


def test_1_a_start_that_was_a_lie_comes_to_light(build: Build) -> None:
    bed = build(faults=faults("restart", kind="lies"))
    left = ready(bed)
    compare(bed.aggregate)
    assert bed.sliver(left).operational is FAILED


def test_1_a_link_fails_with_its_lost_end(bed: Testbed) -> None:
    left, right = ready(bed, "left"), ready(bed, "right")
    wire = bed.link("wire", "left", "right", operational=CONFIGURING, step=Step.RESTART)
    settle(bed)
    assert bed.sliver(wire).operational is READY
    world(bed).world.vanish(right.text)
    assert compare(bed.aggregate) == 2
    assert bed.sliver(wire).operational is FAILED
    assert right.text in bed.sliver(wire).error
    assert bed.sliver(left).operational is READY


def test_2_what_is_gone_before_it_was_started_has_failed(bed: Testbed) -> None:
    left = bed.node("left")
    settle(bed)
    world(bed).world.vanish(left.text)
    compare(bed.aggregate)
    assert bed.sliver(left).operational is FAILED


def test_3_what_runs_though_it_should_not_is_stopped(build: Build) -> None:
    bed = build(faults=faults("stop", kind="lies", times=1))
    left = ready(bed)
    bed.order(left, operational=STOPPING, step=Step.STOP)
    settle(bed)
    assert bed.there()[left].running
    assert compare(bed.aggregate) == 1
    assert not bed.there()[left].running
    assert bed.sliver(left).operational is NOTREADY


def test_4_a_new_place_to_log_in_is_learnt(bed: Testbed) -> None:
    left = ready(bed)
    bed.order(left, access=Access("old.sim.invalid", 2222))
    compare(bed.aggregate)
    assert bed.sliver(left).access == Access("left.mine.sim.invalid", 22)
    assert bed.sliver(left).operational is READY


def test_5_what_was_said_to_be_destroyed_is_destroyed(build: Build) -> None:
    bed = build(faults=faults("destroy", kind="lies", times=1))
    left = ready(bed)
    bed.delete(left)
    settle(bed)
    assert left in bed.there()
    assert compare(bed.aggregate) == 1
    assert bed.there() == {}
    assert bed.sliver(left).allocation is UNALLOCATED
    assert compare(bed.aggregate) == 0


def test_5_a_destruction_that_fails_again_is_tried_at_the_next_look(build: Build) -> None:
    rules = faults("destroy", kind="lies", times=1) + faults("destroy", times=1)
    bed = build(faults=rules)
    left = ready(bed)
    bed.delete(left)
    settle(bed)
    compare(bed.aggregate)
    assert left in bed.there()
    compare(bed.aggregate)
    assert bed.there() == {}


def test_6_what_the_store_never_heard_of_is_logged_and_left_alone(
    bed: Testbed, caplog: pytest.LogCaptureFixture
) -> None:
    bed.driver.prepare(foreign_node())
    assert compare(bed.aggregate) == 0
    assert foreign_node().sliver in bed.there()
    assert "never heard of" in caplog.text


@pytest.mark.parametrize("faulty", ["freeze", ""])
def test_7_what_runs_though_its_slice_is_shut_down_is_frozen(build: Build, faulty: str) -> None:
    bed = build(faults=faults(faulty, kind="lies", times=1) if faulty else [])
    left = ready(bed)
    bed.shut()
    settle(bed)
    assert bed.there()[left].running is bool(faulty)
    assert compare(bed.aggregate) == bool(faulty)
    assert not bed.there()[left].running
    assert bed.sliver(left).operational is READY


def test_7_what_becomes_of_it_meanwhile_is_told_when_it_is_released(bed: Testbed) -> None:
    left, right = ready(bed, "left"), ready(bed, "right")
    bed.shut()
    settle(bed)
    world(bed).world.down(left.text)
    world(bed).world.vanish(right.text)
    before = bed.sliver(left), bed.sliver(right)
    assert compare(bed.aggregate) == 0
    assert (bed.sliver(left), bed.sliver(right)) == before
    bed.release()
    settle(bed)
    assert bed.sliver(left).operational is FAILED
    assert bed.sliver(left).error == "left ended while it was frozen"
    compare(bed.aggregate)
    assert bed.sliver(right).operational is FAILED
    assert "not there" in bed.sliver(right).error


def test_7_a_late_freeze_does_not_undo_a_release(bed: Testbed) -> None:
    left = ready(bed)
    bed.shut()
    settle(bed)
    frozen = bed.sliver(left)
    bed.release()
    settle(bed)
    bed.driver.freeze(Order(left, SLICE, frozen.contents, frozen.generation))
    assert bed.there()[left].running


def test_what_is_owed_a_step_is_not_judged(bed: Testbed) -> None:
    left = bed.node("left")
    right = ready(bed, "right")
    bed.delete(right)
    bed.order(left, operational=CONFIGURING, step=Step.START)
    before = bed.sliver(left), bed.sliver(right)
    assert compare(bed.aggregate) == 0
    assert (bed.sliver(left), bed.sliver(right)) == before


def test_what_moved_on_meanwhile_is_not_judged_by_what_it_was(bed: Testbed) -> None:
    left, right = ready(bed, "left"), ready(bed, "right")
    wire = bed.link("wire", "left", "right", operational=CONFIGURING, step=Step.RESTART)
    settle(bed)
    prompt = world(bed)

    class Late(SimulatedDriver):
        def observe(self, orders: Sequence[Order]) -> Mapping[Urn, Observed]:
            bed.driver = prompt
            bed.delete(right)
            settle(bed)
            return super().observe(orders)

    bed.driver = Late(prompt._settings, prompt.world)
    compare(bed.aggregate)
    assert bed.sliver(right).allocation is UNALLOCATED
    assert bed.sliver(wire).operational is READY
    assert bed.sliver(left).operational is READY


def test_a_driver_that_cannot_look_changes_nothing(build: Build) -> None:
    bed = build(faults=faults("observe"))
    left = ready(bed)
    world(bed).world.vanish(left.text)
    assert compare(bed.aggregate) == 0
    assert bed.sliver(left).operational is READY


def test_it_looks_at_first_and_then_from_time_to_time(bed: Testbed) -> None:
    left = ready(bed)
    one = Reconciler(bed.aggregate, workers=1, owner="one")
    world(bed).world.down(left.text)
    one.run_once()
    assert bed.sliver(left).operational is FAILED
    bed.order(left, operational=CONFIGURING, step=Step.RESTART, error="")
    settle(bed, one)
    world(bed).world.down(left.text)
    one.run_once()
    assert bed.sliver(left).operational is READY
    bed.watch.forward(minutes=5)
    one.run_once()
    assert bed.sliver(left).operational is FAILED


def test_3_a_late_stop_does_not_undo_a_start(bed: Testbed) -> None:
    left = bed.node("left")
    settle(bed)
    old = bed.sliver(left)
    bed.start(left)
    settle(bed)
    bed.driver.stop(Order(left, SLICE, old.contents, old.generation))
    assert bed.there()[left].running
