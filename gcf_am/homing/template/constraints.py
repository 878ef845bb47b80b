"""The section constraints. Source: template guide, Constraint Types, the deferred ones too."""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from gcf_am.homing.condition import Condition
from gcf_am.homing.finding import Where, nearest
from gcf_am.homing.template.capability import read_capability
from gcf_am.homing.template.cursor import Cursor
from gcf_am.homing.terms import (
    AttributeRule,
    Constraint,
    DistanceRule,
    FitRule,
    GroupRule,
    InventoryType,
    LicenseRule,
    NetworkRule,
    Rule,
    ZoneRule,
)
from gcf_am.homing.threshold import UNITS, Dimension

CATEGORIES: Final = ("disaster", "region", "complex", "time", "maintenance", "country")
_SYNONYMS: Final = {f"{name}_zone": name for name in ("disaster", "time", "maintenance")}
_NETWORK: Final = {
    "bandwidth": Dimension.THROUGHPUT,
    "distance": Dimension.DISTANCE,
    "latency": Dimension.TIME,
}
_UNITS: Final = {unit: dimension for dimension, units in UNITS.items() for unit in units}


@dataclass(frozen=True, slots=True)
class Known:
    """The names that constraints may use; None: any."""

    demands: Collection[str]
    locations: Collection[str]
    controllers: Collection[str] | None
    files: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class _Type:
    """A constraint type: its properties, how many demands it takes, and how it is read."""

    read: Callable[[Mapping[str, Cursor], Cursor, Known], Rule | None]
    known: tuple[str, ...] = ()
    required: tuple[str, ...] = ()
    least: int = 1


def read_constraints(section: Cursor, known: Known) -> tuple[Constraint, ...]:
    """The constraints; as a map, or as Example 1 has them, a list of maps with one name each."""
    found: list[Constraint] = []
    names: set[str] = set()
    for entry in _named(section):
        if entry.name in names:
            entry.wrong(f"a constraint {entry.name[:60]!r} stands above")
        names.add(entry.name)
        one = _constraint(entry, known)
        if one is not None:
            found.append(one)
    return tuple(found)


def _named(section: Cursor) -> Iterable[Cursor]:
    if not isinstance(section.value, list):
        yield from section.entries("constraints")
        return
    for one in section.items():
        if isinstance(one.value, dict) and len(one.value) != 1:
            one.wrong("in a list of constraints each is a map with one key, its name")
        else:
            yield from one.entries("constraints")


def _constraint(entry: Cursor, known: Known) -> Constraint | None:
    """1. Its type. 2. Its demands. 3. Its properties."""
    told = entry.fields(("type", "demands", "properties"), ("type", "demands"))
    # 1.
    word = told["type"].choice(list(_TYPES)) if "type" in told else None
    # 2.
    least = _TYPES[word].least if word else 1
    demands = (
        read_names(told["demands"], known.demands, "demand", least) if "demands" in told else ()
    )
    if word is None:
        return None
    # 3.
    type_ = _TYPES[word]
    if "properties" in told:
        properties = told["properties"].fields(type_.known, type_.required)
    else:
        properties = {}
        for name in type_.required:
            entry.wrong(f"its properties lack {name}")
    if any(name not in properties for name in type_.required):
        return None
    if word == "inventory_group" and len(demands) > 2:
        entry.warn("all its demands are constrained", "Conductor used the first two alone")
    rule = type_.read(properties, entry, known)
    return None if rule is None else Constraint(entry.name, word, demands, rule, entry.where)


def read_names(entry: Cursor, known: Collection[str], what: str, least: int) -> tuple[str, ...]:
    """Declared names, each once, one alone or a list."""
    found: list[str] = []
    for one in entry.items(single=True):
        name = one.text()
        if name is None:
            continue
        if name not in known:
            one.wrong(f"there is no {what} {name[:60]!r}", nearest(name, known))
        elif name in found:
            one.wrong(f"{name[:60]!r} stands there twice")
        found.append(name)
    if len(found) < least and not (entry.value and not isinstance(entry.value, list | str)):
        entry.wrong(f"it needs at least {least} {what}{'s' if least > 1 else ''}")
    return tuple(found)


def _attribute(told: Mapping[str, Cursor], entry: Cursor, _: Known) -> Rule | None:
    evaluate = told["evaluate"]
    found = [
        (one.name, condition, one.where)
        for one in evaluate.entries("attributes")
        for condition in one.conditions()
    ]
    if evaluate.value == {}:
        entry.wrong("evaluate is empty; give at least one attribute")
    return AttributeRule(tuple(found))


