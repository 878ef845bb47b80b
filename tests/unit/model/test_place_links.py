"""How links run, and what is said when they cannot."""

from typing import Any

import pytest

from gcf_am.errors import (
    AmError,
    BadArgs,
    InsufficientBandwidth,
    SearchFailed,
    TooBig,
    Unsupported,
    VlanUnavailable,
)
from gcf_am.model.site import Host, Port
from gcf_am.model.sliver import Amount, Contents
from gcf_am.model.topology import Interface
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
    switch,
    urn,
    way_of,
    wire,
)

PAIR = star(exclusive("x1"), exclusive("x2"))


def test_a_link_within_a_host_takes_only_a_tag() -> None:
    site = star(shared("s1"), shared("s2"))
    a, b, between = put(site, node("a"), node("b"), link("l", "a:0", "b:0", capacity=GIGABIT))
    assert host_of(a) == host_of(b)
    assert way_of(between).ends == ()
    assert way_of(between).wires == ()
    assert between.holds == (Amount("vlan:100", "vlan", 1),)


def test_links_within_a_host_share_what_it_carries() -> None:
    """Three links of 400 on a host that carries 1000 within it: the third goes over wires."""
    site = star(shared("s1", 9, loopback=1000), shared("s2", 9))
    nodes = [node(name, 3) for name in "abc"]
    ends = [("a:0", "b:0"), ("b:1", "c:0"), ("c:1", "a:1")]
    links = [link(f"l{n}", *pair, capacity=400) for n, pair in enumerate(ends)]
    placed = put(site, *nodes, *links[:2])
    assert {host_of(one) for one in placed[:3]} == {"s1"}
    assert holds(placed[3:])[urn("node", "s1"), "bandwidth"] == 800
    assert {way_of(one).within for one in placed[3:]} == {urn("node", "s1")}
    placed = put(site, *nodes, *links)
    assert len({host_of(one) for one in placed[:3]}) == 2
    assert holds(placed).get((urn("node", "s1"), "bandwidth"), 0) <= 1000


def test_what_a_host_carries_within_it_may_be_taken_or_too_little() -> None:
    site = site_of(shared("s1", 9, loopback=1000))
    wishes = (node("a"), node("b"), node("c"), link("l", "a:0", "b:0", "c:0", capacity=600))
    *_, lan = put(site, *wishes)
    assert lan.holds == (
        Amount(urn("node", "s1"), "bandwidth", 600),
        Amount("vlan:100", "vlan", 1),
    )
    with pytest.raises(
        InsufficientBandwidth, match="wants 600 kbit/s between hosts s1; 500 kbit/s are available"
    ):
        put(site, *wishes, held={(urn("node", "s1"), "bandwidth"): 500})
    with pytest.raises(TooBig, match="wants 1001 kbit/s"):
        put(site, node("a", 2), link("l", "a:0", "a:1", capacity=1001))


def test_a_link_with_one_end_here_takes_nothing_of_its_host() -> None:
    site = site_of(shared("s1", loopback=10))
    wishes = (node("a"), link("l", "a:0", "far:0", capacity=600))
    _, way = put(site, *wishes, foreign=frozenset({"far:0"}))
    assert way_of(way).within is None
    assert way.holds == (Amount("vlan:100", "vlan", 1),)


def test_a_link_between_hosts_takes_ports_and_wires() -> None:
    *_, between = put(PAIR, raw("a"), raw("b"), link("l", "a:0", "b:0", capacity=500))
    way = way_of(between)
    assert way.vlan == 100
    assert way.capacity == 500
    assert way.ends == (("a:0", urn("interface", "x1:0")), ("b:0", urn("interface", "x2:0")))
    assert way.wires == (urn("link", "w0"), urn("link", "w2"))
    assert set(between.holds) == {
        Amount("vlan:100", "vlan", 1),
        Amount(urn("interface", "x1:0"), "port", 1),
        Amount(urn("interface", "x2:0"), "port", 1),
        *(Amount(urn("link", one), "bandwidth", 500) for one in ("w0", "w2")),
        *(
            Amount(urn("interface", one), "bandwidth", 500)
            for one in ("x1:0", "x2:0", "sw:0", "sw:2")
        ),
    }


def test_a_link_without_capacity_needs_a_way_all_the_same() -> None:
    site = site_of(exclusive("x1"), exclusive("x2"))
    with pytest.raises(TooBig, match="more links than any host for it has ports"):
        put(site, raw("a"), raw("b"), link("l", "a:0", "b:0"))
    site = site_of(
        exclusive("x1"), exclusive("x2"), shared("s"), shared("t"),
        wire("w1", "x1:0", "s:0"), wire("w2", "x2:0", "t:0"),
    )  # fmt: skip
    with pytest.raises(TooBig, match="no free ports and wires join hosts x1, x2"):
        put(site, raw("a"), raw("b"), link("l", "a:0", "b:0"))


