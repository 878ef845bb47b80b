"""Candidates that people write themselves. Source: template guide, Candidate Schema."""

from typing import Final

from gcf_am.homing.stock import Candidate, Scalar, Value
from gcf_am.homing.template.cursor import Cursor
from gcf_am.homing.template.locations import read_point
from gcf_am.homing.terms import InventoryType

_TEXTS: Final = (
    "candidate_id",
    "candidate_type",
    "inventory_type",
    "inventory_provider",
    "host_id",
    "location_id",
    "location_type",
    "service_resource_id",
)
_KNOWN: Final = (*_TEXTS, "cost", "latitude", "longitude", "capacity")
# Attributes that say in which zone of a category a candidate lies.
_ZONES: Final = {
    "region": "region",
    "complex_name": "complex",
    "country": "country",
    "disaster_zone": "disaster",
    "time_zone": "time",
    "maintenance_zone": "maintenance",
}


def read_candidate(
    entry: Cursor, *, provider: str, kind: InventoryType, cost: float
) -> Candidate | None:
    """Read one; keys without a meaning of their own are attributes, some of them name zones.

    `provider`, `kind` and `cost` are what it is taken for where it does not say. Without `region`
    its location_id is its region; `capacity` is how many demands may share it.
    """
    if not isinstance(entry.value, dict):
        entry.fields((), ("candidate_id", "location_id"))
        return None
    # 1. what it must have
    told = {name: entry.at(name, value) for name, value in entry.value.items() if value is not None}
    texts = {name: told[name].text() or "" for name in _TEXTS if name in told}
    for name in ("candidate_id", "location_id"):
        if name not in told:
            entry.wrong(f"it has no {name}")
    word = texts.get("inventory_type") or texts.get("candidate_type")
    if word and word not in list(InventoryType):
        told["inventory_type" if "inventory_type" in told else "candidate_type"].choice(
            [one.value for one in InventoryType]
        )
    # 2. numbers, which may be written as texts
    price = told["cost"].number() if "cost" in told else cost
    capacity = told["capacity"].number(0, 1e6) if "capacity" in told else None
    point = None if {"latitude", "longitude"}.isdisjoint(told) else read_point(entry, told)
    # 3. the rest
    attributes = dict(_attributes(told))
    zones = {"region": texts.get("location_id", "")}
    zones |= {
        zone: str(attributes[name])
        for name, zone in _ZONES.items()
        if attributes.get(name, "") != ""
    }
    return Candidate(
        id=texts.get("candidate_id", ""),
        inventory_type=word or kind.value,
        provider=texts.get("inventory_provider") or provider,
        location_id=texts.get("location_id", ""),
        location_type=texts.get("location_type") or "region",
        point=point,
        host_id=texts.get("host_id", ""),
        service_resource_id=texts.get("service_resource_id", ""),
        cost=price or 0.0,
        attributes=attributes,
        zones=zones,
        capacity=None if capacity is None else int(capacity),
    )


def _attributes(told: dict[str, Cursor]) -> list[tuple[str, Value]]:
    found: list[tuple[str, Value]] = []
    for name, one in told.items():
        if name in _KNOWN:
            continue
        values = one.value if isinstance(one.value, list) else [one.value]
        scalars: list[Scalar] = [item for item in values if isinstance(item, str | int | float)]
        if len(scalars) < len(values):
            one.wrong("an attribute is a string, a number, a boolean, or a list of them")
        else:
            found.append((name, tuple(scalars) if isinstance(one.value, list) else scalars[0]))
    return found
