"""What the objective makes of one candidate, and of two."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

from gcf_am.homing.solve.network import Network, Start, nearest_node
from gcf_am.homing.solve.option import Frame, Option
from gcf_am.homing.sphere import HALF_ROUND, distance
from gcf_am.homing.stock import Candidate, Stock
from gcf_am.homing.terms import NetworkRule, Objective, Term

Pair = tuple[int, int]


@dataclass(frozen=True, slots=True)
class PairCost:
    """A weighted distance, or with a network a latency, between two options."""

    weight: float
    network: Network | None = None

    def row(self, option: Option, frame: Frame) -> list[float]:
        """What each option of the frame costs with this one; infinity when they do not go."""
        if self.network is None:
            return [self.weight * one for one in frame.distances(option)]
        start, network = Start(option.attachment), self.network
        latencies = (network.least_latency(start, one.attachment) for one in frame.options)
        return [self.weight * one if math.isfinite(one) else math.inf for one in latencies]

    @property
    def least(self) -> float:
        """What no two options cost less than."""
        if self.weight >= 0:
            return 0.0
        return -math.inf if self.network is not None else self.weight * HALF_ROUND


@dataclass(slots=True)
class Costs:
    """The objective with what there is; values are to be minimised.

    Without an objective the candidates' own costs count.
    """

    objective: Objective | None
    stock: Stock
    _network: Network | None = None
    _starts: dict[str, Start | None] = field(default_factory=dict)

    def unary(self, demand: str, candidate: Candidate) -> tuple[float, str]:
        """What it costs to give a demand a candidate, or why it cannot be told."""
        if self.objective is None:
            return candidate.cost, ""
        total = 0.0
        for term in self.objective.terms:
            if demand not in term.operands:
                continue
            value, reason = self._value(term, demand, candidate)
            if reason:
                return 0.0, reason
            total += term.weight * value
        return -total if self.objective.maximize else total, ""

    def pairs(self, number: Mapping[str, int]) -> dict[Pair, tuple[PairCost, ...]]:
        """Costs between demands, by pairs of their numbers, the lesser first."""
        found: dict[Pair, tuple[PairCost, ...]] = {}
        for term in () if self.objective is None else self.objective.terms:
            if not _between_demands(term, number) or any(
                name in self.stock.points for name in term.operands
            ):
                continue
            first, second = sorted(number[name] for name in term.operands)
            if first != second:
                assert self.objective is not None
                weight = -term.weight if self.objective.maximize else term.weight
                network = self._all() if term.function == "latency_between" else None
                pair = (first, second)
                found[pair] = (*found.get(pair, ()), PairCost(weight, network))
        return found

    def _value(self, term: Term, demand: str, candidate: Candidate) -> tuple[float, str]:
        if term.function == "cost":
            return candidate.cost, ""
        if term.function == "attribute":
            return _number(candidate, term.operands[1])
        by_latency = term.function == "latency_between"
        if by_latency and not candidate.attachment:
            return 0.0, "no advertised network is known to lead to it"
        if not by_latency and candidate.point is None:
            return 0.0, "it tells no latitude and longitude"
        other = term.operands[1] if term.operands[0] == demand else term.operands[0]
        place = self.stock.points.get(other)
        if place is None:
            # another demand: pairs() counts that
            return 0.0, ""
        if not by_latency:
            assert candidate.point is not None
            return distance(candidate.point, place), ""
        if other not in self._starts:
            self._starts[other] = nearest_node(self.stock.graph, place, self.stock.graph.points)
        start = self._starts[other]
        latency = math.inf
        if start is not None:
            latency = self._all().least_latency(start, candidate.attachment)
        return latency, "" if math.isfinite(latency) else f"no latency to {other} is known"

    def _all(self) -> Network:
        """The network with all its links."""
        if self._network is None:
            self._network = Network(self.stock.graph, NetworkRule())
        return self._network


def _between_demands(term: Term, number: Mapping[str, int]) -> bool:
    return term.function.endswith("_between") and all(name in number for name in term.operands)


def _number(candidate: Candidate, name: str) -> tuple[float, str]:
    value = candidate.attribute(name)
    try:
        return float(value if isinstance(value, str | int | float) else ""), ""
    except ValueError:
        return 0.0, f"its {name} is no number"
