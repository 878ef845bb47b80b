"""Of hosts that are alike a placement needs no more than there are nodes."""

from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from gcf_am.errors import AmError
from gcf_am.model.site import Port, Site
from gcf_am.model.sliver import Contents
from gcf_am.model.topology import Link, Node
from tests.unit.model.small import (
    exclusive,
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
    wire,
)

MIXED = star(
    *(shared(f"s{number}", slots=3, number=2) for number in range(5)),
    *(exclusive(f"x{number}", number=2) for number in range(5)),
)


def names(site: Site) -> list[str]:
    return [one.name for one in site.hosts]


def slots(**amounts: int) -> dict[tuple[str, str], int]:
    return {(urn("node", name), "slots"): amount for name, amount in amounts.items()}


def test_of_each_kind_so_many_stay_with_all_switches() -> None:
    assert names(MIXED.narrowed({}, most=2, needed=())) == ["s0", "s1", "x0", "x1", "sw"]
    assert names(MIXED.narrowed({}, most=0, needed={urn("node", "x3")})) == ["x3", "sw"]


def test_those_are_alike_of_which_as_much_is_held() -> None:
    held = slots(s0=1, s1=2, s3=1, x1=3)
    told = MIXED.narrowed(held, most=1, needed=())
    assert names(told) == ["s0", "s1", "s2", "x0", "x1", "sw"]
    # also on its wire, and on the switch's port of that
    for component in ("link+w2", "interface+sw:2", "interface+s1:0"):
        held = {(urn(*component.split("+")), "bandwidth"): 10}
        assert names(MIXED.narrowed(held, most=1, needed=())) == ["s0", "s1", "x0", "sw"]


def test_wires_and_the_ports_of_switches_go_with_their_hosts() -> None:
    told = MIXED.narrowed({}, most=1, needed=())
    ends = {port for one in told.wires for port in one.ports}
    assert len(told.wires) == 4
    assert {port.component_id for port in told.host[urn("node", "sw")].ports} == {
        one for one in ends if "+sw:" in one
    }
    # wires from switch to switch stay
    site = site_of(
        shared("s1"), switch("a", 2), switch("b", 1), wire("w", "s1:0", "a:0"),
        wire("trunk", "a:1", "b:0"),
    )  # fmt: skip
    assert site.narrowed({}, most=1, needed=()) == site


def test_what_leads_elsewhere_or_is_otherwise_is_not_alike() -> None:
    site = site_of(
        shared("a"), shared("b"), shared("c", slots=3), shared("d", loopback=1),
        shared("e", ports=(Port(urn("interface", "e:0"), "control"),)), shared("f"),
        switch("one", 1), switch("two", 1), wire("w1", "a:0", "one:0"), wire("w2", "b:0", "two:0"),
        wire("w3", "f:0", "f2:0"),
    )  # fmt: skip
    assert names(site.narrowed({}, most=1, needed=())) == names(site)


requests = st.lists(
    st.one_of(
        st.builds(lambda number: node(f"n{number}", 2), st.integers(0, 5)),
        st.builds(lambda number: raw(f"n{number}", 2), st.integers(0, 5)),
    ),
    min_size=1,
    max_size=6,
    unique_by=lambda one: one.client_id,
)


def placed(
    site: Site, wanted: list[Node | Link], held: dict[tuple[str, str], int]
) -> list[Contents] | None:
    try:
        return put(site, *wanted, held=held)
    except AmError:
        return None


@settings(derandomize=True, deadline=None, max_examples=80)
@given(
    requests,
    st.integers(0, 4),
    st.dictionaries(st.sampled_from(names(MIXED)[:-1]), st.integers(1, 3), max_size=8),
)
def test_what_can_be_had_there_can_be_had_among_few(
    nodes: list[Node], chained: int, amounts: dict[str, int]
) -> None:
    held = slots(**{one: 3 if one[0] == "x" else amount for one, amount in amounts.items()})
    links = [
        link(f"l{number}", f"{one.client_id}:0", f"{other.client_id}:1", capacity=1000)
        for number, (one, other) in enumerate(pairwise(nodes))
    ]
    wanted: list[Node | Link] = [*nodes, *links[:chained]]
    few = MIXED.narrowed(held, most=len(nodes), needed=())
    there, here = placed(MIXED, wanted, held), placed(few, wanted, held)
    assert (there is None) == (here is None)
    if there is not None and here is not None:
        kinds = [[host_of(one)[0] for one in found[: len(nodes)]] for found in (there, here)]
        assert kinds[0] == kinds[1]