def test_every_link_of_an_exclusive_host_has_its_own_port() -> None:
    links = [link(f"l{n}", f"a:{n}", f"b:{n}") for n in range(2)]
    *_, one, two = put(PAIR, raw("a", 2), raw("b", 2), *links)
    ports = [port for way in (one, two) for _, port in way_of(way).ends]
    assert len(set(ports)) == 4
    with pytest.raises(TooBig, match="more links than any host"):
        put(PAIR, raw("a", 3), raw("b", 3), *links, link("l2", "a:2", "b:2"))


def test_links_of_a_shared_host_share_its_port() -> None:
    site = star(shared("s1", slots=1), shared("s2", slots=1))
    half = GIGABIT // 2
    links = [link(f"l{n}", f"a:{n}", f"b:{n}", capacity=half) for n in range(3)]
    placed = put(site, node("a", 2), node("b", 2), *links[:2])
    assert holds(placed)[urn("interface", "s1:0"), "bandwidth"] == GIGABIT
    with pytest.raises(TooBig, match="'l2' wants 500000 kbit/s between hosts s1, s2; 0 kbit/s"):
        put(site, node("a", 3), node("b", 3), *links)


def test_the_refusal_says_what_was_wanted_and_what_is_left() -> None:
    taken = {(urn("link", name), "bandwidth"): 300_000 for name in ("w0", "w1")}
    wish = (raw("a"), raw("b"), link("l", "a:0", "b:0", capacity=800_000, line=4))
    with pytest.raises(
        InsufficientBandwidth,
        match=r"^line 4: link 'l' wants 800000 kbit/s between hosts x1, x2; 700000 kbit/s are av",
    ):
        put(PAIR, *wish, held=taken)
    put(PAIR, *wish, held={**taken, (urn("link", "w0"), "bandwidth"): 200_000})


def test_nodes_go_where_the_wires_are() -> None:
    """x1 is first but has a wire to nobody; x2 and x4 are joined."""
    site = site_of(
        *(exclusive(f"x{n}") for n in range(1, 5)),
        wire("dead", "x1:0"),
        wire("w", "x2:1", "x4:0"),
    )
    a, b, between = put(site, raw("a"), raw("b"), link("l", "a:0", "b:0"))
    assert (host_of(a), host_of(b)) == ("x2", "x4")
    assert [port for _, port in way_of(between).ends] == [
        urn("interface", "x2:1"),
        urn("interface", "x4:0"),
    ]


def test_a_link_takes_the_wire_that_leaves_room_for_the_other() -> None:
    """Both ports of x1 reach x2, only one of them x3."""
    site = site_of(
        exclusive("x1"), exclusive("x2"), exclusive("x3", 1),
        wire("short", "x1:0", "x2:0", "x3:0"), wire("other", "x1:1", "x2:1"),
    )  # fmt: skip
    placed = put(
        site,
        *(raw(name, 2, component_id=urn("node", f"x{n}")) for n, name in enumerate("abc", 1)),
        link("l1", "a:0", "b:0"),
        link("l2", "a:1", "c:0"),
    )
    assert way_of(placed[3]).wires == (urn("link", "other"),)
    assert way_of(placed[4]).wires == (urn("link", "short"),)


def test_the_way_with_the_fewest_wires_is_taken_and_a_longer_one_when_that_is_full() -> None:
    site = site_of(
        exclusive("x1", 1), exclusive("x2", 1), switch("p", 3), switch("q", 3), switch("r", 2),
        wire("a", "x1:0", "p:0"), wire("b", "x2:0", "q:0"), wire("pq", "p:1", "q:1"),
        wire("pr", "p:2", "r:0"), wire("rq", "r:1", "q:2"),
    )  # fmt: skip
    wish = (raw("a"), raw("b"), link("l", "a:0", "b:0", capacity=10))
    assert way_of(put(site, *wish)[2]).wires == tuple(urn("link", one) for one in ("a", "b", "pq"))
    full = {(urn("link", "pq"), "bandwidth"): GIGABIT}
    assert way_of(put(site, *wish, held=full)[2]).wires == tuple(
        urn("link", one) for one in ("a", "b", "pr", "rq")
    )


def test_hosts_do_not_forward() -> None:
    site = site_of(
        exclusive("x1"), shared("s", number=2), exclusive("x2"),
        wire("w1", "x1:0", "s:0"), wire("w2", "s:1", "x2:0"),
    )  # fmt: skip
    with pytest.raises(TooBig, match="no free ports"):
        put(site, raw("a"), raw("b"), link("l", "a:0", "b:0"))