def _threshold(told: Mapping[str, Cursor], _: Cursor, __: Known) -> Rule | None:
    """Of later Conductors: a list of attribute, operator, threshold and unit."""
    found: list[tuple[str, Condition, Where]] = []
    names = ("attribute", "operator", "threshold", "unit")
    for one in told["evaluate"].items(single=True):
        parts = one.fields(names, names[:3])
        unit = parts["unit"].choice(list(_UNITS)) if "unit" in parts else None
        if all(name in parts for name in names[:3]):
            attribute = parts["attribute"].text()
            operator = parts["operator"].choice(("eq", "ne", "lt", "gt", "lte", "gte"))
            number = parts["threshold"].number()
            if attribute and operator and number is not None:
                # attributes have no unit: they count in the default one
                bound = number * (UNITS[_UNITS[unit]][unit] if unit else 1.0)
                found.append((attribute, Condition(operator, (bound,)), one.where))
    return AttributeRule(tuple(found))


def _distance(told: Mapping[str, Cursor], _: Cursor, known: Known) -> Rule | None:
    threshold = told["distance"].threshold(Dimension.DISTANCE)
    location = _location(told, known)
    return None if threshold is None else DistanceRule(threshold, location)


def _network(told: Mapping[str, Cursor], entry: Cursor, known: Known) -> Rule | None:
    found = {
        name: told[name].threshold(dimension)
        for name, dimension in _NETWORK.items()
        if name in told
    }
    if not found:
        entry.wrong("it demands nothing", "give bandwidth, distance or latency")
    return NetworkRule(**found, location=_location(told, known))


def _location(told: Mapping[str, Cursor], known: Known) -> str | None:
    if "location" not in told:
        return None
    names = read_names(told["location"], known.locations, "location", 1)
    if len(names) > 1:
        told["location"].wrong("it is one location")
    return names[0] if names else None


def _fit(applies_to: InventoryType) -> Callable[[Mapping[str, Cursor], Cursor, Known], Rule | None]:
    def read(told: Mapping[str, Cursor], _: Cursor, known: Known) -> Rule | None:
        controller = read_controller(told["controller"], known.controllers)
        return FitRule(controller, read_request(told), applies_to)

    return read


def _service(told: Mapping[str, Cursor], _: Cursor, known: Known) -> Rule | None:
    """Under its name in the guide's example of get_param: instance_fit by its provider's URL."""
    if "cost" in told:
        told["cost"].number()
        told["cost"].warn("cost says nothing about who fits and is not used")
    controller = read_controller(told["provider_url"], known.controllers)
    return FitRule(controller, read_request(told), InventoryType.SERVICE)


def read_controller(entry: Cursor, controllers: Collection[str] | None) -> str:
    """The name of an installed controller."""
    name = entry.text() or ""
    if name and controllers is not None and name not in controllers:
        entry.wrong(f"there is no controller {name[:60]!r}", nearest(name, controllers))
    return name


def read_request(told: Mapping[str, Cursor]) -> Mapping[str, object]:
    """A controller's request: its content is the controller's business."""
    if "request" not in told:
        return {}
    return {one.name: one.value for one in told["request"].entries("what the controller knows")}


def _zone(told: Mapping[str, Cursor], _: Cursor, __: Known) -> Rule | None:
    qualifier = told["qualifier"].choice(("same", "different"))
    category = told["category"].text()
    category = _SYNONYMS.get(category or "", category)
    if category is not None and category not in CATEGORIES:
        told["category"].choice(CATEGORIES)
        return None
    return (
        None if qualifier is None or category is None else ZoneRule(qualifier == "same", category)
    )


def _license(told: Mapping[str, Cursor], _: Cursor, __: Known) -> Rule | None:
    name, key = told["id"].text(), told["key"].text()
    return None if name is None or key is None else LicenseRule(name, key)


def _group(_: Mapping[str, Cursor], __: Cursor, ___: Known) -> Rule | None:
    return GroupRule()


def _capability(told: Mapping[str, Cursor], entry: Cursor, known: Known) -> Rule | None:
    return read_capability(told, entry, known.files)


_FIT: Final = ("controller", "request")
_CAPABILITY: Final = _Type(_capability, ("specification", "template", "environment"), ("template",))
_TYPES: Final = {
    "attribute": _Type(_attribute, ("evaluate",), ("evaluate",)),
    "threshold": _Type(_threshold, ("evaluate",), ("evaluate",)),
    "distance_between_demands": _Type(_distance, ("distance",), ("distance",), 2),
    "distance_to_location": _Type(_distance, ("distance", "location"), ("distance", "location")),
    "instance_fit": _Type(_fit(InventoryType.SERVICE), _FIT, ("controller",)),
    "region_fit": _Type(_fit(InventoryType.CLOUD), _FIT, ("controller",)),
    "service": _Type(_service, ("provider_url", "request", "cost"), ("provider_url",)),
    "inventory_group": _Type(_group, least=2),
    "zone": _Type(_zone, ("qualifier", "category"), ("qualifier", "category"), 2),
    "license": _Type(_license, ("id", "key"), ("id", "key")),
    "network_between_demands": _Type(_network, tuple(_NETWORK), least=2),
    "network_to_location": _Type(_network, (*_NETWORK, "location"), ("location",)),
    "capability": _CAPABILITY,
    # so in the guide's example of get_file
    "capacity": _CAPABILITY,
}
