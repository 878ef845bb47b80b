"""Plans: whose they are, who works on them, how they move."""

import hashlib
import threading
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gcf_am.errors import ConfigError
from gcf_am.homing.plans.booking import Booking, Held
from gcf_am.homing.plans.ledger import Ledger
from gcf_am.homing.plans.plan import Plan, Status, may_follow
from gcf_am.homing.plans.repository import Holds, Lost, Plans, Taken
from gcf_am.homing.plans.seats import Licence, NoSeats, read_licences
from tests.unit.homing.plans.asking import ALICE, BOB, NOW, asked

LEASE = timedelta(seconds=15)
SECRET = {"geni_type": "geni_sfa", "geni_version": "3", "geni_value": "very secret"}


class Stopped:
    """A clock that stands."""

    def now(self) -> object:
        return NOW


def claimed(plans: Plans, worker: str = "w", after: timedelta = timedelta()) -> Plan:
    plan = plans.claim(worker, NOW + after, LEASE)
    assert plan is not None
    return plan


def booking(plan: str, state: Held = Held.PLANNED) -> Booking:
    return Booking(
        0, plan, 1, "urn:a", "https://a/", "urn:s", "<rspec/>", {"x": "urn:n"}, state, {}, None, ""
    )


def ledger(plans: Plans, plan: str, worker: str = "w") -> Ledger:
    return Ledger(plans.database, plan, worker, Stopped())  # type: ignore[arg-type]


def test_a_plan_is_its_owners_alone(plans: Plans) -> None:
    one = plans.add(asked(1), NOW)
    plans.add(asked(2, BOB), NOW)
    assert plans.get(ALICE, one.id) == one
    assert plans.get(BOB, one.id) is None
    assert [plan.id for plan in plans.of_owner(ALICE)] == [one.id]
    assert plans.end(BOB, one.id, NOW, release=True) is False
    assert plans.get(ALICE, one.id) == one


@pytest.mark.parametrize(("again", "what"), [(asked(1, BOB), "name")])
def test_names_and_ids_are_unique_until_the_plan_is_gone(
    plans: Plans, again: object, what: str
) -> None:
    one = plans.add(asked(1), NOW)
    with pytest.raises(Taken, match=what):
        plans.add(again, NOW)  # type: ignore[arg-type]
    assert plans.end(ALICE, one.id, NOW, release=False)
    assert plans.end(ALICE, one.id, NOW, release=False) is False
    plans.add(asked(1), NOW)


def test_credentials_are_sealed_and_dropped_at_the_end(plans: Plans) -> None:
    one = plans.add(asked(1, credentials=(SECRET,)), NOW)
    assert plans.credentials(one.id) == (SECRET,)
    with plans.database.reading() as connection:
        rows = connection.exec_driver_sql("SELECT * FROM homing_plans").all()
    assert "very secret" not in repr(rows)
    plans.drop_credentials(NOW)
    assert plans.credentials(one.id) == (SECRET,)
    plans.move(claimed(plans), "w", Status.ERROR, NOW)
    plans.drop_credentials(NOW)
    assert plans.credentials(one.id) == ()


def test_what_a_plan_holds_keeps_its_credentials_until_it_expires(plans: Plans) -> None:
    one = plans.add(asked(1, credentials=(SECRET,)), NOW)
    plan = claimed(plans)
    (written,) = ledger(plans, one.id).write([booking(one.id)])
    ledger(plans, one.id).mark(written, Held.HELD, expires=NOW + LEASE)
    plans.move(plan, "w", Status.ERROR, NOW)
    plans.drop_credentials(NOW)
    assert plans.credentials(one.id)
    plans.drop_credentials(NOW + 2 * LEASE)
    assert not plans.credentials(one.id)


def test_who_has_a_plan_has_it_until_the_lease_ends(plans: Plans) -> None:
    one = plans.add(asked(1), NOW)
    mine = claimed(plans, "first")
    assert plans.claim("second", NOW + LEASE / 2, LEASE) is None
    assert plans.renew(one.id, "first", NOW + LEASE / 2, LEASE)
    assert plans.claim("second", NOW + LEASE * 1.2, LEASE) is None
    # the first died: the second has it, and the first, should it live after all, learns so
    assert claimed(plans, "second", LEASE * 2).id == one.id
    assert not plans.renew(one.id, "first", NOW + LEASE * 2, LEASE)
    with pytest.raises(Lost):
        plans.move(mine, "first", Status.TRANSLATED, NOW)
    with pytest.raises(Lost):
        ledger(plans, one.id, "first").write([booking(one.id)])


def test_solving_that_was_left_behind_begins_anew(plans: Plans) -> None:
    plans.add(asked(1), NOW)
    plan = plans.move(claimed(plans), "w", Status.TRANSLATED, NOW)
    plans.move(plan, "w", Status.SOLVING, NOW)
    assert claimed(plans, "other", LEASE * 2).status is Status.TRANSLATED


