"""Reserved everywhere or nowhere, whatever aggregates do and wherever a worker is killed."""

import logging
from contextlib import suppress
from datetime import timedelta
from threading import Semaphore

import pytest

from gcf_am.homing.plans.booking import Booking, Held
from gcf_am.homing.plans.ledger import bookings_of
from gcf_am.homing.plans.plan import Plan, Status
from gcf_am.homing.plans.repository import Plans
from gcf_am.homing.reserve.controller import Receipt
from tests.unit.homing.service.world import (
    LEASE,
    OWNER,
    SLICE,
    TEMPLATE,
    Killed,
    World,
    asked,
    manager,
    work,
)

OLDER = "urn:sliver:older"


def begun(plans: Plans, world: World, template: str = TEMPLATE) -> str:
    """A plan, and an older sliver of the slice that nobody may touch."""
    world.aggregates[manager("x")].slivers[OLDER] = "a"
    return plans.add(asked(template), world.now()).id


def ended(plans: Plans, world: World, id_: str, most: int = 10) -> Plan:
    """Workers until nothing is left to do; each finds leases of the dead ended."""
    for number in range(most):
        world.time += 2 * LEASE
        if work(world, plans, f"later {number}") is None:
            break
    plan = plans.get(OWNER, id_)
    assert plan is not None
    return plan


def consistent(plans: Plans, world: World, plan: Plan) -> None:
    """What the log says is held is there, and nothing else but what was there before."""
    held = [one for one in bookings_of(plans.database, plan.id) if one.state is Held.HELD]
    told = {urn for one in held for urn in one.slivers.values()}
    assert {*world.held()} == told | {OLDER}
    assert len(told) in {0, 3}
    assert (len(told) == 3) == (plan.status is Status.DONE)


def test_three_slivers_at_three_aggregates(plans: Plans) -> None:
    world = World()
    id_ = begun(plans, world)
    plan = ended(plans, world, id_)
    assert (plan.status, plan.attempts) == (Status.DONE, 1)
    consistent(plans, world, plan)
    rows = bookings_of(plans.database, id_)
    assert [one.aggregate for one in rows] == [manager(one) for one in "xyz"]
    assert all(one.slice_urn == SLICE and len(one.slivers) == 1 for one in rows)
    assert 'client_id="a"' in rows[0].request


def test_what_is_refused_is_excluded_and_solved_again(plans: Plans) -> None:
    world = World()
    id_ = begun(plans, world)
    world.aggregates[manager("y")].mood = "refuse"
    plan = ended(plans, world, id_)
    assert (plan.status, plan.attempts) == (Status.DONE, 2)
    # the node alone: y itself was not the reason
    assert [one.candidate for one in plan.excluded] == [f"urn:node:1:{manager('y')}"]
    consistent(plans, world, plan)


def test_an_aggregate_that_is_not_there_is_excluded_as_a_whole(plans: Plans) -> None:
    world = World()
    id_ = begun(plans, world)
    world.aggregates[manager("z")].down = True
    plan = ended(plans, world, id_)
    assert (plan.status, plan.attempts) == (Status.DONE, 2)
    assert [(one.aggregate, one.candidate) for one in plan.excluded] == [(manager("z"), "")]
    consistent(plans, world, plan)


def test_attempts_are_bounded_and_end_with_the_reasons(plans: Plans) -> None:
    world = World()
    for one in world.aggregates.values():
        one.mood = "refuse"
    plan = ended(plans, world, plans.add(asked(), world.now()).id)
    assert plan.status in {Status.ERROR, Status.NOT_FOUND}
    assert "no room on urn:node" in plan.message
    assert world.held() == {}


@pytest.mark.parametrize("provision", [False, True])
def test_an_answer_that_never_came_leaves_nothing(plans: Plans, provision: bool) -> None:
    """161: the slivers are there, the aggregate dies before it says so, and comes back."""
    world = World()
    request = f"{{slice_urn: {SLICE}, provision: {str(provision).lower()}}}"
    id_ = begun(plans, world, TEMPLATE.replace(f"{{slice_urn: {SLICE}}}", request))
    deaf = world.aggregates[manager("y")]
    deaf.mood = "deaf"
    work(world, plans, "w")
    plan = plans.get(OWNER, id_)
    assert plan is not None
    assert plan.status is Status.DONE
    assert len(deaf.slivers) == 1
    assert [one.state for one in bookings_of(plans.database, id_) if one.attempt == 1] == [
        Held.RELEASED, Held.CALLING, Held.RELEASED]  # fmt: skip
    # while it is away it is asked again and again
    world.time += LEASE
    work(world, plans, "w")
    assert len(deaf.slivers) == 1
    deaf.mend()
    ended(plans, world, id_)
    assert deaf.slivers == {}
    wanted = Held.PROVISIONED if provision else Held.HELD
    assert [one.state for one in bookings_of(plans.database, id_) if one.attempt == 2] == [
        wanted, wanted]  # fmt: skip


