"""Where nodes go, and what is said when they cannot."""

from typing import Any

import pytest

from gcf_am.errors import (
    AmError,
    BadArgs,
    InsufficientNodes,
    SearchFailed,
    TooBig,
    Unsupported,
)
from gcf_am.model.site import Port
from gcf_am.model.sliver import Amount, NodePlacement
from gcf_am.model.topology import Interface
from tests.unit.model.small import (
    FRAME,
    IMAGE,
    RAW,
    VM,
    exclusive,
    host_of,
    link,
    node,
    put,
    shared,
    site_of,
    switch,
    urn,
    way_of,
    wire,
)

SITE = site_of(shared("s1"), shared("s2"), exclusive("x1"), exclusive("x2"))


def test_a_node_takes_one_slot_of_a_shared_host() -> None:
    (placed,) = put(SITE, node("a"))
    assert placed.placement == NodePlacement(urn("node", "s1"), "vm", IMAGE, exclusive=False)
    assert placed.holds == (Amount(urn("node", "s1"), "slots", 1),)
    assert placed.frame is FRAME


def test_an_exclusive_node_takes_all_slots_of_its_host() -> None:
    (placed,) = put(SITE, node("a", exclusive=True))
    assert placed.placement == NodePlacement(urn("node", "x1"), "raw", "alpine", exclusive=True)
    assert placed.holds == (Amount(urn("node", "x1"), "slots", 3),)


def test_nodes_spread_over_shared_hosts() -> None:
    hosts = [host_of(one) for one in put(SITE, *(node(name) for name in "abcd"))]
    assert hosts == ["s1", "s2", "s1", "s2"]


def test_a_node_that_may_be_shared_gets_a_host_of_its_own_only_when_no_shared_one_is_left() -> None:
    hosts = [host_of(one) for one in put(SITE, *(node(f"n{i}", exclusive=False) for i in range(6)))]
    assert sorted(hosts) == ["s1", "s1", "s2", "s2", "x1", "x2"]
    assert hosts[-2:] == ["x1", "x2"]


def test_a_free_choice_gives_way_to_a_bound_one() -> None:
    site = site_of(exclusive("x1"), exclusive("x2"))
    placed = put(site, node("any"), node("bound", component_id=urn("node", "x1")))
    assert [host_of(one) for one in placed] == ["x2", "x1"]


def test_free_choices_move_on_along_a_chain() -> None:
    """c only fits x1, b only x1 and x2: a, asked first, ends on x3."""
    site = site_of(
        exclusive("x1", hardware_types=("a", "b", "c")),
        exclusive("x2", hardware_types=("a", "b")),
        exclusive("x3", hardware_types=("a",)),
    )
    placed = put(site, *(node(name, hardware_types=(name,)) for name in "abc"))
    assert [host_of(one) for one in placed] == ["x3", "x2", "x1"]


@pytest.mark.parametrize("wanted", ["s2", "x2"])
def test_a_bound_node_is_where_it_is_bound(wanted: str) -> None:
    (placed,) = put(SITE, node("a", component_id=urn("node", wanted)))
    assert host_of(placed) == wanted


def test_the_authority_of_a_component_has_no_letter_case() -> None:
    (placed,) = put(SITE, node("a", component_id="urn:publicid:IDN+GCF.Local+node+s2"))
    assert host_of(placed) == "s2"


@pytest.mark.parametrize(
    ("image", "chosen"),
    [
        (None, IMAGE),
        ("debian", IMAGE),
        (IMAGE, IMAGE),
        ("alpine", "alpine"),
        ("urn:publicid:IDN+gcf.local+image+alpine", "alpine"),
        ("urn:publicid:IDN+GCF.LOCAL+image+alpine", "alpine"),
    ],
)
def test_images_go_by_name_or_urn(image: str | None, chosen: str) -> None:
    (placed,) = put(SITE, node("a", sliver_type="vm", disk_image=image))
    assert isinstance(placed.placement, NodePlacement)
    assert placed.placement.disk_image == chosen


def test_an_image_chooses_the_sliver_type_that_has_it() -> None:
    host = shared("s1", sliver_types=(RAW, VM))
    (placed,) = put(site_of(host), node("a", disk_image="debian"))
    assert placed.placement == NodePlacement(host.component_id, "vm", IMAGE, exclusive=False)


def test_the_first_of_several_hardware_types_that_is_here_does() -> None:
    (placed,) = put(SITE, node("a", hardware_types=("mainframe", "server")))
    assert host_of(placed) == "x1"


