"""Placement of what changes a live sliver: old holds stay taken, and what can stay stays."""

import pytest

from gcf_am.errors import (
    InsufficientBandwidth,
    InsufficientNodes,
    TooBig,
    Unsupported,
    VlanUnavailable,
)
from gcf_am.model.placement import Wish
from gcf_am.model.topology import Link, Node
from tests.unit.model.small import (
    GIGABIT,
    exclusive,
    holds,
    host_of,
    link,
    node,
    put,
    raw,
    shared,
    site_of,
    star,
    urn,
    way_of,
)

SITE = star(exclusive("x1"), exclusive("x2"), exclusive("x3"))


def test_a_changed_node_stays_on_its_host() -> None:
    (old,) = put(SITE, raw("a", component_id=urn("node", "x2")))
    (new,) = put(SITE, Wish(raw("a", 2), keep=old))
    assert host_of(new) == "x2"


def test_it_stays_on_a_shared_host_that_is_full() -> None:
    site = site_of(shared("s1", slots=1), shared("s2", slots=1))
    (old,) = put(site, node("a", component_id=urn("node", "s2")))
    (new,) = put(site, Wish(node("a"), keep=old), held={(urn("node", "s1"), "slots"): 1})
    assert host_of(new) == "s2"


def test_it_moves_when_it_no_longer_fits_and_its_old_place_stays_taken() -> None:
    site = site_of(shared("s1", slots=1), exclusive("x1"))
    (old,) = put(site, node("a"))
    (new,) = put(site, Wish(node("a", sliver_type="raw"), keep=old))
    assert host_of(new) == "x1"
    moving = Wish(node("a", sliver_type="raw"), keep=old)
    with pytest.raises(InsufficientNodes, match="'b' finds no place: 1 wanted, 0 available"):
        put(site, moving, node("b", sliver_type="vm"))


def test_it_does_not_stay_beside_a_neighbour_where_it_no_longer_fits() -> None:
    site = star(shared("s1"), exclusive("x1"))
    old = put(site, node("a"), node("b"), link("l", "a:0", "b:0"))
    assert [host_of(one) for one in old[:2]] == ["s1", "s1"]
    wishes: list[Node | Link] = [
        node("a"),
        node("b", sliver_type="raw"),
        link("l", "a:0", "b:0"),
    ]
    new = put(site, *(Wish(one, keep) for one, keep in zip(wishes, old, strict=True)))
    assert [host_of(one) for one in new[:2]] == ["s1", "x1"]
    assert len(way_of(new[2]).wires) == 2


def test_nobody_takes_the_place_of_another_changed_node() -> None:
    site = site_of(exclusive("x1"), exclusive("x2"))
    old = put(site, raw("a"), raw("b"))
    new = put(site, *(Wish(raw(name), keep=one) for name, one in zip("ab", old, strict=True)))
    assert [host_of(one) for one in new] == ["x1", "x2"]
    swapped = [
        Wish(raw("a", component_id=urn("node", "x2")), keep=old[0]),
        Wish(raw("b", component_id=urn("node", "x1")), keep=old[1]),
    ]
    with pytest.raises(InsufficientNodes):
        put(site, *swapped)


def test_a_changed_link_needs_only_what_it_grows_by() -> None:
    beside = put(SITE, raw("a"), raw("b"))
    half, most = GIGABIT // 2, GIGABIT
    (old,) = put(SITE, link("l", "a:0", "b:0", capacity=half), held=holds(beside), beside=beside)
    for capacity in (0, 1, half, most):
        (new,) = put(
            SITE,
            Wish(link("l", "a:0", "b:0", capacity=capacity), keep=old),
            held=holds(beside),
            beside=beside,
        )
        assert way_of(new).ends == way_of(old).ends
        assert way_of(new).wires == way_of(old).wires
        assert way_of(new).vlan == way_of(old).vlan
        assert way_of(new).capacity == capacity


