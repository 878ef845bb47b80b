"""What the site decides: geni_single_allocation, and what it advertises."""

import base64
import zlib
from collections.abc import Callable

import pytest

from gcf_am.errors import Unsupported
from gcf_am.manager.list_resources import compressed, list_resources
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
