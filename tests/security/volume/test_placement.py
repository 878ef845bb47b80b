"""A LAN of thousands costs what its members cost, not their number squared."""

from gcf_am.model.placement.adjacency import MOST_OF_A_LAN, neighbours
from gcf_am.model.placement.plan import plan_of
from gcf_am.model.placement.wish import Wish
from tests.unit.model.small import host_of, link, node, put, shared, star


def test_members_of_a_large_lan_do_not_all_know_each_other() -> None:
    site = star(shared("s1"))
    nodes = [node(f"n{one}") for one in range(1000)]
    lan = link("lan", *(f"n{one}:0" for one in range(1000)))
    plan = plan_of([*map(Wish, nodes), Wish(lan)], site, (), ())
    assert max(len(others) for others, _ in neighbours(plan)) <= MOST_OF_A_LAN


def test_they_lie_together_all_the_same() -> None:
    count = MOST_OF_A_LAN + 20
    site = star(shared("s1", count), shared("s2", count + 1), shared("s3", count))
    nodes = [node(f"n{one}") for one in range(count)]
    lan = link("lan", *(f"n{one}:0" for one in range(count)))
    assert {host_of(one) for one in put(site, *nodes, lan)[:-1]} == {"s2"}