def test_control_ports_carry_no_links() -> None:
    def controlled(name: str) -> Host:
        return exclusive(name, ports=(Port(urn("interface", f"{name}:0"), "control"),))

    site = site_of(controlled("x1"), controlled("x2"), wire("w", "x1:0", "x2:0"))
    with pytest.raises(TooBig, match="more links"):
        put(site, raw("a"), raw("b"), link("l", "a:0", "b:0"))
    bound = (Interface("a:0", urn("interface", "x1:0")),)
    with pytest.raises(Unsupported, match="is for control"):
        put(site, raw("a", interfaces=bound))


def test_a_lan_holds_each_wire_once() -> None:
    site = star(*(exclusive(f"x{n}", 1) for n in range(4)))
    ends = [f"n{n}:0" for n in range(4)]
    *_, lan = put(site, *(raw(f"n{n}") for n in range(4)), link("lan", *ends, capacity=9))
    assert len(way_of(lan).ends) == len(way_of(lan).wires) == 4
    assert all(one.amount == 9 for one in lan.holds if one.dimension == "bandwidth")


def test_ends_on_one_shared_host_share_an_uplink() -> None:
    site = star(shared("s1", slots=2), exclusive("x1", 1))
    placed = put(
        site, node("a", sliver_type="vm"), node("b", sliver_type="vm"), raw("c"),
        link("lan", "a:0", "b:0", "c:0", capacity=7),
    )  # fmt: skip
    ports = dict(way_of(placed[-1]).ends)
    assert ports["a:0"] == ports["b:0"] == urn("interface", "s1:0")
    assert holds(placed)[urn("interface", "s1:0"), "bandwidth"] == 7


def test_what_is_too_hard_to_decide_is_not_called_too_big() -> None:
    """Nine nodes in one LAN on two islands of eight hosts, no two of which are alike."""
    islands = [[f"x{island}{n}" for n in range(8)] for island in range(2)]
    site = site_of(
        *(exclusive(name, 1, hardware_types=(name,)) for island in islands for name in island),
        *(wire(f"w{island[0]}", *(f"{name}:0" for name in island)) for island in islands),
    )
    names = [f"n{n}" for n in range(9)]

    def lan(size: int) -> list[Contents]:
        ends = [f"{name}:0" for name in names[:size]]
        return put(site, *map(raw, names[:size]), link("lan", *ends))

    with pytest.raises(InsufficientBandwidth, match="no free ports and wires join hosts"):
        lan(9)
    placed = lan(8)
    assert len(way_of(placed[-1]).wires) == 1


def test_that_no_host_fits_is_proven_by_one_of_each_kind() -> None:
    """Two islands of twenty hosts that are alike: one of each is tried for all of them."""
    islands = [[f"x{island}{n}" for n in range(20)] for island in range(2)]
    site = site_of(
        *(exclusive(name, 1) for island in islands for name in island),
        *(wire(f"w{island[0]}", *(f"{name}:0" for name in island)) for island in islands),
    )
    with pytest.raises(TooBig, match="no free ports and wires join hosts"):
        put(site, *(raw(f"n{n}") for n in range(21)), link("lan", *(f"n{n}:0" for n in range(21))))


def test_a_bound_interface_binds_its_node_and_takes_that_port() -> None:
    bound = (Interface("a:0", urn("interface", "x2:1")),)
    a, _, between = put(PAIR, raw("a", interfaces=bound), raw("b"), link("l", "a:0", "b:0"))
    assert host_of(a) == "x2"
    assert way_of(between).ends[0] == ("a:0", urn("interface", "x2:1"))


@pytest.mark.parametrize(
    ("wished", "error", "words"),
    [
        ({"interfaces": (Interface("i", urn("interface", "nix")),)}, SearchFailed, "nix, which"),
        (
            {
                "component_id": urn("node", "x1"),
                "interfaces": (Interface("i", urn("interface", "x2:0")),),
            },
            BadArgs,
            r"not a port of .*\+x1",
        ),
    ],
)
def test_ports_that_cannot_be(wished: dict[str, Any], error: type[AmError], words: str) -> None:
    with pytest.raises(error, match=words):
        put(PAIR, raw("a", **wished))


@pytest.mark.parametrize(
    ("ends", "words"),
    [(("a:0", "c:0"), "'c:0', which no node has"), (("a:0", "a:0"), "link 'l' uses already")],
)
def test_ends_that_cannot_be(ends: tuple[str, ...], words: str) -> None:
    with pytest.raises(BadArgs, match=words):
        put(PAIR, raw("a"), raw("b"), link("l", *ends))