class Late(World):
    """y answers when the others have reserved, and `after` so long."""

    def __init__(self, after: timedelta) -> None:
        super().__init__()
        self.after = after
        self.others = Semaphore(0)

    def reserve(self, booking: Booking) -> Receipt:
        if booking.aggregate != manager("y"):
            receipt = super().reserve(booking)
            self.others.release()
            return receipt
        for _ in range(2):
            assert self.others.acquire(timeout=60)
        self.time += self.after
        return super().reserve(booking)


@pytest.mark.parametrize(
    ("minutes", "x", "left"),
    [(7, "", [3, 10, 3]), (9, "", [10, 10, 10]), (9, "strict", [1, 10, 10])],
)
def test_what_ends_soon_as_another_was_late_is_renewed(
    plans: Plans, minutes: int, x: str, left: list[int]
) -> None:
    """Facts of Homing, 3.7: a lease of 10 minutes; who does not renew holds for a minute yet."""
    world = Late(timedelta(minutes=minutes))
    world.aggregates[manager("x")].mood = x
    id_ = plans.add(asked(), world.now()).id
    work(world, plans, "w")
    plan = plans.get(OWNER, id_)
    assert plan is not None
    assert (plan.status, plan.attempts) == (Status.DONE, 1)
    ends = [one.expires for one in bookings_of(plans.database, id_)]
    assert ends == [world.time + timedelta(minutes=one) for one in left]


def test_each_log_line_has_the_transaction(plans: Plans, caplog: pytest.LogCaptureFixture) -> None:
    """9: of stages and of the saga: slivers found later, and those that are not given back."""
    caplog.set_level(logging.INFO, "gcf_am.homing")
    world = World()
    id_ = plans.add(asked(transaction_id="t-42"), world.now()).id
    deaf = world.aggregates[manager("y")]
    deaf.mood = "deaf"
    work(world, plans, "w")
    deaf.mend()
    ended(plans, world, id_)
    world.aggregates[manager("x")].down = True
    assert plans.end(OWNER, id_, world.now(), release=False)
    work(world, plans, "last")
    lines = [one.message for one in caplog.records if one.name.startswith("gcf_am.homing.")]
    for what in ("is done", "held slivers after all", "keeps slivers"):
        assert any(what in one for one in lines), what
    assert all(one.startswith(f"plan {id_} (transaction t-42)") for one in lines)


def test_what_cannot_be_given_back_is_tried_until_it_ends_by_itself(plans: Plans) -> None:
    """163."""
    world = World()
    id_ = begun(plans, world)
    world.aggregates[manager("y")].mood = "deaf"
    work(world, plans, "w")
    world.time += timedelta(hours=3)
    ended(plans, world, id_)
    states = {
        one.state for one in bookings_of(plans.database, id_) if one.aggregate == manager("y")
    }
    assert states == {Held.LEAKED}


def test_deletion_gives_back_what_is_held_and_frees_the_name(plans: Plans) -> None:
    """167."""
    world = World()
    id_ = begun(plans, world)
    ended(plans, world, id_)
    assert len(world.held()) == 4
    assert plans.end(OWNER, id_, world.now(), release=False)
    assert plans.get(OWNER, id_) is None
    work(world, plans, "w")
    assert {*world.held()} == {OLDER}
    plans.add(asked(), world.now())


def test_nothing_is_reserved_where_nothing_says_so(plans: Plans) -> None:
    """165."""
    world = World()
    template = TEMPLATE.partition("reservations")[0]
    plan = ended(plans, world, plans.add(asked(template), world.now()).id)
    assert plan.status is Status.DONE
    assert world.held() == {}


def total(plans: Plans, mood: str) -> int:
    """How many steps an undisturbed worker takes."""
    world = World()
    id_ = begun(plans, world)
    world.aggregates[manager("y")].mood = mood
    work(world, plans, "w")
    assert plans.end(OWNER, id_, world.now(), release=True)
    world.aggregates[manager("y")].mend()
    world.time += 2 * LEASE
    work(world, plans, "w")
    return world.steps


@pytest.mark.parametrize("mood", ["", "refuse", "silent", "deaf"])
def test_no_orphan_wherever_the_worker_is_killed(plans: Plans, mood: str) -> None:
    """162: at each step, and whatever the second aggregate does meanwhile."""
    for dies_at in range(1, total(plans, mood) + 1):
        world = World(dies_at=dies_at)
        id_ = begun(plans, world)
        world.aggregates[manager("y")].mood = mood
        with suppress(Killed):
            work(world, plans, "w")
        world.dies_at = None
        ended(plans, world, id_, most=2)
        world.aggregates[manager("y")].mend()
        plan = ended(plans, world, id_)
        assert plan.status is Status.DONE, (dies_at, plan)
        consistent(plans, world, plan)
        assert plans.end(OWNER, id_, world.now(), release=True)
        ended_none = work(world, plans, "last")
        assert ended_none is not None
        assert {*world.held()} == {OLDER}