def test_four_workers_never_have_one_plan_twice(plans: Plans) -> None:
    for number in range(40):
        plans.add(asked(number), NOW)
    taken: list[str] = []

    def work(name: str) -> None:
        while (plan := plans.claim(name, NOW, LEASE)) is not None or plans.count() > len(taken):
            if plan is not None:
                taken.append(plan.id)

    workers = [threading.Thread(target=work, args=(f"w{n}",)) for n in range(4)]
    for one in workers:
        one.start()
    for one in workers:
        one.join()
    assert len(taken) == len(set(taken)) == 40


def test_a_plan_that_is_deleted_is_seen_by_nobody_and_ends(plans: Plans) -> None:
    one = plans.add(asked(1), NOW)
    plan = claimed(plans)
    assert plans.end(ALICE, one.id, NOW, release=False)
    assert plans.get(ALICE, one.id) is None
    # its worker learns of it, and its name is taken until it is gone
    assert not plans.renew(one.id, "w", NOW, LEASE)
    with pytest.raises(Lost):
        plans.move(plan, "w", Status.TRANSLATED, NOW)
    with pytest.raises(Taken):
        plans.add(asked(1), NOW)
    plans.let_go(one.id, "w")
    assert claimed(plans, "other").ending
    plans.erase(one.id, "other")
    plans.add(asked(1), NOW)


def test_provisioned_slivers_are_not_given_back_in_silence(plans: Plans) -> None:
    one = plans.add(asked(1), NOW)
    claimed(plans)
    (written,) = ledger(plans, one.id).write([booking(one.id)])
    ledger(plans, one.id).mark(written, Held.PROVISIONED)
    with pytest.raises(Holds):
        plans.end(ALICE, one.id, NOW, release=False)
    assert plans.end(ALICE, one.id, NOW, release=True)


def test_old_plans_are_purged_but_none_that_holds_slivers(plans: Plans) -> None:
    for number in (1, 2, 3):
        plans.add(asked(number), NOW)
    for number in (1, 2):
        plan = claimed(plans)
        if number == 2:
            (written,) = ledger(plans, plan.id).write([booking(plan.id)])
            ledger(plans, plan.id).mark(written, Held.HELD)
        plans.move(plan, "w", Status.ERROR, NOW)
        plans.let_go(plan.id, "w")
    assert plans.purge(NOW + LEASE) == 1
    assert [plan.asked.name for plan in plans.of_owner(ALICE)] == ["p2", "p3"]


@given(st.lists(st.sampled_from(Status), max_size=8))
@settings(derandomize=True, deadline=None, max_examples=50)
def test_only_documented_arrows(path: list[Status]) -> None:
    """Whatever path of statuses: it is either refused or one of the diagram."""
    here = Status.TEMPLATE
    for new in path:
        if may_follow(here, new):
            assert not here.final
            here = new
    told = {one: {new.value for new in Status if may_follow(one, new)} for one in Status}
    assert told["solved"] == {"reserving", "done", "error"}  # type: ignore[index]
    assert told["solving"] == {"solved", "not found", "error", "translated"}  # type: ignore[index]
    assert {one for one in Status if one.final} == {"not found", "done", "error"}


def test_the_last_seat_is_taken_once(plans: Plans) -> None:
    """124: of two plans that are solved at once one has it, and gives it back when it ends."""
    licences = {"l": Licence(1, hashlib.sha256(b"key").hexdigest())}
    plans = Plans(plans.database, plans._vault, licences)
    assert (plans.licences.free("l", "key"), plans.licences.free("l", "other")) == (1, 0)
    solving = []
    for number in (1, 2):
        plans.add(asked(number), NOW)
        plan = plans.move(claimed(plans, f"w{number}"), f"w{number}", Status.TRANSLATED, NOW)
        solving.append(plans.move(plan, f"w{number}", Status.SOLVING, NOW))
    got: list[str] = []

    def solved(plan: Plan, worker: str) -> None:
        try:
            plans.move(plan, worker, Status.SOLVED, NOW, seats={"l": 1})
            got.append(worker)
        except NoSeats:
            pass

    threads = [
        threading.Thread(target=solved, args=(plan, f"w{number}"))
        for number, plan in enumerate(solving, 1)
    ]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    (winner,) = got
    assert plans.licences.free("l", "key") == 0
    plan = plans.get(ALICE, solving[int(winner[1]) - 1].id)  # type: ignore[assignment]
    plans.move(plan, winner, Status.ERROR, NOW)
    assert plans.licences.free("l", "key") == 1


@pytest.mark.parametrize("told", ["x:00", "1", f"-1:{'0' * 64}", f"1:{'0' * 63}"])
def test_licences_that_are_none(told: str) -> None:
    with pytest.raises(ConfigError, match=r"x in \[homing.licences\]"):
        read_licences({"x": told})
