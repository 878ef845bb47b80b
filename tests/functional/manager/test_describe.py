from datetime import timedelta

import pytest

from gcf_am.errors import BadArgs, Forbidden, SearchFailed
from gcf_am.manager.selection import target_of
from gcf_am.urn import Urn
from tests.functional.manager.house import NOW, Caller, House, node, pair, request

UNKNOWN = Urn.of("gcf.local", "sliver", "9999")


def test_a_slice_never_seen_is_described_as_empty(caller: Caller) -> None:
    told = caller.describe()
    assert told.slivers == ()
    assert told.urn == caller.urn
    assert "<node" not in told.rspec
    with pytest.raises(SearchFailed):
        caller.status()


def test_a_part_is_described_alone(caller: Caller) -> None:
    made = {one.client_id: one.urn for one in caller.allocate(pair()).slivers}
    told = caller.describe(made["b"])
    assert [one.urn for one in told.slivers] == [made["b"]]
    assert made["a"].text not in told.rspec


def test_a_urn_named_twice_counts_once(caller: Caller) -> None:
    urn = caller.allocate(request(node("a"))).slivers[0].urn
    assert len(caller.status(urn, urn)) == 1


def test_unknown_slivers(caller: Caller) -> None:
    urn = caller.allocate(request(node("a"))).slivers[0].urn
    with pytest.raises(SearchFailed, match="9999"):
        caller.describe(urn, UNKNOWN)
    with pytest.raises(SearchFailed, match="9999"):
        caller.status(urn, UNKNOWN)
    known, unknown = caller.status(urn, UNKNOWN, best_effort=True)
    assert known.error == ""
    assert (unknown.urn, unknown.allocation.value) == (UNKNOWN, "geni_unallocated")
    assert unknown.operational.value == "geni_pending_allocation"
    assert unknown.error
    assert unknown.expires == NOW


def test_what_expired_is_unknown_although_nobody_swept(caller: Caller, house: House) -> None:
    urn = caller.allocate(request(node("a"))).slivers[0].urn
    house.wait(minutes=10)
    with pytest.raises(SearchFailed):
        caller.status(urn)
    with pytest.raises(SearchFailed):
        caller.provision(urn)
    with pytest.raises(SearchFailed):
        caller.delete()
    assert caller.describe().slivers == ()


@pytest.mark.parametrize(
    "urns",
    [
        (),
        (Urn.of("gcf.local", "slice", "s1"), Urn.of("gcf.local", "slice", "s2")),
        (Urn.of("gcf.local", "slice", "s1"), UNKNOWN),
        (Urn.of("gcf.local", "user", "alice"),),
    ],
)
def test_a_wrong_list_of_urns(house: House, caller: Caller, urns: tuple[Urn, ...]) -> None:
    with pytest.raises(BadArgs):
        target_of(house.am, urns)
    if urns:
        with pytest.raises(BadArgs):
            caller.status(*urns)


def test_the_target_of_a_call(house: House, caller: Caller) -> None:
    mine = caller.allocate(request(node("a"))).slivers[0].urn
    theirs = house.slice("s2").allocate(request(node("a"))).slivers[0].urn
    target = target_of(house.am, (mine, UNKNOWN))
    assert target is not None
    assert (target.urn, target.uuid) == (caller.urn, "uuid-of-s1")
    assert target_of(house.am, (UNKNOWN,)) is None
    whole = target_of(house.am, (caller.urn,))
    assert whole is not None
    assert whole.uuid is None
    with pytest.raises(BadArgs):
        target_of(house.am, (mine, theirs))


def test_slivers_of_another_slice_are_forbidden(house: House, caller: Caller) -> None:
    theirs = house.slice("s2").allocate(request(node("a"))).slivers[0].urn
    with pytest.raises(Forbidden):
        caller.status(theirs)
    with pytest.raises(Forbidden):
        caller.delete(theirs, best_effort=True)
    with pytest.raises(Forbidden):
        caller.status(Urn.of("gcf.local", "slice", "s2"))


def test_the_same_name_with_another_uuid_is_another_slice(house: House, caller: Caller) -> None:
    urn = caller.allocate(request(node("a"))).slivers[0].urn
    later = house.slice(slice_uuid="another")
    assert later.describe().slivers == ()
    with pytest.raises(Forbidden):
        later.delete(urn)


def test_pending_and_present(caller: Caller) -> None:
    made = caller.running(request(node("a", host="vm1"), node("b", host="vm1")))
    caller.allocate(request(node("c")))
    caller.update(request(node("a", "x", host="vm2", sliver_id=made["a"])), *made.values())
    pending = {one.client_id: one for one in caller.describe().slivers}
    assert pending["a"].next_allocation == "geni_provisioned"
    assert pending["b"].next_allocation == "geni_unallocated"
    text = caller.describe().rspec
    assert "node+vm2" in text
    assert 'client_id="b"' not in text
    present = caller.describe(cancelled=True)
    assert [
        (one.client_id, one.allocation.value, one.next_allocation) for one in present.slivers
    ] == [
        ("a", "geni_provisioned", ""),
        ("b", "geni_provisioned", ""),
    ]
    assert "node+vm2" not in present.rspec
    assert 'client_id="c"' not in present.rspec


def test_present_of_a_slice_with_reservations_only_is_empty(caller: Caller) -> None:
    caller.allocate(request(node("a")))
    assert caller.describe(cancelled=True).slivers == ()


def test_describing_changes_nothing(house: House, caller: Caller) -> None:
    caller.allocate(request(node("a")))
    house.wait(minutes=1)
    caller.describe()
    assert caller.status()[0].expires == NOW + timedelta(minutes=10)


def test_what_is_not_updating_is_present_as_it_is(house: House, caller: Caller) -> None:
    made = caller.running(request(node("a"), node("b")))
    caller.update(request(node("a", "x", sliver_id=made["a"])), made["a"])
    before = {one.client_id: one for one in caller.describe().slivers}
    present = {one.client_id: one for one in caller.describe(cancelled=True).slivers}
    assert present["b"] == before["b"]
    assert present["a"].allocation.value == "geni_provisioned"
    assert {one.operational.value for one in present.values()} == {"geni_ready"}