def test_an_interface_carries_one_link() -> None:
    nodes = [node("a"), node("b")]
    site = star(shared("s"))
    with pytest.raises(BadArgs, match=r"link 'm' ends on interface 'b:0', which link 'l' uses"):
        put(site, *nodes, link("l", "a:0", "b:0"), link("m", "b:0", "a:0"))
    beside = put(site, *nodes, link("l", "a:0", "b:0"))
    with pytest.raises(BadArgs, match=r"link 'm' ends on interface 'a:0', which link 'l' uses"):
        put(site, link("m", "a:0"), beside=beside)


@pytest.mark.parametrize("link_type", [None, "lan", "vlan", "ethernet"])
def test_kinds_of_links(link_type: str | None) -> None:
    put(star(shared("s")), node("a"), link("l", "a:0", link_type=link_type))


def test_other_kinds_of_links_are_refused_by_name() -> None:
    site = star(shared("s"))
    with pytest.raises(Unsupported, match=r"'gre-tunnel'; .* offers: lan, vlan, ethernet"):
        put(site, node("a"), link("l", "a:0", link_type="gre-tunnel"))
    with pytest.raises(Unsupported, match="shared VLAN 'mesoscale'"):
        put(site, node("a"), link("l", "a:0", shared_vlan="mesoscale"))


def test_ends_at_other_aggregates_are_theirs() -> None:
    site = star(exclusive("x1"))
    _, between = put(site, raw("a"), link("l", "a:0", "far:0"), foreign=frozenset({"far:0"}))
    assert way_of(between).ends == ()


def test_a_later_link_joins_nodes_that_are_there() -> None:
    beside = put(PAIR, raw("a"), raw("b"))
    (between,) = put(PAIR, link("l", "a:0", "b:0"), held=holds(beside), beside=beside)
    assert [end for end, _ in way_of(between).ends] == ["a:0", "b:0"]
    c, further = put(
        star(shared("s1"), shared("s2")),
        node("c"),
        link("m", "c:0", "a:0"),
        beside=put(star(shared("s1"), shared("s2")), node("a", component_id=urn("node", "s2"))),
    )
    assert host_of(c) == "s2"
    assert way_of(further).ends == ()


def test_tags() -> None:
    site, pool = star(shared("s", slots=9)), range(100, 103)
    nodes = [node(name) for name in "abc"]

    def tags(*wanted: str | None, held: tuple[int, ...] = ()) -> list[int | None]:
        links = [link(f"l{n}", f"{'abc'[n]}:0", vlan=one) for n, one in enumerate(wanted)]
        taken = {(f"vlan:{one}", "vlan"): 1 for one in held}
        placed = put(site, *nodes, *links, held=taken, tags=pool)
        return [way_of(one).vlan for one in placed[3:]]

    assert tags(None, None) == [100, 101]
    assert tags(None, "100", "any") == [101, 100, 102]
    assert tags(None, held=(100, 101)) == [102]
    for wanted, words in (("101", "tag 101, which is taken"), ("7", "from 100 to 102")):
        with pytest.raises(VlanUnavailable, match=words):
            tags(wanted, held=(101,))
    with pytest.raises(VlanUnavailable, match="which is taken"):
        tags("102", "102")
    with pytest.raises(VlanUnavailable, match="all 3 are taken"):
        tags(None, None, held=(100, 102))
    with pytest.raises(BadArgs, match="'blue', which is not a number"):
        tags("blue")
    with pytest.raises(TooBig, match="1 links are asked for; there are 0"):
        put(site, node("a"), link("l", "a:0"), tags=range(0))


def test_more_than_any_port_carries_is_never_to_be_had_however_large_the_site() -> None:
    site = star(*(exclusive(f"x{n}") for n in range(60)))
    nodes = [raw(f"n{n}") for n in range(10)]
    lan = link("lan", *(f"n{n}:0" for n in range(10)), capacity=GIGABIT + 1)
    with pytest.raises(
        TooBig,
        match=r"wants 1000001 kbit/s; the ports that .* carry 1000000; it would fit with 1000000 kbit/s for link 'lan'$",
    ):
        put(site, *nodes, lan)
    # within one node it needs no port
    put(site, raw("m", 2), link("l", "m:0", "m:1", capacity=GIGABIT + 1))


def test_hosts_of_a_kind_are_told_apart_by_what_is_taken_of_their_wires() -> None:
    site = star(shared("s1"), shared("s2"), shared("s3", 1))
    taken = {(urn("link", "w0"), "bandwidth"): GIGABIT}
    far = node("a", component_id=urn("node", "s3"))
    _, b, _ = put(site, far, node("b"), link("l", "a:0", "b:0", capacity=1), held=taken)
    assert host_of(b) == "s2"