@pytest.mark.parametrize(
    ("wished", "error", "words"),
    [
        ({"component_id": urn("node", "nix")}, SearchFailed, "component .*nix, which this"),
        ({"component_id": "nix"}, SearchFailed, "nix"),
        ({"component_id": urn("node", "sw")}, Unsupported, "sw, which takes no slivers"),
        ({"hardware_types": ("vax",)}, Unsupported, "hardware type vax; .* offers: pc, server$"),
        ({"sliver_type": "zone"}, Unsupported, "sliver type zone; .* offers: vm, raw$"),
        (
            {"disk_image": "plan9"},
            Unsupported,
            f"plan9; .* offers: alpine, {IMAGE}".replace("+", r"\+"),
        ),
        ({"disk_image": "urn:publicid:IDN+other+image+alpine"}, Unsupported, "offers: alpine"),
        ({"sliver_type": "raw", "disk_image": "debian"}, Unsupported, "debian; .* offers: alpine$"),
        (
            {"sliver_type": "raw", "hardware_types": ("pc",)},
            Unsupported,
            "no host offers it together",
        ),
        ({"sliver_type": "vm", "exclusive": True}, Unsupported, "together"),
        ({"component_id": urn("node", "s1"), "exclusive": True}, Unsupported, "only shared"),
        (
            {"component_id": urn("node", "s1"), "sliver_type": "raw"},
            Unsupported,
            r"\+s1 offers: vm$",
        ),
    ],
)
def test_what_is_not_offered(wished: dict[str, Any], error: type[AmError], words: str) -> None:
    site = site_of(*SITE.hosts, switch("sw", 1))
    with pytest.raises(error, match=words) as caught:
        put(site, node("a", line=7, **wished))
    assert caught.value.message.startswith("line 7: node 'a'")


def test_a_busy_exclusive_host_is_insufficient_nodes() -> None:
    with pytest.raises(
        InsufficientNodes, match=r"'a' finds no place on .*x1: 1 wanted, 0 available"
    ):
        put(
            SITE,
            node("a", component_id=urn("node", "x1")),
            held={(urn("node", "x1"), "slots"): 3},
        )


def test_half_a_host_is_not_enough_for_an_exclusive_node() -> None:
    with pytest.raises(InsufficientNodes):
        put(
            SITE,
            node("a", component_id=urn("node", "x1")),
            held={(urn("node", "x1"), "slots"): 1},
        )


def test_more_than_there_is() -> None:
    nodes = [node(f"n{i}", exclusive=True) for i in range(3)]
    with pytest.raises(
        TooBig, match=r"more .* than this aggregate has: node 'n2' .* 3 wanted, 2 av"
    ):
        put(SITE, *nodes)
    with pytest.raises(InsufficientNodes, match="2 wanted, 1 available"):
        put(SITE, *nodes[:2], held={(urn("node", "x1"), "slots"): 3})


def test_more_nodes_than_there_is_room_for_are_refused_at_once() -> None:
    # 2 slots on each shared host, 1 on each exclusive one
    nodes = [node(f"n{i}", sliver_type=f"t{i}") for i in range(7)]
    with pytest.raises(TooBig, match="than this aggregate has: 7 nodes wanted, room for 6 av"):
        put(SITE, *nodes)
    with pytest.raises(Unsupported):
        put(SITE, *nodes[:6])


def test_a_host_out_of_service_takes_nothing_but_counts_as_there() -> None:
    site = site_of(shared("s1", available=False), shared("s2"))
    assert {host_of(one) for one in put(site, node("a"), node("b"))} == {"s2"}
    with pytest.raises(InsufficientNodes, match="3 wanted, 2 available"):
        put(site, *(node(name) for name in "abc"))


@pytest.mark.parametrize(
    ("first", "second", "what"),
    [("a", "a", "node client_id 'a'"), ("a", "b", "interface client_id 'i'")],
)
def test_names_are_unique(first: str, second: str, what: str) -> None:
    one, two = (node(name, interfaces=(Interface("i"),)) for name in (first, second))
    with pytest.raises(BadArgs, match=what):
        put(SITE, one, two)
    with pytest.raises(BadArgs, match="the slice has one here already"):
        put(SITE, two, beside=put(SITE, one))


ELSEWHERE = "urn:publicid:IDN+else.where+"


def test_an_alias_binds_too() -> None:
    port = Port(urn("interface", "x1:0"), aliases=(ELSEWHERE + "interface+n7:eth0",))
    site = site_of(
        exclusive("x0"),
        exclusive("x1", aliases=(ELSEWHERE + "node+n7",), ports=(port,)),
        switch("sw", 2),
        wire("w0", "x0:0", "sw:0"),
        wire("w1", "x1:0", "sw:1"),
    )
    # the authority's letter case does not matter (decision 27)
    for name in ("else.where", "Else.Where"):
        bound = ELSEWHERE.replace("else.where", name)
        (placed,) = put(site, node("a", component_id=bound + "node+n7"))
        assert host_of(placed) == "x1"
    end = Interface("a:0", component_id=ELSEWHERE + "interface+n7:eth0")
    a, _, way = put(site, node("a", interfaces=(end,)), node("b"), link("l", "a:0", "b:0"))
    assert host_of(a) == "x1"
    assert dict(way_of(way).ends)["a:0"] == port.component_id


def test_a_name_goes_before_anothers_alias() -> None:
    site = site_of(exclusive("x1", aliases=(urn("node", "x2"),)), exclusive("x2"))
    (placed,) = put(site, node("a", component_id=urn("node", "x2")))
    assert host_of(placed) == "x2"


def test_hosts_without_sliver_types_take_nothing() -> None:
    cloud = shared("internet", sliver_types=())
    with pytest.raises(Unsupported, match="internet, which takes no slivers"):
        put(site_of(cloud, shared("s1")), node("a", component_id=cloud.component_id))
    with pytest.raises(Unsupported):
        put(site_of(cloud), node("a"))
