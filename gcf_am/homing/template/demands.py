"""The section demands. Source: template guide, Demands."""

from collections.abc import Collection
from dataclasses import replace
from typing import Final

from gcf_am.homing.condition import Condition
from gcf_am.homing.finding import nearest
from gcf_am.homing.template.candidates import read_candidate
from gcf_am.homing.template.cursor import Cursor
from gcf_am.homing.terms import Demand, InventoryType, Requirement

_REQUIREMENT: Final = (
    "inventory_provider",
    "inventory_type",
    "attributes",
    "filtering_attributes",
    "passthrough_attributes",
    "default_attributes",
    "service_type",
    "service_id",
    "default_cost",
    "required_candidates",
    "excluded_candidates",
    "existing_placement",
    "candidates",
    "unique",
    "region",
    "complex",
)


def read_demands(section: Cursor, providers: Collection[str] | None) -> dict[str, Demand]:
    """The demands by name; `providers` are the inventories there are, None for any."""
    found: dict[str, Demand] = {}
    for entry in section.entries("demands"):
        requirements = [_requirement(one, providers) for one in entry.items(single=True)]
        if isinstance(entry.value, list) and not requirements:
            entry.wrong("it is empty; give at least one map with inventory_type")
        # named all the same: who refers to it is not wrong
        usable = tuple(one for one in requirements if one is not None)
        found[entry.name] = Demand(entry.name, usable, entry.where)
    if isinstance(section.value, dict) and not found:
        section.wrong("it is empty; a template has at least one demand")
    return found


def _requirement(entry: Cursor, providers: Collection[str] | None) -> Requirement | None:
    """1. Kind and provider. 2. Conditions. 3. Candidates named. 4. The rest."""
    told = entry.fields(_REQUIREMENT)
    if not told:
        return None
    # 1.
    own = "candidates" in told
    for name in () if own else ("inventory_provider", "inventory_type"):
        if name not in told:
            entry.wrong(f"it has no {name}")
    kind = InventoryType.CLOUD
    if "inventory_type" in told:
        word = told["inventory_type"].choice([one.value for one in InventoryType])
        kind = InventoryType(word) if word else kind
    provider = told["inventory_provider"].text() if "inventory_provider" in told else ""
    if provider and providers is not None and not own and provider not in providers:
        told["inventory_provider"].wrong(
            f"there is no inventory provider {provider[:60]!r}", nearest(provider, providers)
        )
    found = Requirement(provider or "", kind, entry.where)
    # 2.
    found = replace(found, attributes=tuple(_attributes(told)))
    # 3.
    named = {
        name: frozenset(_ids(told[name]))
        for name in ("required_candidates", "excluded_candidates", "existing_placement")
        if name in told
    }
    required, excluded = (
        named.get("required_candidates"),
        named.get("excluded_candidates", frozenset()),
    )
    for one in sorted((required or frozenset()) & excluded):
        told["excluded_candidates"].wrong(f"{one[:80]!r} is required and excluded")
    found = replace(
        found,
        required=required,
        excluded=excluded,
        existing=named.get("existing_placement", frozenset()),
    )
    # 4.
    for name in ("service_type", "service_id"):
        if name in told and kind is InventoryType.CLOUD:
            told[name].warn(f"{name} chooses among services and has no meaning for a cloud")
    cost = told["default_cost"].number() if "default_cost" in told else 0.0
    found = replace(
        found,
        service_types=told["service_type"].texts() if "service_type" in told else (),
        service_ids=told["service_id"].texts() if "service_id" in told else (),
        default_cost=cost or 0.0,
        passthrough=_plain_map(told, "passthrough_attributes"),
        defaults=_plain_map(told, "default_attributes"),
        unique=bool(told["unique"].flag()) if "unique" in told else False,
    )
    if not own:
        return found
    candidates = [
        read_candidate(one, provider=found.provider or "template", kind=kind, cost=cost or 0.0)
        for one in told["candidates"].items()
    ]
    return replace(found, candidates=tuple(one for one in candidates if one is not None))


def _attributes(told: dict[str, Cursor]) -> list[tuple[str, Condition]]:
    found: list[tuple[str, Condition]] = []
    for section in ("attributes", "filtering_attributes"):
        for one in told[section].entries("attributes") if section in told else ():
            for condition in one.conditions():
                if condition.operator == "regex":
                    one.wrong("regex is for constraints of type attribute")
                else:
                    found.append((one.name, condition))
    for key, attribute in (("region", "region"), ("complex", "complex_name")):
        if key in told and (text := told[key].text()) is not None:
            found.append((attribute, Condition("eq", (text,))))
    return found


def _ids(entry: Cursor) -> list[str]:
    """Candidate ids: of maps with candidate_id, or alone."""
    found: list[str] = []
    for one in entry.items(single=True):
        if isinstance(one.value, dict):
            # the guide writes whole candidates here, of which the id names one
            if "candidate_id" not in one.value:
                one.wrong("it has no candidate_id")
                continue
            text = one.at("candidate_id", one.value["candidate_id"]).text()
        else:
            text = one.text()
        if text is not None:
            found.append(text)
    return found


def _plain_map(told: dict[str, Cursor], name: str) -> dict[str, object]:
    return {one.name: one.value for one in told[name].entries("attributes")} if name in told else {}
