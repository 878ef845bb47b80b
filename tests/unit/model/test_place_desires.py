"""Features that hosts have, and nodes that desire them (emulab/1, fd)."""

import pytest

from gcf_am.errors import InsufficientNodes, TooBig, Unsupported
from gcf_am.model.features import Counts, Feature
from gcf_am.model.placement import Wish
from gcf_am.model.site import Host
from gcf_am.model.sliver import Amount
from tests.unit.model.small import exclusive, host_of, link, node, put, shared, site_of, star, urn

GPU = Feature("gpu", 0.5)
MUST = Feature("gpu", 0.5, violatable=True)


def ram(amount: float, *, hard: bool = True) -> Feature:
    return Feature("ram", amount, violatable=hard, adds=True)


def machine(name: str, *features: Feature, slots: int = 4) -> Host:
    return shared(name, slots, features=features)


PLAIN, GRAPHIC = machine("h1"), machine("h2", GPU)
SITE = site_of(PLAIN, GRAPHIC)


def hosts(site_hosts: tuple[Host, ...], *desires: tuple[Feature, ...]) -> list[str]:
    nodes = (node(f"n{number}", desires=wanted) for number, wanted in enumerate(desires))
    return [host_of(one) for one in put(site_of(*site_hosts), *nodes)]


@pytest.mark.parametrize("desire", [MUST, Feature("gpu", 1.0), Feature("gpu", 0.1)])
def test_a_desire_is_met_where_that_can_be(desire: Feature) -> None:
    assert hosts((PLAIN, GRAPHIC), (desire,)) == ["h2"]


def test_who_does_not_desire_a_feature_that_costs_leaves_it_to_others() -> None:
    assert hosts((GRAPHIC, PLAIN), (), ()) == ["h1", "h1"]
    # while there is another host
    small = machine("h1", slots=1)
    assert sorted(hosts((GRAPHIC, small), (), ())) == ["h1", "h2"]


def test_a_feature_that_costs_nothing_turns_nobody_away() -> None:
    free = Feature("OS-10028", 0.0)
    assert hosts((machine("h1", free), machine("h2")), (), ()) == ["h1", "h2"]


def test_of_desires_that_cannot_all_be_met_the_heaviest_is() -> None:
    choice = (machine("h1", Feature("ssd", 0.0)), machine("h2", Feature("gpu", 0.0)))
    assert hosts(choice, (Feature("ssd", 0.2), Feature("gpu", 0.3))) == ["h2"]
    assert hosts(choice, (Feature("ssd", 0.3), Feature("gpu", 0.2))) == ["h1"]


def test_a_shared_host_goes_before_an_exclusive_one_whatever_is_desired_softly() -> None:
    assert hosts((exclusive("x1", features=(GPU,)), PLAIN), (GPU,)) == ["h1"]
    assert hosts((exclusive("x1", features=(GPU,)), PLAIN), (MUST,)) == ["x1"]


@pytest.mark.parametrize(
    ("desire", "words"),
    [
        (
            MUST,
            "line 7: node 'a' cannot be without feature 'gpu'; this aggregate does not offer it",
        ),
        (ram(9), "cannot be without 9 of 'ram', of which the most is 8; this aggregate does not"),
        (ram(1), "cannot be without feature 'ram'"),
    ],
)
def test_what_no_host_has_is_refused_by_name(desire: Feature, words: str) -> None:
    host = machine("h1", *(() if desire == ram(1) else (ram(8),)))
    with pytest.raises(Unsupported) as refused:
        put(site_of(host, machine("h2")), node("a", line=7, desires=(desire,)))
    assert words in refused.value.message


def test_what_hosts_have_but_none_together_is_refused() -> None:
    both = (Feature("gpu", 1.0), Feature("ssd", 1.0))
    with pytest.raises(Unsupported, match="no host offers it together"):
        hosts(tuple(machine(one.name, one) for one in both), both)


def test_a_bound_node_must_find_what_it_desires_there() -> None:
    with pytest.raises(Unsupported, match=r"'gpu'; .*\+h1 does not offer it"):
        put(SITE, node("a", component_id=urn("node", "h1"), desires=(MUST,)))
    (soft,) = put(SITE, node("a", component_id=urn("node", "h1"), desires=(GPU,)))
    assert host_of(soft) == "h1"


