import pytest

from gcf_am.errors import BadArgs, Busy, Refused, SearchFailed, Unsupported
from gcf_am.manager.accounts import User
from gcf_am.model.sliver import Step
from gcf_am.urn import Urn
from tests.functional.manager.conftest import Build
from tests.functional.manager.house import ALICE, KEY, Caller, House, node, pair, request

NOTREADY = ("geni_provisioned", "geni_notready")
READY = ("geni_provisioned", "geni_ready")
BOB = User("urn:publicid:IDN+gcf.local+user+bob", (KEY,))


def test_start_stop_restart(house: House, caller: Caller) -> None:
    made = caller.provisioned(pair())
    told = caller.act("geni_start")
    assert {one.operational.value for one in told} == {"geni_configuring"}
    house.work()
    assert set(caller.states().values()) == {READY}
    (told_a,) = caller.act("geni_stop", made["a"])
    assert told_a.operational.value == "geni_stopping"
    house.work()
    assert caller.states()["a"] == NOTREADY
    assert house.sliver(made["a"]).access is None
    caller.act("geni_start", made["a"])
    house.work()
    caller.act("geni_restart")
    assert {one[1] for one in caller.states().values()} == {"geni_configuring"}
    house.work()
    assert set(caller.states().values()) == {READY}


def test_a_reload_is_of_nodes_that_run_or_failed(building: Build) -> None:
    broken = {"method": "restart", "match": "a", "lasting": True, "text": "its disk is full"}
    house = building(faults=[broken])
    caller = house.slice()
    made = caller.provisioned(pair())
    with pytest.raises(Unsupported, match="geni_notready, where geni_reload is not defined"):
        caller.act("geni_reload", made["a"])
    caller.act("geni_start")
    house.work()
    access = house.sliver(made["a"]).access
    with pytest.raises(Unsupported, match="link 'lan'"):
        caller.act("geni_reload", made["lan"])
    # the slice means its nodes
    told = {one.client_id: one.operational.value for one in caller.act("geni_reload")}
    assert told == {"a": "geni_configuring", "b": "geni_configuring", "lan": "geni_ready"}
    house.work()
    assert set(caller.states().values()) == {READY}
    caller.act("geni_restart", made["a"])
    house.work()
    assert caller.states()["a"][1] == "geni_failed"
    caller.act("geni_reload", made["a"])
    house.work()
    assert caller.states()["a"] == READY
    assert house.sliver(made["a"]).access == access


def test_a_fresh_disk_that_was_promised_comes_with_an_update_too(
    house: House, caller: Caller
) -> None:
    made = caller.running(request(node("a")))
    caller.act("geni_reload", made["a"])
    caller.update(request(node("a", "a:0", sliver_id=made["a"])), made["a"])
    caller.provision(made["a"])
    assert house.sliver(made["a"]).step is Step.RELOAD
    house.work()
    assert caller.states() == {"a": READY}
    assert 'client_id="a:0"' in caller.describe().rspec


def test_the_slice_means_those_that_can(house: House, caller: Caller) -> None:
    made = caller.running(request(node("a")))
    other = caller.provisioned(request(node("b")))
    caller.allocate(request(node("c")))
    told = {one.client_id: one.operational.value for one in caller.act("geni_start")}
    assert told == {"a": "geni_ready", "b": "geni_configuring", "c": "geni_pending_allocation"}
    house.work()
    with pytest.raises(Unsupported):  # it applies to none
        caller.act("geni_start")
    assert made
    assert other


def test_slivers_named_are_all_or_none(caller: Caller) -> None:
    made = caller.running(request(node("a"), node("b")))
    caller.act("geni_stop", made["a"])
    new = caller.allocate(request(node("c"))).slivers[0].urn
    for bad in (made["a"], new):
        with pytest.raises(Unsupported):
            caller.act("geni_restart", made["b"], bad)
        assert caller.states()["b"] == READY
    told = caller.act("geni_restart", made["b"], made["a"], new, best_effort=True)
    assert [(one.operational.value, bool(one.error)) for one in told] == [
        ("geni_configuring", False),
        ("geni_stopping", True),
        ("geni_pending_allocation", True),
    ]


def test_unknown_actions_and_slivers(caller: Caller) -> None:
    made = caller.running(request(node("a")))
    with pytest.raises(BadArgs):
        caller.act("")
    with pytest.raises(Unsupported, match="geni_dance"):
        caller.act("geni_dance")
    with pytest.raises(SearchFailed):
        caller.act("geni_stop", made["a"], Urn.of("gcf.local", "sliver", "9999"))
    with pytest.raises(SearchFailed):
        caller.act("geni_stop", Urn.of("gcf.local", "sliver", "9999"))
    assert caller.states() == {"a": READY}


def test_updating_slivers_are_busy(caller: Caller) -> None:
    made = caller.running(request(node("a"), node("b")))
    caller.update(request(node("a", sliver_id=made["a"])), made["a"])
    with pytest.raises(Busy):
        caller.act("geni_stop", made["a"])
    with pytest.raises(Busy):
        caller.act("geni_stop")
    told = {one.client_id: one for one in caller.act("geni_stop", best_effort=True)}
    assert told["a"].error
    assert told["a"].operational.value == "geni_ready"
    assert told["b"].operational.value == "geni_stopping"


def test_users_are_updated(house: House, caller: Caller) -> None:
    made = caller.running(request(node("a")))
    told = caller.act("geni_update_users", made["a"], users=(BOB, User(ALICE.urn, ())))
    assert told[0].operational.value == "geni_updating_users"
    house.work()
    assert caller.states() == {"a": READY}
    logins = {one.name: one.keys for one in house.sliver(made["a"]).logins}
    assert logins == {"alice": (), "bob": (KEY,)}
    caller.act("geni_update_users", made["a"], users=(User(BOB.urn, ()),))
    logins = {one.name: one.keys for one in house.sliver(made["a"]).logins}
    assert logins == {"alice": (), "bob": ()}


def test_users_need_a_node_that_is_ready(house: House, caller: Caller) -> None:
    made = caller.provisioned(pair())
    with pytest.raises(BadArgs):
        caller.act("geni_update_users", made["a"])
    with pytest.raises(Refused):
        caller.act("geni_update_users", made["a"], users=(BOB,))
    caller.act("geni_start")
    house.work()
    with pytest.raises(Unsupported):
        caller.act("geni_update_users", made["lan"], users=(BOB,))
    caller.act("geni_update_users", users=(BOB,))  # the slice means its nodes
    assert caller.states()["lan"] == READY
    assert caller.states()["a"][1] == "geni_updating_users"


def test_updating_users_is_cancelled(house: House, caller: Caller) -> None:
    made = caller.running(request(node("a")))
    with pytest.raises(Unsupported):
        caller.act("geni_update_users_cancel", made["a"])
    caller.act("geni_update_users", made["a"], users=(BOB,))
    caller.act("geni_update_users_cancel", made["a"])
    assert caller.states() == {"a": READY}
    assert not house.reconciler.run_once()
