from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from gcf_am.manager.ports import Lease, Store
from gcf_am.model.sliver import Sliver, Step
from tests.contract.store.samples import HOUR, NOW, node, slice_key

MINUTE = timedelta(minutes=1)
LATER = NOW + MINUTE


def added(store: Store, count: int = 1, step: Step | None = Step.PREPARE) -> list[Sliver]:
    with store.write() as unit:
        key = slice_key(unit)
        made = [node(unit, key, f"n{number}", step=step) for number in range(count)]
        unit.add(made)
    return made


def leased(
    store: Store, owner: str = "first", *, now: timedelta = timedelta(), limit: int = 10
) -> Sequence[Lease]:
    with store.write() as unit:
        return unit.lease_work(owner, NOW + now, NOW + now + MINUTE, limit)


def test_what_owes_a_step_is_leased_oldest_first_to_one_owner_only(store: Store) -> None:
    owing = added(store, 3)
    added(store, 1, step=None)
    assert leased(store, limit=2) == [Lease(one, "first", LATER) for one in owing[:2]]
    assert [lease.sliver for lease in leased(store, "second")] == owing[2:]
    assert leased(store) == []


def test_a_lease_that_ended_is_taken_by_others(store: Store) -> None:
    added(store)
    (lost,) = leased(store)
    assert leased(store, "second", now=MINUTE - timedelta(microseconds=1)) == []
    (taken,) = leased(store, "second", now=MINUTE)
    with store.write() as unit:
        assert unit.still_mine(lost) is None
        assert unit.still_mine(taken) == taken.sliver
        assert not unit.extend(lost, NOW + HOUR)
        unit.release(lost, retry_at=NOW + HOUR)
        assert unit.still_mine(taken) == taken.sliver


def test_a_lease_that_ended_and_that_nobody_took_still_counts(store: Store) -> None:
    (one,) = added(store)
    (lease,) = leased(store)
    with store.write() as unit:
        assert unit.still_mine(lease) == one


# decision 5: "every result is written WHERE generation = mine"
def test_a_lease_is_void_once_a_call_changed_the_sliver(store: Store) -> None:
    (one,) = added(store)
    (lease,) = leased(store)
    moved = replace(one, step=Step.DESTROY, generation=one.generation + 1)
    with store.write() as unit:
        unit.save([moved])
    with store.write() as unit:
        assert unit.still_mine(lease) is None
        assert not unit.extend(lease, NOW + HOUR)
    # while its holder may still have the driver at work, nobody else has
    assert leased(store, "second") == []
    with store.write() as unit:
        unit.release(lease, retry_at=NOW + HOUR)
    # the new step does not wait for the retry time of the old one
    assert [lease.sliver for lease in leased(store, "second")] == [moved]


def test_a_lease_that_was_revoked_keeps_nobody_away(store: Store) -> None:
    one, other = added(store, 2)
    revoked, kept = leased(store)
    with store.write() as unit:
        unit.revoke([one.urn])
        assert unit.still_mine(revoked) is None
        assert unit.still_mine(kept) == other
    (taken,) = leased(store, "second")
    assert taken.sliver == one
    with store.write() as unit:
        assert not unit.extend(revoked, NOW + HOUR)
        unit.release(revoked)
        assert unit.still_mine(taken) == one


def test_what_is_to_be_frozen_is_leased_first(store: Store) -> None:
    added(store, 2)
    stop = added(store, 2, Step.FREEZE)
    assert [lease.sliver for lease in leased(store, limit=1)] == stop[:1]
    first, second = leased(store, limit=2)
    assert first.sliver == stop[1]
    assert second.sliver.step is Step.PREPARE
    assert len(leased(store)) == 1


def test_a_change_that_is_none_of_the_drivers_leaves_the_lease(store: Store) -> None:
    (one,) = added(store)
    (lease,) = leased(store)
    renewed = replace(one, expires=NOW + 2 * HOUR)
    with store.write() as unit:
        unit.save([renewed])
    with store.write() as unit:
        assert unit.still_mine(lease) == renewed


def test_a_lease_is_extended(store: Store) -> None:
    added(store)
    (lease,) = leased(store)
    with store.write() as unit:
        assert unit.extend(lease, NOW + HOUR)
    assert leased(store, "second", now=MINUTE) == []
    with store.write() as unit:
        assert unit.still_mine(lease) == lease.sliver
    assert len(leased(store, "second", now=HOUR)) == 1


def test_what_was_released_is_taken_again_when_its_time_has_come(store: Store) -> None:
    added(store, 2)
    now, later = leased(store)
    with store.write() as unit:
        unit.release(now)
        unit.release(later, retry_at=LATER)
        assert unit.still_mine(now) is None
    assert [lease.sliver for lease in leased(store, "second")] == [now.sliver]
    assert [lease.sliver for lease in leased(store, "second", now=MINUTE)] == [
        now.sliver,
        later.sliver,
    ]


def test_a_new_step_does_not_wait_for_the_retry_time_of_the_old(store: Store) -> None:
    (one,) = added(store)
    (lease,) = leased(store)
    with store.write() as unit:
        unit.release(lease, retry_at=NOW + HOUR)
    with store.write() as unit:
        unit.save([replace(one, error="once more")])
    assert leased(store) == []
    with store.write() as unit:
        unit.save([replace(one, step=Step.DESTROY, generation=1)])
    assert len(leased(store)) == 1


def test_who_owes_services_is_counted_apart(store: Store) -> None:
    lasting = added(store, 3, step=Step.SERVICES)
    others = added(store, 3)
    assert [lease.sliver for lease in leased(store, limit=2)] == others[:2]
    with store.write() as unit:
        taken = unit.lease_work("first", NOW, LATER, 5, services=2)
    assert [lease.sliver for lease in taken] == [others[2], *lasting[:2]]
    with store.write() as unit:
        assert [one.sliver for one in unit.lease_work("first", NOW, LATER, 0, services=9)] == [
            lasting[2]
        ]


def test_who_sleeps_is_woken_and_who_is_worked_on_is_not_disturbed(store: Store) -> None:
    sleeping, busy = added(store, 2)
    first, second = leased(store)
    with store.write() as unit:
        unit.release(first, retry_at=NOW + HOUR)
    assert leased(store, "second") == []
    with store.write() as unit:
        unit.wake([sleeping.urn, busy.urn])
    assert [lease.sliver for lease in leased(store, "second")] == [sleeping]
    with store.write() as unit:
        assert unit.still_mine(second) == busy
