from datetime import timedelta

import pytest

from gcf_am.errors import SearchFailed
from gcf_am.manager.expire import expire
from gcf_am.model.sliver import Step
from tests.functional.manager.conftest import Build
from tests.functional.manager.house import NOW, Caller, House, node, pair, request

READY = ("geni_provisioned", "geni_ready")


def test_delete_in_any_state(house: House, caller: Caller) -> None:
    made = caller.running(request(node("a"), node("b")))
    caller.update(request(node("a", "x", host="pc1", sliver_id=made["a"])), made["a"])
    caller.allocate(request(node("c")))
    expiries = {one.urn: one.expires for one in caller.status()}
    told = caller.delete()
    assert {one.urn: one.expires for one in told} == expiries
    assert {one.allocation.value for one in told} == {"geni_unallocated"}
    assert {one.operational.value for one in told} == {"geni_pending_allocation"}
    assert {one.next_allocation for one in told} == {""}
    with pytest.raises(SearchFailed):
        caller.delete()
    house.work()
    assert house.held() == {}
    assert house.standing() == set()


def test_what_a_driver_made_is_held_until_it_is_destroyed(house: House, caller: Caller) -> None:
    made = caller.running(request(node("a", host="pc1")))
    caller.allocate(request(node("b", host="pc2")))
    caller.delete()
    assert {key[0].rsplit("+", 1)[1] for key in house.held()} == {"pc1"}
    assert house.sliver(made["a"]).step is Step.DESTROY
    house.work()
    assert house.held() == {}


def test_a_destruction_that_fails_keeps_its_holds_and_is_tried_again(building: Build) -> None:
    house = building(faults=[{"method": "destroy", "kind": "fails", "lasting": True, "times": 3}])
    caller = house.slice()
    caller.running(request(node("a")))
    caller.delete()
    house.work()
    assert house.held() != {}
    for _ in range(3):
        house.wait(minutes=11)
        house.work()
    assert house.held() == {}


def test_delete_of_one_leaves_the_others(house: House, caller: Caller) -> None:
    made = caller.running(pair())
    ports = {key for key in house.held() if key[1] == "port"}
    caller.delete(made["b"])
    assert set(caller.states()) == {"a", "lan"}
    text = caller.describe().rspec
    assert 'client_id="b:0"' not in text
    assert caller.states()["lan"] == READY
    house.work()
    assert {key for key in house.held() if key[1] == "port"} <= ports
    caller.act("geni_restart")
    house.work()
    assert set(caller.states().values()) == {READY}


def test_ports_at_a_node_that_goes_are_free_when_it_is_destroyed(
    house: House, caller: Caller
) -> None:
    rspec = pair(capacity=1000).replace('client_id="b"', 'client_id="b" exclusive="true"')
    made = caller.running(rspec)
    taken = {key for key in house.held() if key[1] == "port"}
    assert len(taken) == 1
    caller.delete(made["b"])
    assert taken <= house.held().keys()
    house.work()
    assert not {key for key in house.held() if key[1] == "port"}


def test_delete_with_an_unknown_sliver(caller: Caller) -> None:
    a = caller.allocate(request(node("a"))).slivers[0].urn
    b = caller.allocate(request(node("b"))).slivers[0].urn
    caller.delete(a)
    with pytest.raises(SearchFailed):
        caller.delete(b, a)
    assert set(caller.states()) == {"b"}
    told = caller.delete(b, a, best_effort=True)
    assert [(one.urn, bool(one.error)) for one in told] == [(b, False), (a, True)]


def test_a_client_id_is_free_again_after_delete(caller: Caller) -> None:
    caller.running(request(node("a")))
    caller.delete()
    assert caller.allocate(request(node("a"))).slivers


def test_expiry_by_itself(house: House, caller: Caller) -> None:
    caller.running(request(node("a")))
    caller.allocate(request(node("b")))
    assert expire(house.am, house.clock.now()) == 0
    house.wait(minutes=10)
    assert expire(house.am, house.clock.now()) == 1
    assert set(caller.states()) == {"a"}
    house.wait(days=7)
    assert expire(house.am, house.clock.now()) == 1
    assert expire(house.am, house.clock.now()) == 0
    house.work()
    assert house.standing() == set()
    assert house.held() == {}


def test_a_node_that_expires_is_dropped_from_its_link(house: House, caller: Caller) -> None:
    made = caller.running(pair())
    caller.renew(NOW + timedelta(hours=1), made["b"])
    house.wait(hours=2)
    house.work()
    assert caller.states() == {"a": READY, "lan": READY}


def test_an_operator_without_uuid_finds_the_slice(house: House, caller: Caller) -> None:
    caller.running(request(node("a")))
    operator = house.slice(operator=True, slice_uuid=None)
    assert set(operator.states()) == {"a"}
    operator.shutdown()
    assert set(operator.states()) == {"a"}
    operator.delete()
    assert operator.describe().slivers == ()
