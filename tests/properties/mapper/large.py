"""Large sites and requests of the kind that mappers are measured with.

Random connected graphs of mean degree 3 and at most 4, links of 100 Mb/s, on exclusive hosts with
four interfaces of 1 Gb/s to one switch each (host i to switch i mod S), the switches in a full
mesh of trunks.
"""

import random
from itertools import combinations

from gcf_am.model.placement import Wish
from gcf_am.model.site import Host, Port, Site, SliverType, Wire
from gcf_am.model.topology import Interface, Link, Node, Property
from gcf_am.urn import Urn

INTERFACES = 4
GIGABIT = 1_000_000
LINK = 100_000
TRUNK = 20 * GIGABIT
MEAN_DEGREE, MOST_DEGREE = 3, 4


def urn(kind: str, name: str) -> str:
    """The name of a component of the bench's aggregate."""
    return f"urn:publicid:IDN+bench+{kind}+{name}"


def make_site(hosts: int, switches: int, trunk: int = TRUNK) -> Site:
    """The site of a case: host i has its interfaces at switch i mod S."""
    parts: list[Host] = []
    wires: list[Wire] = []
    doors: list[list[Port]] = [[] for _ in range(switches)]

    def door(switch: int, capacity: int) -> str:
        name = urn("interface", f"sw{switch}:{len(doors[switch])}")
        doors[switch].append(Port(name, None, capacity))
        return name

    for number in range(hosts):
        name = f"pc{number}"
        ports = tuple(
            Port(urn("interface", f"{name}:eth{n}"), None, GIGABIT) for n in range(INTERFACES)
        )
        parts.append(
            Host(urn("node", name), name, True, 1, ("pc",), (SliverType("raw-pc"),), ports)
        )
        wires += [
            Wire(
                urn("link", f"{name}:eth{n}"),
                (port.component_id, door(number % switches, GIGABIT)),
                GIGABIT,
            )
            for n, port in enumerate(ports)
        ]
    for one, other in combinations(range(switches), 2):
        ends = (door(one, trunk), door(other, trunk))
        wires.append(Wire(urn("link", f"sw{one}-sw{other}"), ends, trunk))
    parts += [
        Host(
            urn("node", f"sw{n}"), f"sw{n}", False, 1, ("switch",), (), tuple(doors[n]), switch=True
        )
        for n in range(switches)
    ]
    return Site(Urn.parse("urn:publicid:IDN+bench+authority+am"), tuple(parts), tuple(wires), "1")


def make_graph(nodes: int, seed: int) -> list[tuple[int, int]]:
    """The edges of a random connected graph; no two join the same nodes."""
    chance = random.Random(seed)
    degree = [0] * nodes
    edges: dict[tuple[int, int], None] = {}

    def join(one: int, other: int) -> None:
        edges[min(one, other), max(one, other)] = None
        degree[one] += 1
        degree[other] += 1

    for node in range(1, nodes):
        join(node, chance.choice([one for one in range(node) if degree[one] < MOST_DEGREE]))
    while len(edges) * 2 < nodes * MEAN_DEGREE:
        one, other = chance.sample([one for one in range(nodes) if degree[one] < MOST_DEGREE], 2)
        if (min(one, other), max(one, other)) not in edges:
            join(one, other)
    return list(edges)


def make_request(nodes: int, seed: int, bandwidth: int = LINK) -> list[Wish]:
    """Exclusive nodes, and a link for each edge of a random graph."""
    edges = make_graph(nodes, seed)
    ends: list[list[Interface]] = [[] for _ in range(nodes)]
    links = []
    for number, pair in enumerate(edges):
        for node in pair:
            ends[node].append(Interface(f"n{node}:if{len(ends[node])}"))
        one, other = (ends[node][-1].client_id for node in pair)
        links.append(
            Link(
                f"l{number}",
                "<link/>",
                interfaces=(one, other),
                properties=(Property(one, other, bandwidth), Property(other, one, bandwidth)),
            )
        )
    made = [
        Node(f"n{n}", "<node/>", exclusive=True, sliver_type="raw-pc", interfaces=tuple(ends[n]))
        for n in range(nodes)
    ]
    return [*map(Wish, made), *map(Wish, links)]
