"""Constraints on one candidate alone: why it is out, or nothing."""

from collections.abc import Callable, Mapping
from functools import partial

from gcf_am.homing.needs import unmet_need
from gcf_am.homing.solve.network import Network, Start, nearest_node
from gcf_am.homing.sphere import distance
from gcf_am.homing.stock import Candidate, Stock, Verdict
from gcf_am.homing.terms import (
    AttributeRule,
    CapabilityRule,
    Constraint,
    DistanceRule,
    FitRule,
    LicenseRule,
    NetworkRule,
    ZoneRule,
)

# Why a candidate of a demand is out; empty when it may stay.
Judge = Callable[[str, Candidate], str]


def judge_of(constraint: Constraint, stock: Stock) -> Judge | None:
    """How a constraint judges a candidate; None when it needs more than one demand."""
    match constraint.rule:
        case AttributeRule() as attributes:
            return partial(_attributes, attributes)
        case DistanceRule(location=None):
            return _on_earth
        case DistanceRule() as near:
            return partial(_distance, near, stock)
        case NetworkRule(location=None):
            return _attached
        case NetworkRule() as network:
            return _network(network, stock)
        case ZoneRule(category=category):
            return partial(_zoned, category)
        case FitRule() as fit:
            return partial(_fits, fit, stock.verdicts.get(constraint.name, {}))
        case LicenseRule() as licence:
            free, wanted = stock.seats.get(constraint.name, 0), len(constraint.demands)
            reason = f"licence {licence.id} has {free} of {wanted} seats free"
            return lambda _, __: reason if free < wanted else ""
        case CapabilityRule() as capability:
            return partial(_capability, capability)
        case _:
            return None


def _attributes(rule: AttributeRule, _: str, candidate: Candidate) -> str:
    for name, condition, _where in rule.conditions:
        value = candidate.attribute(name)
        if value is None:
            return f"it has no {name}"
        if not condition.holds(value):
            told = ", ".join(map(str, value)) if isinstance(value, tuple) else value
            return f"its {name} is {str(told)[:80]}, not {condition}"
    return ""


def _on_earth(_: str, candidate: Candidate) -> str:
    return "" if candidate.point is not None else "it tells no latitude and longitude"


def _attached(_: str, candidate: Candidate) -> str:
    return "" if candidate.attachment else "no advertised network is known to lead to it"


def _zoned(category: str, _: str, candidate: Candidate) -> str:
    return "" if candidate.zones.get(category) else f"it tells no {category} zone"


def _distance(rule: DistanceRule, stock: Stock, _: str, candidate: Candidate) -> str:
    point = stock.points.get(rule.location or "")
    if point is None:
        return f"nobody knows where {rule.location} is"
    if candidate.point is None:
        return "it tells no latitude and longitude"
    kilometres = distance(candidate.point, point)
    if rule.distance.holds(kilometres):
        return ""
    return f"it is {kilometres:.1f} km from {rule.location}, not {rule.distance}"


def _network(rule: NetworkRule, stock: Stock) -> Judge:
    point = stock.points.get(rule.location or "")
    start: Start | None = None
    if point is not None:
        start = nearest_node(stock.graph, point, stock.graph.points)
    network = Network(stock.graph, rule)

    def judge(_: str, candidate: Candidate) -> str:
        if start is None:
            return f"no advertised node is known to be near {rule.location}"
        if lacks := _attached("", candidate):
            return lacks
        if network.reaches(start, candidate.attachment):
            return ""
        return f"no advertised path to {rule.location} is known to meet it"

    return judge


def _fits(rule: FitRule, verdicts: Mapping[str, Verdict], _: str, candidate: Candidate) -> str:
    if candidate.inventory_type != rule.applies_to:
        return ""
    verdict = verdicts.get(candidate.id)
    if verdict is None:
        return f"{rule.controller} says nothing of it"
    return "" if verdict.fits else f"{rule.controller}: {verdict.reason or 'it does not fit'}"


def _capability(rule: CapabilityRule, demand: str, candidate: Candidate) -> str:
    own = [one for one in rule.nodes if one.name == demand]
    for need in own or rule.nodes:
        lacks = unmet_need(need, candidate)
        if lacks:
            return f"{need.name}: {lacks}"
    return ""
