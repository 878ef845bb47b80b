from datetime import timedelta

import pytest

from gcf_am.errors import BadArgs, InsufficientNodes, SearchFailed, Unsupported
from gcf_am.manager.accounts import User
from gcf_am.urn import Urn
from tests.functional.manager.house import NOW, Caller, House, link, node, pair, request

HOSTS = "urn:publicid:IDN+gcf.local+node+"
UNKNOWN = Urn.of("gcf.local", "sliver", "9999")


def slots(house: House, host: str) -> int:
    return house.held().get((HOSTS + host, "slots"), 0)


def test_all_named_provisioned_slivers_are_updating_and_nothing_runs_differently(
    house: House, caller: Caller
) -> None:
    made = caller.running(pair())
    before = {one.urn: one for one in caller.status()}
    done = caller.update(
        request(
            node("a", "a:0", "a:1", sliver_id=made["a"]),
            node("b", "b:0", sliver_id=made["b"]),
            link("lan", "a:0", "b:0", sliver_id=made["lan"]),
        )
    )
    assert {one.client_id for one in done.slivers} == {"a", "b", "lan"}
    for one in done.slivers:
        assert one.allocation.value == "geni_updating"
        assert one.next_allocation == "geni_provisioned"
        assert one.expires == before[one.urn].expires
        assert one.operational is before[one.urn].operational
    house.work()
    assert {one.operational.value for one in caller.status()} == {"geni_ready"}


def test_a_manifest_sent_back_changes_nothing_and_disturbs_nothing(
    house: House, caller: Caller
) -> None:
    made = caller.running(pair())
    access = house.sliver(made["a"]).access
    done = caller.update(caller.describe().rspec)
    assert done.rspec.count('guarantee="geni_no_disruption"') == 3
    caller.provision(users=())
    assert set(caller.states().values()) == {("geni_provisioned", "geni_ready")}
    assert house.sliver(made["a"]).access == access
    assert not house.reconciler.run_once()


def test_an_allocated_sliver_is_changed_at_once(house: House, caller: Caller) -> None:
    urn = caller.allocate(request(node("a", host="vm1"))).slivers[0].urn
    house.wait(minutes=5)
    done = caller.update(request(node("a", host="vm2", sliver_id=urn)), urn)
    (one,) = done.slivers
    assert one.allocation.value == "geni_allocated"
    assert one.next_allocation == "geni_provisioned"
    assert one.expires == NOW + timedelta(minutes=15)
    assert (slots(house, "vm1"), slots(house, "vm2")) == (0, 1)


def test_end_time_is_for_new_and_allocated_slivers(caller: Caller) -> None:
    made = caller.provisioned(request(node("a")))
    before = caller.status()[0].expires
    done = caller.update(
        request(node("a", sliver_id=made["a"]), node("b")), end_time=NOW + timedelta(minutes=50)
    )
    assert {one.client_id: one.expires for one in done.slivers} == {
        "a": before,
        "b": NOW + timedelta(minutes=50),
    }


def test_named_and_absent_goes_at_once_or_at_provision(house: House, caller: Caller) -> None:
    made = caller.running(request(node("a")))
    b = caller.allocate(request(node("b"))).slivers[0].urn
    done = caller.update(request(node("c")))
    told = {one.client_id: one for one in done.slivers}
    assert told["a"].allocation.value == "geni_updating"
    assert told["a"].next_allocation == "geni_unallocated"
    assert told["b"].allocation.value == "geni_unallocated"
    assert told["b"].next_allocation == ""
    assert told["c"].allocation.value == "geni_allocated"
    assert 'client_id="a"' not in done.rspec
    with pytest.raises(SearchFailed):
        caller.status(b)
    house.work()
    assert made["a"].text in house.standing()
    caller.provision()
    house.work()
    assert house.standing() == {told["c"].urn.text}
    assert set(caller.states()) == {"c"}


def test_neither_named_nor_in_the_rspec_is_untouched(house: House, caller: Caller) -> None:
    made = caller.running(request(node("a"), node("b")))
    before = house.sliver(made["b"])
    done = caller.update(request(node("a", "new", sliver_id=made["a"])), made["a"])
    assert [one.client_id for one in done.slivers] == ["a"]
    assert house.sliver(made["b"]) == before


