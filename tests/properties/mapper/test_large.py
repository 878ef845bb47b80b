"""The mapper on large sites, and where ways are narrow: what it answers is right, and it ends."""

import pytest

from gcf_am.errors import AmError, InsufficientBandwidth, TooBig
from gcf_am.model.placement import Wish
from gcf_am.model.placement.attempt import Attempt
from gcf_am.model.placement.plan import plan_of
from gcf_am.model.placement.setting import Setting
from gcf_am.model.placement.shortage import Shortage
from gcf_am.model.site import Host, Site, Wire
from gcf_am.model.sliver import Contents
from gcf_am.model.topology import Link, Node
from tests.properties.mapper.checker import violations
from tests.properties.mapper.large import GIGABIT, LINK, TRUNK, make_request, make_site
from tests.unit.model.small import holds, host_of, link, node, put, shared, site_of, switch, wire


def placed(site: Site, wishes: list[Wish]) -> list[Contents]:
    answer = put(site, *wishes)
    assert violations(site, [one.resource for one in wishes], answer, {}) == []
    return answer


def between(site: Site, answer: list[Contents]) -> int:
    """What all trunks hold together, in links."""
    trunks = [one.component_id for one in site.wires if "+sw" in one.component_id]
    taken = holds(answer)
    return sum(taken.get((one, "bandwidth"), 0) for one in trunks) // LINK


@pytest.mark.parametrize(
    ("hosts", "switches", "nodes"), [(120, 3, 20), (525, 10, 250), (525, 10, 500), (2000, 20, 500)]
)
def test_large_requests_are_placed(hosts: int, switches: int, nodes: int) -> None:
    placed(make_site(hosts, switches), make_request(nodes, 7))


def test_who_fits_at_one_switch_crosses_no_trunk() -> None:
    site = make_site(525, 10)
    assert between(site, placed(site, make_request(50, 3))) == 0


@pytest.mark.parametrize(
    ("hosts", "switches", "nodes", "trunk", "seed"),
    # 13 links for each pair of 3 switches, where nodes anywhere had 33; 10 of 14 for 10 switches
    [(120, 3, 100, 1300, 0), (120, 3, 100, 1400, 1), (525, 10, 500, 1000, 0)],
)
def test_where_trunks_are_narrow_neighbours_lie_together(
    hosts: int, switches: int, nodes: int, trunk: int, seed: int
) -> None:
    site = make_site(hosts, switches, trunk * 1000)
    placed(site, make_request(nodes, seed))


def test_what_no_trunk_can_carry_ends_and_is_refused_the_same_every_time() -> None:
    site, wishes = make_site(120, 3, LINK), make_request(60, 0)
    first, second = (_refusal(site, wishes) for _ in range(2))
    assert isinstance(first, InsufficientBandwidth)
    assert (first.message, first.hint) == (second.message, second.hint)


def test_an_attempt_ends_after_so_many_steps() -> None:
    site, wishes = make_site(120, 3, LINK), make_request(60, 0)
    setting = Setting(plan_of(wishes, site, (), ()), site, {}, afresh=False)
    few, many = Attempt(setting), Attempt(setting)
    for attempt, most in ((few, 300), (many, 3000)):
        found = attempt.run(most)
        assert isinstance(found, Shortage)
        assert not found.proven
        # what it was at when they were used up is finished
        assert attempt.steps <= most + 300


def test_groups_find_a_shared_host_each() -> None:
    """Ten groups of four whose links fill a host; the uplinks carry none of them."""
    parts: list[Host | Wire] = [switch("sw", 10)]
    for n in range(10):
        parts.append(shared(f"s{n}", 4))
        parts.append(wire(f"w{n}", f"s{n}:0", f"sw:{n}", capacity=GIGABIT))
    site = site_of(*parts)
    # the groups' nodes come in turn
    nodes = [node(f"g{group}n{n}", 4) for n in range(4) for group in range(10)]
    links: list[Node | Link] = [
        link(f"l{group}.{n}", f"g{group}n{n}:0", f"g{group}n{(n + 1) % 4}:1", capacity=2 * GIGABIT)
        for group in range(10)
        for n in range(4)
    ]
    wishes = [Wish(one) for one in (*nodes, *links)]
    answer = placed(site, wishes)
    homes = {one.resource.client_id: host_of(one) for one in answer[:40]}
    for group in range(10):
        assert len({homes[f"g{group}n{n}"] for n in range(4)}) == 1


def test_a_lan_of_many_crosses_each_trunk_once() -> None:
    site = make_site(120, 3, TRUNK)
    wishes = [*make_request(90, 0)[:90]]
    ends = [
        one.resource.interfaces[0].client_id for one in wishes if isinstance(one.resource, Node)
    ]
    wishes.append(Wish(link("lan", *ends, capacity=LINK)))
    assert between(site, placed(site, wishes)) == 2


def test_more_than_all_hosts_have_is_refused_at_once() -> None:
    refusal = _refusal(make_site(120, 3), make_request(130, 0))
    assert isinstance(refusal, TooBig)
    assert "it would fit with 10 nodes fewer" in refusal.message


def _refusal(site: Site, wishes: list[Wish]) -> AmError:
    with pytest.raises(AmError) as caught:
        put(site, *wishes)
    return caught.value