def test_a_changed_link_keeps_its_way_though_a_better_one_is_free_now() -> None:
    site = star(exclusive("x1"), exclusive("x2"))
    nodes = put(site, raw("a"), raw("b"))
    first_port = {(urn("interface", "x1:0"), "port"): 1}
    (old,) = put(site, link("l", "a:0", "b:0"), held=first_port, beside=nodes)
    (new,) = put(site, Wish(link("l", "a:0", "b:0", capacity=5), keep=old), beside=nodes)
    assert way_of(old).ends[0] == ("a:0", urn("interface", "x1:1"))
    assert way_of(new).ends == way_of(old).ends


def test_what_an_old_link_holds_is_not_for_a_new_one() -> None:
    site = star(shared("s1"), shared("s2"))
    homes = [urn("node", one) for one in ("s1", "s2")]
    beside = put(
        site, *(node(name, 2, component_id=home) for name, home in zip("ab", homes, strict=True))
    )
    (old,) = put(site, link("l", "a:0", "b:0", capacity=GIGABIT), beside=beside)
    smaller = Wish(link("l", "a:0", "b:0", capacity=1), keep=old)
    with pytest.raises(
        InsufficientBandwidth, match=r"'m' wants 1 kbit/s .* 0 kbit/s are available"
    ):
        put(site, smaller, link("m", "a:1", "b:1", capacity=1), beside=beside)


def test_a_changed_link_costs_nothing_where_it_does_not_grow() -> None:
    site = star(shared("s1"), shared("s2"))
    homes = [urn("node", one) for one in ("s1", "s2")]
    beside = put(
        site, *(node(name, 2, component_id=home) for name, home in zip("ab", homes, strict=True))
    )
    (old,) = put(site, link("l", "a:0", "b:0", capacity=GIGABIT - 1), beside=beside)
    same = Wish(link("l", "a:0", "b:0", capacity=GIGABIT - 1), keep=old)
    put(site, same, link("m", "a:1", "b:1", capacity=1), beside=beside)
    with pytest.raises(TooBig, match=r"'m' wants 2 kbit/s .* 1 kbit/s are"):
        put(site, same, link("m", "a:1", "b:1", capacity=2), beside=beside)


def test_a_changed_link_may_ask_for_another_tag_but_not_for_one_that_is_changed() -> None:
    site = star(shared("s1"))
    beside = put(site, node("a"), node("b"))
    old = put(site, link("l", "a:0"), link("m", "b:0"), beside=beside)
    (new,) = put(site, Wish(link("l", "a:0", vlan="777"), keep=old[0]), beside=beside)
    assert way_of(new).vlan == 777
    with pytest.raises(VlanUnavailable, match="101, which is taken"):
        put(
            site,
            Wish(link("l", "a:0", vlan="101"), keep=old[0]),
            Wish(link("m", "b:0", vlan="100"), keep=old[1]),
            beside=beside,
        )


def test_an_untouched_link_keeps_a_changed_node_where_it_is() -> None:
    placed = put(SITE, raw("a"), raw("b"), link("l", "a:0", "b:0"))
    beside = placed[1:]
    (new,) = put(SITE, Wish(raw("a", 2), keep=placed[0]), held=holds(beside), beside=beside)
    assert host_of(new) == host_of(placed[0])
    site = site_of(*SITE.hosts, shared("s1"), *SITE.wires)
    with pytest.raises(Unsupported, match=r"'a' cannot become this on .*x1, where link 'l'"):
        put(site, Wish(node("a", sliver_type="vm"), keep=placed[0]), beside=beside)


def test_an_untouched_link_keeps_a_node_where_a_pending_update_put_it() -> None:
    """The first Update moved the node from s1, the second changes the node and not the link."""
    site = star(shared("s1"), shared("s2"), shared("s3"))
    (first,) = put(site, node("a", component_id=urn("node", "s1")))
    moved = put(
        site,
        node("a", component_id=urn("node", "s2")),
        node("b", component_id=urn("node", "s3")),
        link("l", "a:0", "b:0"),
    )
    (second,) = put(site, Wish(node("a", 2), keep=first), beside=moved[1:])
    assert host_of(second) == "s2"
    together = put(
        site,
        node("a", component_id=urn("node", "s3")),
        node("b", component_id=urn("node", "s3")),
        link("l", "a:0", "b:0"),
    )
    (second,) = put(site, Wish(node("a", 2), keep=first), beside=together[1:])
    assert host_of(second) == "s3"
