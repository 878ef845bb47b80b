"""What a refusal tells: what falls short, whether it ever could be had, and what would help."""

from typing import Any

import pytest

from gcf_am.errors import AmError
from gcf_am.model.features import Feature
from gcf_am.model.placement import Wish
from gcf_am.model.site import Site
from gcf_am.model.topology import Interface, Link, Node
from tests.unit.model.relaxing import relaxed, shortage_of
from tests.unit.model.small import (
    GIGABIT,
    exclusive,
    holds,
    link,
    node,
    put,
    raw,
    shared,
    site_of,
    star,
    switch,
    urn,
    wire,
)

Held = dict[tuple[str, str], int]
GPU = Feature("gpu", 1.0)
RAM = Feature("ram", 4.0, violatable=True, adds=True)
BUSY = {(urn("node", "x1"), "slots"): 3}
PAIR = star(exclusive("x1"), exclusive("x2"))
# two switches with a thin trunk, a shared host of one slot at each
THIN = site_of(
    shared("s1", 1), shared("s2", 1), switch("p", 2), switch("q", 2),
    wire("u1", "s1:0", "p:0"), wire("u2", "s2:0", "q:0"), wire("t", "p:1", "q:1", capacity=700),
)  # fmt: skip


def refused(site: Site, *wishes: Wish | Node | Link, held: Held | None = None) -> AmError:
    """The refusal, of which it is proven that the changes it tells make the request fit."""
    given = [one if isinstance(one, Wish) else Wish(one) for one in wishes]
    with pytest.raises(AmError) as caught:
        put(site, *given, held=held)
    told = shortage_of(caught.value)
    if told["relaxation"]:
        put(site, *relaxed(given, told), held=held)
        assert "; it would fit " in caught.value.message
    return caught.value


def change(kind: str, element: str, of: str = "node", **value: str) -> dict[str, str]:
    return {"change": kind, "element": element, "kind": of, **value}


def test_a_fixed_component_that_is_taken() -> None:
    error = refused(PAIR, node("a", component_id=urn("node", "x1")), held=BUSY)
    assert error.code == 26
    assert shortage_of(error) == {
        "element": "a",
        "kind": "node",
        "resource": "nodes",
        "wanted": "1",
        "available": "0",
        "ever": "yes",
        "relaxation": [change("unbind", "a")],
    }
    assert error.message.endswith("; it would fit without the fixed component of node 'a'")


def test_a_bound_interface_counts_as_a_fixed_component() -> None:
    bound = node("a", interfaces=(Interface("a:0", urn("interface", "x1:0")),))
    assert shortage_of(refused(PAIR, bound, held=BUSY))["relaxation"] == [change("unbind", "a")]


def test_more_nodes_than_there_is_room_for() -> None:
    nodes = [raw(f"n{n}", hardware_types=("server",)) for n in range(4)]
    error = refused(PAIR, *nodes)
    assert error.code == 6
    told = shortage_of(error)
    assert (told["element"], told["wanted"], told["available"]) == ("n2", "4", "2")
    assert told["ever"] == "no"
    assert told["relaxation"] == [change("remove", "n2"), change("remove", "n3")]
    assert error.message.endswith(
        "it would fit with 2 nodes fewer of type server: without 'n2', 'n3'"
    )
    # what is taken now is left out, too
    told = shortage_of(refused(PAIR, *nodes, held=BUSY))
    assert len(told["relaxation"]) == 3


def test_more_nodes_of_a_kind_than_there_are() -> None:
    site = site_of(*PAIR.hosts, shared("s1", 9), *PAIR.wires)
    wishes = [node("v", sliver_type="vm"), *(node(f"n{n}", sliver_type="raw") for n in range(5))]
    error = refused(site, *wishes)
    told = shortage_of(error)
    # two hosts offer it: three of five are too many, whichever
    assert [one["change"] for one in told["relaxation"]] == ["remove"] * 3
    assert "with 3 nodes fewer of type raw: " in error.message


def test_many_nodes_too_many_are_counted_and_not_all_named() -> None:
    error = refused(PAIR, *(raw(f"n{n}") for n in range(12)))
    assert error.message.endswith("without 'n2', 'n3', 'n4', 'n5', 'n6', ...")
    assert len(shortage_of(error)["relaxation"]) == 10


def test_exclusive_where_only_shared_hosts_are_left() -> None:
    site = site_of(shared("s1"), exclusive("x1"))
    error = refused(site, raw("a"), held=BUSY)
    assert shortage_of(error)["relaxation"] == [change("share", "a")]
    assert error.message.endswith("it would fit with exclusive=false for node 'a'")


