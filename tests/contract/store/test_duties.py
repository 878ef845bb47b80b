"""What only one process does at a time."""

from gcf_am.manager.ports import Duty
from gcf_am.model.sliver import Step
from tests.contract.store.conftest import Place
from tests.contract.store.samples import HOUR, NOW, node, slice_key


def test_one_has_a_duty_until_it_lapses_or_is_left(place: Place) -> None:
    stores = [place.open(), place.open()]

    def take(number: int, owner: str, hours: int) -> bool:
        with stores[number].write() as unit:
            now = NOW + hours * HOUR
            return unit.take(Duty.TELL, owner, now, now + HOUR)

    assert take(0, "a", 0)
    assert not take(1, "b", 0)
    # 1. who has it has it for longer
    assert take(0, "a", 0)
    assert take(1, "b", 1)
    assert not take(0, "a", 1)
    # 2. another's is not left
    with stores[0].write() as unit:
        unit.leave(Duty.TELL, "a")
        assert unit.holder(Duty.TELL) == "b"
        unit.leave(Duty.TELL, "b")
        assert unit.holder(Duty.TELL) is None
    assert take(0, "a", 1)
    # 3. one duty is not another
    with stores[1].write() as unit:
        assert unit.take(Duty.SWEEP, "b", NOW, NOW + HOUR)
        # 4. without an end it never lapses
        assert unit.take(Duty.PLACE, "here", NOW)
    with stores[0].write() as unit:
        assert not unit.take(Duty.PLACE, "there", NOW + 10_000 * HOUR)


def test_whether_anything_is_owed_is_seen_without_taking_it(place: Place) -> None:
    store = place.open()
    with store.write() as unit:
        key = slice_key(unit)
        unit.add([node(unit, key, "idle")])
    with store.read() as unit:
        assert not unit.owed(NOW)
    with store.write() as unit:
        unit.add([node(unit, key, "owed", step=Step.DESTROY)])
    with store.read() as unit:
        assert unit.owed(NOW)
    with store.write() as unit:
        (lease,) = unit.lease_work("a", NOW, NOW + HOUR, 8)
    with store.read() as unit:
        assert not unit.owed(NOW)
        assert unit.owed(NOW + HOUR)
    with store.write() as unit:
        unit.release(lease, retry_at=NOW + 2 * HOUR)
    with store.read() as unit:
        assert not unit.owed(NOW + HOUR)
        assert unit.owed(NOW + 2 * HOUR)