def test_a_sliver_id_outside_urns_is_refused(caller: Caller) -> None:
    made = caller.running(request(node("a"), node("b")))
    whole = caller.describe().rspec
    with pytest.raises(BadArgs, match="urns does not name"):
        caller.update(whole, made["a"])
    with pytest.raises(BadArgs, match="urns does not name"):
        caller.update(whole, made["a"], best_effort=True)
    assert set(caller.states().values()) == {("geni_provisioned", "geni_ready")}


def test_an_unknown_sliver_id_is_not_found(caller: Caller) -> None:
    caller.provisioned(request(node("a")))
    rspec = request(node("x", sliver_id=UNKNOWN), node("n"))
    with pytest.raises(SearchFailed, match="9999"):
        caller.update(rspec)
    told = {one.client_id: one for one in caller.update(rspec, best_effort=True).slivers}
    assert told["x"].allocation.value == "geni_unallocated"
    assert "'x'" in told["x"].error
    assert told["n"].allocation.value == "geni_allocated"


def test_an_unknown_sliver_in_urns_is_not_found(caller: Caller) -> None:
    made = caller.provisioned(request(node("a")))
    rspec = request(node("a", sliver_id=made["a"]))
    with pytest.raises(SearchFailed, match="9999"):
        caller.update(rspec, made["a"], UNKNOWN)
    done = caller.update(rspec, made["a"], UNKNOWN, best_effort=True)
    assert [(one.urn, bool(one.error)) for one in done.slivers] == [
        (made["a"], False),
        (UNKNOWN, True),
    ]


def test_a_slice_without_slivers_is_allocated_to(caller: Caller) -> None:
    done = caller.update(request(node("a", sliver_id=UNKNOWN)))
    (one,) = done.slivers
    assert (one.client_id, one.allocation.value) == ("a", "geni_allocated")
    assert one.urn != UNKNOWN


def test_a_slice_without_slivers_and_nothing_asked_for(caller: Caller) -> None:
    with pytest.raises(BadArgs):
        caller.update(request())


def test_a_resource_cannot_take_a_name_that_cancel_would_bring_back(caller: Caller) -> None:
    caller.provisioned(request(node("a")))
    with pytest.raises(BadArgs, match=r"'a'.*in Update that sliver_id"):
        caller.update(request(node("a")))


def test_two_resources_for_one_sliver_or_one_of_the_other_kind(caller: Caller) -> None:
    made = caller.provisioned(request(node("a")))
    with pytest.raises(BadArgs, match="already"):
        caller.update(request(node("x", sliver_id=made["a"]), node("y", sliver_id=made["a"])))
    with pytest.raises(BadArgs, match="is a node"):
        caller.update(request(link("x", sliver_id=made["a"])))


def test_no_room_changes_nothing(house: House, caller: Caller) -> None:
    made = caller.running(request(node("a", host="vm2")))
    house.slice("s2").allocate(
        request(*(node(f"p{number}", host=f"pc{number}") for number in (1, 2)))
    )
    held = house.held()
    rspec = request(node("a", "x", sliver_id=made["a"]), node("p", exclusive=True))
    with pytest.raises(InsufficientNodes):
        caller.update(rspec)
    assert house.held() == held
    assert caller.states() == {"a": ("geni_provisioned", "geni_ready")}
    told = {one.client_id: one for one in caller.update(rspec, best_effort=True).slivers}
    assert told["a"].allocation.value == "geni_updating"
    assert (told["p"].allocation.value, "p" in told["p"].error) == ("geni_unallocated", True)
    assert set(caller.states()) == {"a"}


def test_old_and_new_are_held_until_provision(house: House, caller: Caller) -> None:
    made = caller.running(request(node("a", host="pc1")))
    caller.update(request(node("a", host="pc2", sliver_id=made["a"])))
    assert (slots(house, "pc1"), slots(house, "pc2")) == (1, 1)
    # a second Update replaces what the first one wanted beside the old
    caller.update(request(node("a", host="vm1", sliver_id=made["a"])))
    assert [slots(house, one) for one in ("pc1", "pc2", "vm1")] == [1, 0, 1]
    caller.provision()
    # the driver still has the old
    assert [slots(house, one) for one in ("pc1", "vm1")] == [1, 1]
    house.work()
    assert [slots(house, one) for one in ("pc1", "vm1")] == [0, 1]
    assert caller.states() == {"a": ("geni_provisioned", "geni_ready")}


def test_what_is_asked_for_unbound_stays_where_it_is(house: House, caller: Caller) -> None:
    made = caller.running(request(node("a", host="vm2")))
    caller.update(request(node("a", "x", sliver_id=made["a"])))
    assert {key for key in house.held() if key[1] == "slots"} == {(HOSTS + "vm2", "slots")}
    assert slots(house, "vm2") == 1


