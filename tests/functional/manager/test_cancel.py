import pytest

from gcf_am.errors import Refused, SearchFailed
from tests.functional.manager.house import Caller, House, link, node, pair, request

READY = ("geni_provisioned", "geni_ready")


def test_updating_slivers_are_what_they_were(house: House, caller: Caller) -> None:
    made = caller.running(request(node("a", host="pc1")))
    before, held = caller.describe(), house.held()
    caller.update(request(node("a", "x", host="pc2", sliver_id=made["a"])))
    caller.update(request(node("a", "y", host="vm1", sliver_id=made["a"])))
    done = caller.cancel()
    (one,) = done.slivers
    assert (one.allocation.value, one.operational.value) == READY
    assert one.next_allocation == ""
    assert done.rspec == before.rspec == caller.describe().rspec
    assert house.held() == held
    assert not house.reconciler.run_once()


def test_a_removal_is_taken_back(caller: Caller) -> None:
    made = caller.running(request(node("a"), node("b")))
    caller.update(request(node("b", sliver_id=made["b"])))
    caller.cancel(made["a"])
    states = caller.states()
    assert states["a"] == READY
    assert states["b"] == ("geni_updating", "geni_ready")


def test_allocated_slivers_are_deleted_and_provisioned_ones_ignored(
    house: House, caller: Caller
) -> None:
    made = caller.running(request(node("a")))
    new = caller.allocate(request(node("b"))).slivers[0].urn
    done = caller.cancel(made["a"], new)
    assert [(one.urn, one.allocation.value) for one in done.slivers] == [(new, "geni_unallocated")]
    assert "<node" not in done.rspec
    assert caller.states() == {"a": READY}
    assert {sum(house.held().values())} == {1}


def test_nothing_to_cancel_is_an_empty_success(caller: Caller) -> None:
    caller.running(request(node("a")))
    assert caller.cancel().slivers == ()


def test_a_slice_without_slivers_is_not_found(caller: Caller) -> None:
    with pytest.raises(SearchFailed):
        caller.cancel()


def test_a_node_that_goes_is_dropped_from_its_link(house: House, caller: Caller) -> None:
    caller.running(request(node("a", "a:0")))
    new = {
        one.client_id: one.urn
        for one in caller.allocate(request(node("b", "b:0"), link("l", "a:0", "b:0"))).slivers
    }
    caller.provision(new["l"])
    house.work()
    caller.cancel(new["b"])
    assert set(caller.states()) == {"a", "l"}
    text = caller.describe().rspec
    assert 'client_id="a:0"' in text
    assert 'client_id="b:0"' not in text
    # nothing is left to wait for at the end that is gone
    caller.act("geni_start", new["l"])
    house.work()
    assert caller.states()["l"] == READY


def test_a_link_does_not_come_back_to_an_interface_that_another_has(caller: Caller) -> None:
    made = caller.running(pair())
    keep = [node(name, f"{name}:0", sliver_id=made[name]) for name in "ab"]
    told = caller.update(request(*keep, link("other", "a:0", "b:0"))).slivers
    other = next(one.urn for one in told if one.client_id == "other")
    with pytest.raises(Refused, match="'other'"):
        caller.cancel(made["lan"])
    with pytest.raises(Refused, match="'lan'"):
        caller.provision(other)
    done = caller.cancel(made["lan"], made["a"], best_effort=True)
    assert [(one.client_id, bool(one.error)) for one in done.slivers] == [
        ("lan", True),
        ("a", False),
    ]
    caller.cancel(made["lan"], other)
    assert caller.states()["lan"] == READY


def test_best_effort_lists_unknown_slivers(caller: Caller) -> None:
    made = caller.running(request(node("a")))
    gone = caller.allocate(request(node("b"))).slivers[0].urn
    caller.delete(gone)
    new = caller.allocate(request(node("c"))).slivers[0].urn
    with pytest.raises(SearchFailed):
        caller.cancel(new, gone)
    done = caller.cancel(new, gone, made["a"], best_effort=True)
    assert [(one.urn, bool(one.error)) for one in done.slivers] == [(new, False), (gone, True)]
