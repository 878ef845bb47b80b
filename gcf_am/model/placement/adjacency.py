"""What a plan's links mean for its nodes."""

from itertools import islice
from typing import Final

from gcf_am.model.placement.plan import Plan

# Of a LAN's members, so that its size counts once and not squared: they lie together anyway.
MOST_OF_A_LAN: Final = 100


def neighbours(plan: Plan) -> list[tuple[list[int], list[str]]]:
    """For each node the other nodes it has links to, and the hosts of those that are there.

    Of a large LAN the first MOST_OF_A_LAN stand for all.
    """
    nodes: list[dict[int, None]] = [{} for _ in plan.nodes]
    hosts: list[dict[str, None]] = [{} for _ in plan.nodes]
    for link in plan.links:
        members, there = dict.fromkeys(link.nodes), dict.fromkeys(link.hosts)
        told = tuple(islice(members, MOST_OF_A_LAN))
        for node in members:
            nodes[node].update(dict.fromkeys(told))
            hosts[node].update(there)
    return [
        ([other for other in nodes[node] if other != node], list(hosts[node]))
        for node in range(len(plan.nodes))
    ]


def ports_needed(plan: Plan) -> list[int]:
    """For each node, the ports that its links take on a host of its own.

    A link to another node leaves such a host, and each end of it has its own port.
    """
    needed = [0] * len(plan.nodes)
    for link in plan.links:
        if len(link.nodes) + len(link.hosts) > 1:
            for end in link.ends:
                if end.node is not None:
                    needed[end.node] += 1
    return needed
