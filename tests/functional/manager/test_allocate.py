from datetime import timedelta

import pytest

from gcf_am.errors import BadArgs, BadVersion, InsufficientNodes, TooBig, Unsupported
from gcf_am.model.states import AllocationState, OperationalState
from tests.functional.manager.house import NOW, Caller, House, link, node, pair, request


def test_new_slivers_are_allocated_and_listed_in_document_order(caller: Caller) -> None:
    made = caller.allocate(pair())
    assert [one.client_id for one in made.slivers] == ["a", "b", "lan"]
    for one in made.slivers:
        assert one.allocation is AllocationState.ALLOCATED
        assert one.operational is OperationalState.PENDING_ALLOCATION
        assert one.next_allocation == "geni_provisioned"
        assert one.expires == NOW + timedelta(minutes=10)
        assert one.urn.text in made.rspec
    assert 'type="manifest"' in made.rspec


def test_only_the_new_ones_are_listed(caller: Caller) -> None:
    caller.allocate(request(node("a")))
    second = caller.allocate(request(node("b")))
    assert [one.client_id for one in second.slivers] == ["b"]
    assert 'client_id="a"' not in second.rspec


@pytest.mark.parametrize(
    ("wish", "expires"),
    [
        (timedelta(minutes=3), timedelta(minutes=3)),
        (timedelta(hours=1), timedelta(hours=1)),
        (timedelta(days=3), timedelta(hours=2)),
        (timedelta(minutes=-1), timedelta(minutes=10)),
    ],
)
def test_end_time_is_a_wish(caller: Caller, wish: timedelta, expires: timedelta) -> None:
    made = caller.allocate(request(node("a")), end_time=NOW + wish)
    assert made.slivers[0].expires == NOW + expires


def test_nothing_outlives_the_credential(house: House) -> None:
    short = house.slice(until=NOW + timedelta(minutes=4))
    assert short.allocate(request(node("a"))).slivers[0].expires == NOW + timedelta(minutes=4)


@pytest.mark.parametrize(
    ("rspec", "error"),
    [
        ("", BadArgs),
        ("<rspec", BadArgs),
        ("<rspec/>", BadVersion),
        (request(), BadArgs),
        (request(node("a"), node("a")), BadArgs),
        (request(node("a", "a:0"), link("l", "a:0", "nowhere")), BadArgs),
        (request(*(node(f"n{number}", exclusive=True) for number in range(3))), TooBig),
        (request(node("a", sliver_type="mainframe")), Unsupported),
    ],
)
def test_a_request_that_fails_reserves_nothing(
    house: House, caller: Caller, rspec: str, error: type[Exception]
) -> None:
    with pytest.raises(error):
        caller.allocate(rspec)
    assert house.held() == {}
    assert caller.describe().slivers == ()


def test_what_another_holds_is_not_given_again(house: House, caller: Caller) -> None:
    other = house.slice("s2")
    caller.allocate(request(node("a", exclusive=True), node("b", exclusive=True)))
    with pytest.raises(InsufficientNodes):
        other.allocate(request(node("a", exclusive=True)))
    assert other.describe().slivers == ()


def test_reservations_that_expired_are_free_although_nobody_swept(
    house: House, caller: Caller
) -> None:
    caller.allocate(request(node("a", exclusive=True), node("b", exclusive=True)))
    house.wait(minutes=10)
    assert house.slice("s2").allocate(request(node("a", exclusive=True))).slivers


def test_client_ids_are_unique_over_the_slice(caller: Caller) -> None:
    caller.allocate(pair())
    with pytest.raises(BadArgs, match="'a'"):
        caller.allocate(request(node("a")))
    with pytest.raises(BadArgs, match="'a:0'"):
        caller.allocate(request(node("c", "a:0")))
    # per kind: a node may be called like a link
    assert caller.allocate(request(node("lan"))).slivers


def test_a_later_link_may_join_an_interface_that_is_there(caller: Caller) -> None:
    caller.allocate(request(node("a", "a:0")))
    made = caller.allocate(request(node("b", "b:0"), link("lan", "a:0", "b:0")))
    assert [one.client_id for one in made.slivers] == ["b", "lan"]


def test_an_interface_carries_one_link(caller: Caller) -> None:
    caller.allocate(pair())
    with pytest.raises(BadArgs, match="a:0"):
        caller.allocate(request(node("c", "c:0"), link("more", "a:0", "c:0")))


def test_geni_single_refuses_a_second_allocate(house: House) -> None:
    caller = house.with_am(allocate_mode="geni_single").slice()
    made = caller.allocate(request(node("a")))
    with pytest.raises(Unsupported):
        caller.allocate(request(node("b")))
    caller.delete(made.slivers[0].urn)
    assert caller.allocate(request(node("b"))).slivers


def test_geni_disjoint_refuses_only_what_connects(house: House) -> None:
    caller = house.with_am(allocate_mode="geni_disjoint").slice()
    caller.allocate(request(node("a", "a:0")))
    with pytest.raises(Unsupported):
        caller.allocate(request(node("b", "b:0"), link("lan", "a:0", "b:0")))
    apart = caller.allocate(request(node("b", "b:0"), node("c", "c:0"), link("l", "b:0", "c:0")))
    assert len(apart.slivers) == 3


def test_sliver_ids_do_not_matter(caller: Caller) -> None:
    urn = caller.allocate(request(node("a"))).slivers[0].urn
    made = caller.allocate(request(node("b", sliver_id=urn)))
    assert made.slivers[0].urn != urn
