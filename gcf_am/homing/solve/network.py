"""Paths through the advertised network.

A pair of nodes meets a rule when a path of links with the wanted bandwidth exists whose latency
and length, the least there are on such paths, meet the rest. What a link does not tell it cannot
prove.
"""

import heapq
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from gcf_am.homing.sphere import FIBRE, distance
from gcf_am.homing.stock import Graph, Point
from gcf_am.homing.terms import NetworkRule
from gcf_am.homing.threshold import NEAR, Threshold

# kbit/s in a Mbit/s
_KILO: Final = 1000.0
# latency and length
Measure = tuple[float, float]
_Hop = tuple[str, Measure]


@dataclass(frozen=True, slots=True)
class Start:
    """Where a path begins, and what it takes to get there."""

    node: str
    length: float = 0.0

    @property
    def latency(self) -> float:
        """Milliseconds of an access leg in fibre."""
        return self.length / FIBRE


class Network:
    """The links that a rule may use, and what is reached by them."""

    def __init__(self, graph: Graph, rule: NetworkRule) -> None:
        self._rule = rule
        self._hops: dict[str, list[_Hop]] = {}
        for edge in graph.edges:
            capacity = None if edge.capacity is None else edge.capacity / _KILO
            if rule.bandwidth is not None and (
                capacity is None or not rule.bandwidth.holds(capacity)
            ):
                continue
            first, second = edge.ends
            length = edge.length
            if length is None:
                length = _between(graph.points.get(first), graph.points.get(second))
            latency = edge.latency if edge.latency is not None else length / FIBRE
            self._hops.setdefault(first, []).append((second, (latency, length)))
            self._hops.setdefault(second, []).append((first, (latency, length)))
        self._reached: dict[Start, Mapping[str, list[Measure]]] = {}

    def reaches(self, start: Start, node: str) -> bool:
        """Whether the rule is met from there to the node."""
        measures = self._measures(start).get(node, ())
        return any(self._meets(one) for one in measures)

    def least_latency(self, start: Start, node: str) -> float:
        """Milliseconds; infinity when no path tells its latency."""
        return min((one[0] for one in self._measures(start).get(node, ())), default=math.inf)

    def _meets(self, measure: Measure) -> bool:
        latency, length = measure
        rule = self._rule
        return (
            rule.latency is None or (math.isfinite(latency) and rule.latency.holds(latency))
        ) and (rule.distance is None or (math.isfinite(length) and rule.distance.holds(length)))

    def _measures(self, start: Start) -> Mapping[str, list[Measure]]:
        """For each node what no other path to it beats in both latency and length."""
        known = self._reached.get(start)
        if known is None:
            known = self._explore(start)
            self._reached[start] = known
        return known

    def _explore(self, start: Start) -> Mapping[str, list[Measure]]:
        by_latency, by_length = self._rule.latency is not None, self._rule.distance is not None
        if by_latency and by_length:
            return self._both(start)
        if by_length:
            lengths = self._least(start.node, start.length, 1, self._rule.distance)
            return {node: [(0.0, length)] for node, length in lengths.items()}
        # without a threshold, too: who asks for the least latency gives none
        latencies = self._least(start.node, start.latency, 0, self._rule.latency)
        return {node: [(latency, 0.0)] for node, latency in latencies.items()}

    def _least(self, node: str, begin: float, of: int, most: Threshold | None) -> dict[str, float]:
        """The least sum of latencies (0) or lengths (1) to each node (Dijkstra), not beyond a threshold."""
        top = math.inf if most is None or most.operator in {">", ">="} else most.high + NEAR
        found = {node: begin}
        done: set[str] = set()
        waiting = [(begin, node)]
        hops, pop, push = self._hops, heapq.heappop, heapq.heappush
        while waiting:
            here, node = pop(waiting)
            if node in done:
                continue
            done.add(node)
            for other, step in hops.get(node, ()):
                there = here + step[of]
                if there <= top and there < found.get(other, math.inf):
                    found[other] = there
                    push(waiting, (there, other))
                elif there == math.inf and other not in found:
                    # reached, though nobody tells how far it is
                    found[other] = there
                    push(waiting, (there, other))
        return found

    def _both(self, start: Start) -> Mapping[str, list[Measure]]:
        """The sums of both that no other path beats in both."""
        found: dict[str, list[Measure]] = {}
        waiting: list[tuple[float, float, str]] = [(start.latency, start.length, start.node)]
        while waiting:
            latency, length, node = heapq.heappop(waiting)
            best = found.setdefault(node, [])
            # they come by their latencies: none is slower than this one
            if any(one[1] <= length for one in best):
                continue
            best.append((latency, length))
            for other, (more, further) in self._hops.get(node, ()):
                heapq.heappush(waiting, (latency + more, length + further, other))
        return found


def nearest_node(graph: Graph, point: Point, nodes: Iterable[str]) -> Start | None:
    """The advertised node nearest to a place, and how far that is."""
    best = min(
        (
            (distance(point, where), name)
            for name in nodes
            if (where := graph.points.get(name)) is not None
        ),
        default=None,
    )
    return None if best is None else Start(best[1], best[0])


def _between(one: Point | None, other: Point | None) -> float:
    return math.inf if one is None or other is None else distance(one, other)
