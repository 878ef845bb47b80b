import pytest

from gcf_am.errors import DatabaseError
from gcf_am.manager.ports import Store
from gcf_am.urn import Urn
from tests.contract.store.samples import slice_urn


def test_a_slice_is_made_when_it_is_first_locked_and_found_again(store: Store) -> None:
    urn = slice_urn()
    with store.read() as unit:
        assert unit.find_slice(urn, "u1") is None
    with store.write() as unit:
        made = unit.lock_slice(urn, "u1")
        assert (made.urn, made.uuid, made.shut_down) == (urn, "u1", False)
    with store.write() as unit:
        assert unit.lock_slice(urn, "u1") == made
    with store.read() as unit:
        assert unit.find_slice(urn, "u1") == unit.slice_of(made.key) == made
        assert unit.find_slices(urn, ("u1", "other")) == (made,)
        assert unit.find_slices(urn, ()) == ()


def test_the_same_urn_with_another_uuid_is_another_slice(store: Store) -> None:
    with store.write() as unit:
        first, second = (unit.lock_slice(slice_urn(), uuid) for uuid in ("u1", "u2"))
        other = unit.lock_slice(slice_urn("other"), "u1")
    assert len({first.key, second.key, other.key}) == 3
    with store.read() as unit:
        assert unit.slices_named(slice_urn()) == (first, second)
        assert unit.slices_named(slice_urn("none")) == ()


# decision 27
def test_letter_case_tells_no_slices_apart_and_the_text_stays_as_it_came(store: Store) -> None:
    spelled = Urn.parse("urn:publicid:IDN+GCF.local:Lab+slice+LoveLace")
    with store.write() as unit:
        made = unit.lock_slice(spelled, "u1")
        again = unit.lock_slice(Urn.parse(str(spelled).lower().replace("idn", "IDN")), "u1")
    assert again == made
    assert again.urn.text == spelled.text


def test_a_slice_is_shut_down_and_released(store: Store) -> None:
    with store.write() as unit:
        key = unit.lock_slice(slice_urn(), "u1").key
        unit.shut_down(key, on=True)
        assert unit.slice_of(key).shut_down
    with store.read() as unit:
        found = unit.find_slice(slice_urn(), "u1")
        assert found is not None
        assert found.shut_down
    with store.write() as unit:
        unit.shut_down(key, on=False)
    with store.read() as unit:
        assert not unit.slice_of(key).shut_down


def test_a_key_that_no_slice_has_is_a_fault_of_the_database(store: Store) -> None:
    with store.read() as unit, pytest.raises(DatabaseError, match="lacks a slice"):
        unit.slice_of(4711)
