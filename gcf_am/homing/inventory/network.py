"""The network that advertisements tell of, put together."""

from collections.abc import Iterable, Mapping
from itertools import combinations
from typing import Final

from gcf_am.homing.inventory.nodes import Places, point_of
from gcf_am.homing.stock import Edge, Graph, Point
from gcf_am.model.site import Wire
from gcf_am.rspec.offers import Door, Offers

# Each with each, in a LAN: more of them would be a cloud, which is no link to measure.
_LARGEST_LAN: Final = 64


def graph_of(offers: Iterable[Offers], places: Places) -> Graph:
    """One graph of all; a link may join nodes of different aggregates."""
    told = list(offers)
    points: dict[str, Point | None] = {}
    node_of: dict[str, str] = {}
    for one in told:
        for offer in one.nodes:
            name = offer.host.component_id
            points[name] = point_of(offer, places)
            node_of |= {port.component_id: name for port in offer.host.ports}
    doors = [door for one in told for door in one.doors]
    for door in doors:
        node_of.setdefault(door.interface, door.node)
        points.setdefault(door.node, None)
    wires = {wire.component_id or str(wire.ports): wire for one in told for wire in one.links}
    edges = [edge for wire in wires.values() for edge in _edges(wire, node_of)]
    return Graph(points, (*edges, *_stitched(doors, node_of)))


def merged(graphs: Iterable[Graph]) -> Graph:
    """All of them as one."""
    points: dict[str, Point | None] = {}
    edges: list[Edge] = []
    for one in graphs:
        points |= one.points
        edges += one.edges
    return Graph(points, tuple(dict.fromkeys(edges)))


def _stitched(doors: Iterable[Door], node_of: Mapping[str, str]) -> list[Edge]:
    """Links between aggregates; of what both tell the lesser counts."""
    found: dict[tuple[str, str], list[float]] = {}
    for door in doors:
        if door.other in node_of:
            one, other = sorted((door.interface, door.other))
            told = found.setdefault((one, other), [])
            told += [] if door.capacity is None else [door.capacity]
    return [
        Edge((node_of[one], node_of[other]), min(told, default=None))
        for (one, other), told in found.items()
    ]


def _edges(wire: Wire, node_of: dict[str, str]) -> list[Edge]:
    nodes = sorted({node_of[port] for port in wire.ports if port in node_of})
    if len(nodes) > _LARGEST_LAN:
        return []
    capacity = None if wire.capacity is None else float(wire.capacity)
    return [Edge(ends, capacity, wire.latency) for ends in combinations(nodes, 2)]
