"""Constraints on one candidate alone: why it is out, or nothing."""

from collections.abc import Callable, Mapping
from functools import partial

from gcf_am.homing.solve.network import Network, Start, nearest_node
from gcf_am.homing.solve.sphere import distance
from gcf_am.homing.stock import Candidate, Stock, Value, Verdict
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
from gcf_am.rspec.needs import NodeNeed

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
        value = attribute_of(candidate, name)
        if value is None:
            return f"it has no {name}"
        if not condition.holds(value):
            told = ", ".join(map(str, value)) if isinstance(value, tuple) else value
            return f"its {name} is {str(told)[:80]}, not {condition}"
    return ""


def attribute_of(candidate: Candidate, name: str) -> Value | None:
    """An attribute, or one of what every candidate has; None when it does not tell it."""
    if name in candidate.attributes:
        return candidate.attributes[name]
    own: dict[str, Value] = {
        "candidate_id": candidate.id,
        "inventory_type": candidate.inventory_type,
        "inventory_provider": candidate.provider,
        "location_id": candidate.location_id,
        "location_type": candidate.location_type,
        "host_id": candidate.host_id,
        "cost": candidate.cost,
        "region": candidate.zones.get("region", ""),
    }
    return own.get(name) or None


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
        lacks = _lacks(need, candidate)
        if lacks:
            return f"{need.name}: {lacks}"
    return ""


def _lacks(need: NodeNeed, candidate: Candidate) -> str:
    """The first thing that a node is not offered."""
    offered = {
        name: _texts(candidate.attributes.get(name))
        for name in ("hardware_type", "sliver_type", "disk_image")
    }
    for name, wanted in (("hardware_type", need.hardware_type), ("sliver_type", need.sliver_type)):
        if wanted is not None and wanted not in offered[name]:
            return f"it offers no {name} {wanted}"
    if (
        need.flavor is not None
        and need.flavor not in offered["hardware_type"] | offered["sliver_type"]
    ):
        return f"it offers no flavor {need.flavor}"
    if need.disk_image is not None and not any(
        one == need.disk_image or one.replace("//", "+").endswith(f"+{need.disk_image}")
        for one in offered["disk_image"]
    ):
        return f"it offers no disk_image {need.disk_image}"
    if need.exclusive is not None and candidate.attributes.get("exclusive") is not need.exclusive:
        return f"it is not {'exclusive' if need.exclusive else 'shared'}"
    interfaces = candidate.attributes.get("interfaces", 0)
    if need.interfaces and isinstance(interfaces, int) and interfaces < need.interfaces:
        return f"it has {interfaces} interfaces, not {need.interfaces}"
    return ""


def _texts(value: Value | None) -> set[str]:
    values = value if isinstance(value, tuple) else () if value is None else (value,)
    return {str(one) for one in values}