def test_a_changed_node_that_ran_runs_again(house: House, caller: Caller) -> None:
    made = caller.running(request(node("a")))
    done = caller.update(request(node("a", "x", sliver_id=made["a"])))
    assert 'guarantee="geni_persistent_state"' in done.rspec
    caller.provision()
    assert caller.states() == {"a": ("geni_provisioned", "geni_configuring")}
    house.work()
    assert caller.states() == {"a": ("geni_provisioned", "geni_ready")}


def test_a_changed_node_that_did_not_run_does_not(house: House, caller: Caller) -> None:
    made = caller.provisioned(request(node("a", host="vm1")))
    done = caller.update(request(node("a", host="vm2", sliver_id=made["a"])))
    assert 'guarantee="geni_none"' in done.rspec
    caller.provision()
    assert caller.states() == {"a": ("geni_provisioned", "geni_pending_allocation")}
    house.work()
    assert caller.states() == {"a": ("geni_provisioned", "geni_notready")}


def test_a_link_that_changes_keeps_its_nodes_running(house: House, caller: Caller) -> None:
    made = caller.running(pair(capacity=1000))
    done = caller.update(
        request(link("lan", "a:0", "b:0", capacity=5000, sliver_id=made["lan"])), made["lan"]
    )
    assert 'guarantee="geni_dynamic_state"' in done.rspec
    caller.provision()
    states = caller.states()
    assert states["lan"] == ("geni_provisioned", "geni_configuring")
    assert states["a"] == states["b"] == ("geni_provisioned", "geni_ready")
    house.work()
    assert set(caller.states().values()) == {("geni_provisioned", "geni_ready")}


def test_a_node_is_added_with_a_link_to_one_that_is_there(house: House, caller: Caller) -> None:
    made = caller.running(request(node("a", "a:0")))
    caller.update(
        request(node("a", "a:0", sliver_id=made["a"]), node("b", "b:0"), link("l", "a:0", "b:0"))
    )
    caller.provision()
    house.work()
    new = [one.urn for one in caller.status() if one.client_id != "a"]
    caller.act("geni_start", *new)
    house.work()
    assert set(caller.states().values()) == {("geni_provisioned", "geni_ready")}


def test_a_link_waits_for_an_interface_that_its_node_is_yet_to_get(
    house: House, caller: Caller
) -> None:
    made = caller.running(request(node("a"), node("b", "b:0")))
    caller.update(
        request(
            node("a", "a:0", sliver_id=made["a"]),
            node("b", "b:0", sliver_id=made["b"]),
            link("l", "a:0", "b:0"),
        )
    )
    new = next(one.urn for one in caller.status() if one.client_id == "l")
    caller.provision(new)
    house.work()
    caller.act("geni_start", new)
    house.work()
    assert caller.states()["l"] == ("geni_provisioned", "geni_configuring")
    caller.provision()
    house.work()
    assert caller.states()["l"] == ("geni_provisioned", "geni_ready")


def test_a_node_cannot_part_with_what_an_untouched_link_uses(caller: Caller) -> None:
    made = caller.running(pair())
    with pytest.raises(BadArgs, match="'lan'"):
        caller.update(request(node("a", sliver_id=made["a"])), made["a"])
    with pytest.raises(BadArgs, match="'lan'"):
        caller.update(request(node("c")), made["a"])
    told = caller.update(request(node("c")), made["a"], best_effort=True).slivers
    assert [(one.client_id, one.allocation.value, bool(one.error)) for one in told] == [
        ("a", "geni_provisioned", True),
        ("c", "geni_allocated", False),
    ]


def test_a_node_with_an_untouched_link_cannot_move(caller: Caller) -> None:
    made = caller.running(
        request(node("a", "a:0", host="vm1"), node("b", "b:0"), link("lan", "a:0", "b:0"))
    )
    with pytest.raises(Unsupported, match="'lan'"):
        caller.update(request(node("a", "a:0", host="pc1", sliver_id=made["a"])), made["a"])


def test_a_link_is_replaced_by_another_on_the_same_interfaces(house: House, caller: Caller) -> None:
    made = caller.running(pair())
    keep = [node(name, f"{name}:0", sliver_id=made[name]) for name in "ab"]
    caller.update(request(*keep, link("other", "a:0", "b:0")))
    caller.provision()
    house.work()
    caller.act("geni_start")
    house.work()
    assert set(caller.states()) == {"a", "b", "other"}
    assert set(caller.states().values()) == {("geni_provisioned", "geni_ready")}