def test_an_amount_is_held() -> None:
    (placed,) = put(site_of(machine("h1", ram(8))), node("a", desires=(ram(0.5),)))
    assert placed.holds == (
        Amount(urn("node", "h1"), "slots", 1),
        Amount(urn("node", "h1"), "feature:ram", 500),
    )


def test_amounts_of_all_slivers_together_fit_their_host() -> None:
    site = (machine("h1", ram(8)), machine("h2", ram(8)))
    assert sorted(hosts(site, (ram(6),), (ram(2),), (ram(6),), (ram(2),))) == [
        *["h1"] * 2,
        *["h2"] * 2,
    ]
    with pytest.raises(TooBig, match="node 'n2' wants 4 of 'ram'; 3 are available"):
        hosts(site, *[(ram(5),)] * 2, (ram(4),))


def test_amounts_that_others_hold_are_taken() -> None:
    site = site_of(machine("h1", ram(8)))
    held = {(urn("node", "h1"), "feature:ram"): 5000}
    put(site, node("a", desires=(ram(3),)), held=held)
    with pytest.raises(InsufficientNodes, match="node 'a' wants 4 of 'ram'; 3 are available"):
        put(site, node("a", desires=(ram(4),)), held=held)


def test_a_choice_is_taken_back_for_an_amount() -> None:
    """The small one, bound to nothing, gives way to the large one that only fits there."""
    site = (machine("h1", ram(8), slots=2), machine("h2", ram(4), slots=2))
    assert hosts(site, (ram(4),), (ram(8),)) == ["h2", "h1"]


def test_either_side_makes_an_amount_hard() -> None:
    soft = ram(8, hard=False)
    with pytest.raises(Unsupported):
        hosts((machine("h1", ram(8)),), (ram(9, hard=False),))
    (placed,) = put(site_of(machine("h1", soft)), node("a", desires=(ram(9, hard=False),)))
    assert [one.dimension for one in placed.holds] == ["slots"]


def test_a_soft_amount_ranks_by_what_is_lacking() -> None:
    site = tuple(machine(f"h{size}", ram(size, hard=False)) for size in (1, 3, 2))
    assert hosts(site, (ram(4, hard=False),)) == ["h3"]


def test_the_first_use_may_be_free() -> None:
    spread = Feature("spread", 0.9, counts=Counts.FIRST_FREE)
    assert hosts((machine("h1", spread), machine("h2")), (), (), ()) == ["h1", "h2", "h2"]


def test_a_feature_may_cost_once_only() -> None:
    once = Feature("opened", 0.5, counts=Counts.ONCE_ONLY)
    # h1 fills: when h2 has been opened, more on it costs no more
    site = (machine("h1", Feature("dear", 0.6)), machine("h2", once, slots=2))
    assert hosts(site, (), (), ()) == ["h2", "h2", "h1"]


def test_neighbours_come_together_where_desires_cost_the_same() -> None:
    site = star(machine("h1"), machine("h2", GPU), machine("h3", GPU))
    a, b, _ = put(
        site, node("a", desires=(GPU,)), node("b", desires=(GPU,)), link("l", "a:0", "b:0")
    )
    assert host_of(a) == host_of(b) == "h2"
    a, b, _ = put(site, node("a", desires=(GPU,)), node("b"), link("l", "a:0", "b:0"))
    assert [host_of(a), host_of(b)] == ["h2", "h1"]


def test_a_changed_node_stays_while_its_amount_fits_there() -> None:
    site = site_of(machine("h1", ram(8)), machine("h2", ram(16)))
    (old,) = put(site, node("a", component_id=urn("node", "h1"), desires=(ram(5),)))
    (new,) = put(site, Wish(node("a", desires=(ram(8),)), keep=old))
    assert host_of(new) == "h1"
    (new,) = put(site, Wish(node("a", desires=(ram(9),)), keep=old))
    assert host_of(new) == "h2"
    # what it holds there stays taken (decision 3)
    changed = Wish(node("a", component_id=urn("node", "h1"), desires=(ram(1),)), keep=old)
    with pytest.raises(InsufficientNodes):
        put(site, changed, node("b", component_id=urn("node", "h1"), desires=(ram(4),)))


def test_hosts_of_a_kind_are_told_apart_by_what_is_taken() -> None:
    site = site_of(machine("h1", ram(4)), machine("h2", ram(4)))
    taken = {(urn("node", "h1"), "feature:ram"): 2000}
    (placed,) = put(site, node("n", desires=(ram(3),)), held=taken)
    assert host_of(placed) == "h2"
