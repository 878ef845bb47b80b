"""What the site decides: geni_single_allocation, policy, and what it advertises."""

import base64
import zlib
from collections.abc import Callable

import pytest

from gcf_am.errors import Refused, Unsupported
from gcf_am.manager.list_resources import compressed, list_resources
from gcf_am.policy.judge import Proposal
from gcf_am.urn import Urn
from tests.functional.manager.house import NOW, Caller, House, node, request


@pytest.fixture
def single(house: House) -> Caller:
    return house.with_am(single_allocation=True).slice()


Call = Callable[[Caller, Urn], object]


@pytest.mark.parametrize(
    "call",
    [
        lambda caller, urn: caller.describe(urn),
        lambda caller, urn: caller.renew(NOW.replace(hour=13), urn),
        lambda caller, urn: caller.delete(urn),
        lambda caller, urn: caller.provision(urn),
        lambda caller, urn: caller.cancel(urn),
        lambda caller, urn: caller.update(request(node("a", sliver_id=urn)), urn),
    ],
)
def test_single_allocation_refuses_a_part(single: Caller, call: Call) -> None:
    a, _ = (one.urn for one in single.allocate(request(node("a"), node("b"))).slivers)
    with pytest.raises(Unsupported, match="geni_single_allocation"):
        call(single, a)
    assert set(single.states().values()) == {("geni_allocated", "geni_pending_allocation")}


def test_single_allocation_takes_all_of_a_state(single: Caller) -> None:
    a, b = (one.urn for one in single.allocate(request(node("a"), node("b"))).slivers)
    single.provision(a, b)
    c = single.allocate(request(node("c"))).slivers[0].urn
    single.describe(a, b)
    single.renew(NOW.replace(hour=13), c)
    with pytest.raises(Unsupported):
        single.renew(NOW.replace(hour=13), c, a)
    # Update wants every sliver of the slice, in whatever state
    with pytest.raises(Unsupported):
        single.update(request(), a, b)
    single.update(request(node("c", sliver_id=c)), a, b, c)
    # Provision and Cancel want all that is allocated or updating
    with pytest.raises(Unsupported):
        single.cancel(c)
    with pytest.raises(Unsupported):
        single.provision(a, b)
    single.provision(a, b, c)
    single.delete(c)


def test_single_allocation_lets_status_and_actions_be(single: Caller) -> None:
    made = single.provisioned(request(node("a"), node("b")))
    single.status(made["a"])
    single.act("geni_start", made["a"])


class AtMost:
    """A slice may have two slivers, and none called `x`."""

    def __init__(self) -> None:
        self.seen: list[Proposal] = []

    def judge(self, proposal: Proposal) -> None:
        self.seen.append(proposal)
        if len(proposal.after) > 2:
            raise Refused("two slivers at most")
        if any(one.client_id == "x" for one in proposal.after if one.urn in proposal.changed):
            raise Refused("not x")


def test_the_policy_sees_the_state_after_the_request(house: House) -> None:
    policy = AtMost()
    caller = house.with_am(policy=policy).slice()
    a = caller.allocate(request(node("a"))).slivers[0].urn
    with pytest.raises(Refused, match="two"):
        caller.allocate(request(node("b"), node("c")))
    with pytest.raises(Refused, match="two"):
        caller.update(request(node("a", sliver_id=a), node("b"), node("c")))
    assert set(caller.states()) == {"a"}
    told = caller.update(
        request(node("a", sliver_id=a), node("b"), node("c")), best_effort=True
    ).slivers
    assert sum(1 for one in told if one.error == "c: two slivers at most") == 1
    caller.provision()
    caller.renew(NOW.replace(hour=13))
    assert {one.verb for one in policy.seen} == {"Allocate", "Update", "Provision", "Renew"}
    assert {one.subject.name for one in policy.seen} == {"alice"}


def test_a_policy_that_refuses_some_with_best_effort(house: House) -> None:
    caller = house.slice()
    caller.allocate(request(node("a"), node("x")))
    strict = house.with_am(policy=AtMost()).slice()
    with pytest.raises(Refused, match="not x"):
        strict.provision()
    told = {one.client_id: one for one in strict.provision(best_effort=True).slivers}
    assert told["a"].allocation.value == "geni_provisioned"
    assert (told["x"].allocation.value, told["x"].error) == ("geni_allocated", "not x")
    with pytest.raises(Refused):
        strict.renew(NOW.replace(hour=13))
    renewed = strict.renew(NOW.replace(hour=13), best_effort=True)
    assert [bool(one.error) for one in renewed] == [False, True]


def test_what_is_held_is_not_available(house: House, caller: Caller) -> None:
    free = list_resources(house.am, only_available=True)
    assert "node+pc1" in free
    urn = caller.allocate(request(node("a", host="pc1"))).slivers[0].urn
    assert "node+pc1" not in list_resources(house.am, only_available=True)
    assert "node+pc1" in list_resources(house.am, only_available=False)
    caller.delete(urn)
    assert list_resources(house.am, only_available=True) == free


def test_an_advertisement_is_rendered_once_for_each_change(house: House, caller: Caller) -> None:
    first = list_resources(house.am, only_available=False)
    assert list_resources(house.am, only_available=False) is first
    packed = compressed(house.am, only_available=False)
    assert compressed(house.am, only_available=False) is packed
    assert zlib.decompress(base64.b64decode(packed)).decode() == first
    caller.allocate(request(node("a")))
    assert list_resources(house.am, only_available=False) is not first
    assert compressed(house.am, only_available=False) is not packed