def test_best_effort_drafts_what_belongs_together_together(house: House, caller: Caller) -> None:
    made = caller.running(pair())
    house.slice("s2").allocate(
        request(*(node(f"p{number}", host=f"pc{number}") for number in (1, 2)))
    )
    # a's interface is renamed with its link; a machine of one's own is not to be had
    told = caller.update(
        request(
            node("a", "a:9", sliver_id=made["a"]),
            node("b", "b:0", sliver_id=made["b"]),
            link("lan", "a:9", "b:0", sliver_id=made["lan"]),
            node("p", "p:0", exclusive=True),
            link("far", "p:0"),
        ),
        best_effort=True,
    ).slivers
    assert {one.client_id: bool(one.error) for one in told} == {
        "a": False,
        "b": False,
        "lan": False,
        "p": True,
        "far": True,
    }


def test_users_given_with_an_unchanged_node_disturb_nothing_else(
    house: House, caller: Caller
) -> None:
    made = caller.running(request(node("a")))
    caller.update(caller.describe().rspec)
    bob = "urn:publicid:IDN+gcf.local+user+bob"

    caller.provision(users=(User(bob, ()),))
    assert caller.states() == {"a": ("geni_provisioned", "geni_updating_users")}
    house.work()
    assert caller.states() == {"a": ("geni_provisioned", "geni_ready")}
    assert [one.name for one in house.sliver(made["a"]).logins] == ["alice", "bob"]


def test_an_updating_sliver_that_expires_frees_old_and_new(house: House, caller: Caller) -> None:
    made = caller.running(request(node("a", host="pc1")))
    caller.update(request(node("a", host="pc2", sliver_id=made["a"])))
    house.wait(days=7)
    with pytest.raises(SearchFailed):
        caller.status(made["a"])
    house.work()
    assert house.held() == {}
    assert house.standing() == set()


def test_what_is_marked_for_deletion_is_held_until_then(house: House, caller: Caller) -> None:
    caller.running(request(node("a", host="pc1"), node("b", host="pc2")))
    with pytest.raises(InsufficientNodes):
        caller.update(request(node("c", exclusive=True)))
    told = {
        one.client_id: one
        for one in caller.update(request(node("c", exclusive=True)), best_effort=True).slivers
    }
    assert told["a"].next_allocation == told["b"].next_allocation == "geni_unallocated"
    assert told["c"].error
    caller.provision()
    house.work()
    assert house.held() == {}


def test_a_reservation_may_use_again_what_it_holds(house: House, caller: Caller) -> None:
    made = caller.allocate(
        request(node("a", exclusive=True), node("b", exclusive=True), node("c", host="vm2"))
    ).slivers
    a, b, _ = (one.urn for one in made)
    # the same, an exchange, and a new one in the room of one that goes
    caller.update(
        request(node("a", "x", exclusive=True, sliver_id=a), node("b", exclusive=True, sliver_id=b))
    )
    hosts = [house.sliver(one).contents.holds[0].component for one in (a, b)]
    caller.update(
        request(
            *(
                node(name, host=host.rsplit("+", 1)[1], sliver_id=urn)
                for name, host, urn in (("a", hosts[1], a), ("b", hosts[0], b))
            )
        )
    )
    assert [house.sliver(one).contents.holds[0].component for one in (a, b)] == hosts[::-1]
    caller.update(request(node("a", exclusive=True, sliver_id=a), node("d", exclusive=True)))
    assert set(caller.states()) == {"a", "d"}


def test_best_effort_takes_what_it_can_of_what_belongs_together(
    house: House, caller: Caller
) -> None:
    made = caller.running(request(node("a", "a:0")))
    house.slice("s2").allocate(request(node("p", host="pc1"), node("q", host="pc2")))
    told = caller.update(
        request(
            link("l", "a:0", "p:0"),
            link("m", "a:1", "b:0"),
            node("p", "p:0", exclusive=True),
            node("a", "a:0", "a:1", sliver_id=made["a"]),
            node("b", "b:0"),
        ),
        best_effort=True,
    ).slivers
    assert {one.client_id: bool(one.error) for one in told} == {
        "a": False,
        "l": True,
        "m": False,
        "p": True,
        "b": False,
    }
    assert {one.client_id for one in caller.status()} == {"a", "m", "b"}