def test_a_feature_of_which_too_little_is_left() -> None:
    site = site_of(shared("s1", features=(RAM,)))
    wish = Feature("ram", 3.0, violatable=True, adds=True)
    error = refused(
        site, node("a", desires=(wish,)), held={(urn("node", "s1"), "feature:ram"): 2000}
    )
    told = shortage_of(error)
    assert (told["resource"], told["wanted"], told["available"]) == ("feature ram", "3", "2")
    assert told["relaxation"] == [change("forgo", "a", value="ram")]


def test_a_link_gets_the_capacity_that_is_left() -> None:
    wishes = (node("a"), node("b"), link("lan0", "a:0", "b:0", capacity=1000))
    error = refused(THIN, *wishes)
    told = shortage_of(error)
    assert (told["element"], told["kind"], told["resource"]) == ("lan0", "link", "kbit/s")
    assert (told["wanted"], told["available"], told["ever"]) == ("1000", "700", "no")
    assert told["relaxation"] == [change("capacity", "lan0", "link", value="700")]
    assert error.message.endswith("it would fit with 700 kbit/s for link 'lan0'")
    told = shortage_of(refused(THIN, *wishes, held={(urn("link", "t"), "bandwidth"): 300}))
    assert told["relaxation"] == [change("capacity", "lan0", "link", value="400")]


def test_a_link_that_nothing_can_carry_goes() -> None:
    site = site_of(shared("s1", 1), shared("s2", 1))
    error = refused(site, node("a"), node("b"), link("l", "a:0", "b:0"))
    assert shortage_of(error)["relaxation"] == [change("remove", "l", "link")]
    assert error.message.endswith("it would fit without link 'l'")


def test_a_link_between_fixed_components_is_had_where_one_is_free() -> None:
    site = site_of(*(exclusive(f"x{n}", 1) for n in range(3)), wire("w", "x0:0", "x1:0"))
    far = raw("a", component_id=urn("node", "x2"))
    told = shortage_of(refused(site, far, raw("b"), link("l", "a:0", "b:0")))
    assert told["relaxation"] == [change("unbind", "a")]


def test_several_things_that_fall_short() -> None:
    """Two nodes too many, and then a link that is too wide."""
    wishes = [node(name) for name in "abcd"]
    told = shortage_of(refused(THIN, *wishes, link("l", "a:0", "b:0", capacity=900)))
    assert told["relaxation"] == [
        change("remove", "c"),
        change("remove", "d"),
        change("capacity", "l", "link", value="700"),
    ]


def test_what_is_there_stays() -> None:
    placed = put(PAIR, raw("a"), raw("b"))
    changed: list[Any] = [Wish(raw("a"), placed[0]), Wish(raw("b"), placed[1]), raw("c")]
    told = shortage_of(refused(PAIR, *changed))
    assert told["relaxation"] == [change("remove", "c")]


def test_where_nothing_helps_nothing_is_told() -> None:
    """A sliver that is to become what no host that is left can be, and may not go."""
    site = site_of(shared("s1", features=(RAM,)), exclusive("x1"))
    (old,) = put(site, node("a", sliver_type="vm"))
    others = {(urn("node", "x1"), "slots"): 3}
    error = refused(site, Wish(node("a", sliver_type="raw"), old), held=others)
    assert shortage_of(error)["relaxation"] == []
    assert "it would fit" not in error.message


def test_that_a_request_is_hard_to_decide_is_told() -> None:
    """See test_what_is_too_hard_to_decide_is_not_called_too_big."""
    islands = [[f"x{island}{n}" for n in range(8)] for island in range(2)]
    site = site_of(
        *(exclusive(name, 1, hardware_types=(name,)) for island in islands for name in island),
        *(wire(f"w{island[0]}", *(f"{name}:0" for name in island)) for island in islands),
    )
    ends = [f"n{n}:0" for n in range(9)]
    error = refused(site, *(raw(f"n{n}") for n in range(9)), link("lan", *ends))
    assert shortage_of(error)["ever"] == "unknown"


def test_numbers_have_no_limit() -> None:
    wide = link("l", "a:0", "b:0", capacity=GIGABIT * 10_000)
    told = shortage_of(refused(PAIR, raw("a"), raw("b"), wide))
    assert told["wanted"] == "10000000000"
    assert told["relaxation"] == [change("capacity", "l", "link", value="1000000")]


def test_the_same_refusal_every_time() -> None:
    wishes = [raw(f"n{n}", 3) for n in range(2)]
    links = [link(f"l{n}", f"n0:{n}", f"n1:{n}") for n in range(3)]
    first, second = (refused(PAIR, *wishes, *links) for _ in range(2))
    assert (first.message, first.hint) == (second.message, second.hint)
    assert holds(put(PAIR, *relaxed([*map(Wish, wishes), *map(Wish, links)], shortage_of(first))))
