"""What a reservation of a template asks for, read from its request.

request:
  slice_urn: urn:publicid:IDN+...+slice+...   # else the one that a credential is for
  sliver_type, disk_image, hardware_type: NAME
  exclusive: true | false                     # else as the node is advertised
  links: [{demands: [a, b], capacity: 1000, type: vlan}]     # kbit/s
  end_time: 2030-01-31T12:00:00Z
  provision: true | false                     # else slivers are left allocated
  users: [{urn: URN, keys: [KEY]}]            # for provision
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

from gcf_am.clock import parse_time
from gcf_am.errors import did_you_mean
from gcf_am.homing.finding import Finding, TemplateErrors
from gcf_am.homing.terms import Constraint, Reservation, Template, ZoneRule
from gcf_am.rspec.composing import ChosenLink
from gcf_am.urn import Urn

_TEXTS: Final = ("sliver_type", "disk_image", "hardware_type")
_KEYS: Final = ("slice_urn", *_TEXTS, "exclusive", "links", "end_time", "provision", "users")


@dataclass(frozen=True, slots=True)
class Wanted:
    """One reservation: which demands, and how they are to become slivers."""

    name: str
    demands: tuple[str, ...]
    slice_urn: str = ""
    sliver_type: str = ""
    disk_image: str = ""
    hardware_type: str = ""
    exclusive: bool | None = None
    links: tuple[ChosenLink, ...] = ()
    end_time: datetime | None = None
    provision: bool = False
    users: tuple[Mapping[str, object], ...] = ()


def wanted_of(template: Template, *, all_demands: bool = False) -> tuple[Wanted, ...]:
    """What is to be reserved; with `all_demands` each of them, though no section says so.

    Raises TemplateErrors with everything that is wrong with requests. A demand is reserved once.
    """
    findings: list[Finding] = []
    wanted: list[Wanted] = []
    seen: dict[str, str] = {}
    for one in template.reservations:
        for demand in one.demands:
            if demand in seen:
                findings.append(
                    Finding.at(one.where, f"{demand} is reserved by {seen[demand]} already")
                )
            seen[demand] = one.name
        wanted.append(_read(one, findings))
    if findings:
        raise TemplateErrors(findings)
    rest = tuple(name for name in template.demands if name not in seen)
    if all_demands and rest:
        wanted.append(Wanted("", rest))
    return tuple(wanted)


def _read(one: Reservation, findings: list[Finding]) -> Wanted:
    where = one.request_where
    values: dict[str, Any] = {}
    for key, value in one.request.items():
        place = where.below(key)
        if key not in _KEYS:
            hint = did_you_mean(key, _KEYS) or f"known are {', '.join(_KEYS)}"
            findings.append(Finding.at(place, f"{key} is nothing that can be asked for", hint))
            continue
        try:
            values[key] = _value(key, value, one.demands)
        except ValueError as error:
            findings.append(Finding.at(place, str(error)))
    return Wanted(one.name, one.demands, **values)


def _value(key: str, value: object, demands: Sequence[str]) -> object:
    """A key's value, judged; raises ValueError that says what would have been right."""
    if key in {"exclusive", "provision"}:
        if not isinstance(value, bool):
            raise ValueError("it must be true or false")
        return value
    if key == "links":
        return _links(value, demands)
    if key == "users":
        return _users(value)
    if not isinstance(value, str) or not value or not value.isprintable():
        raise ValueError("it must be a text")
    if key == "end_time":
        return parse_time(value)
    if key == "slice_urn" and Urn.parse(value).kind != "slice":
        raise ValueError("it must be a slice's URN, like urn:publicid:IDN+ch.example+slice+name")
    return value


def _links(value: object, demands: Sequence[str]) -> tuple[ChosenLink, ...]:
    if not isinstance(value, list | tuple):
        raise ValueError(  # noqa: TRY004  (what the caller tells)
            "it must be a list of links like {demands: [a, b], capacity: 1000}"
        )
    made = []
    for number, one in enumerate(value, 1):
        if not isinstance(one, Mapping) or not one.keys() <= {"demands", "capacity", "type"}:
            raise ValueError(f"link {number} may have demands, capacity and type")
        ends = one.get("demands")
        if not isinstance(ends, list | tuple) or len(set(ends)) < 2 or not set(ends) <= {*demands}:
            raise ValueError(
                f"link {number} must join two or more of the reservation's demands "
                f"({', '.join(demands)})"
            )
        capacity, kind = one.get("capacity"), one.get("type", "")
        if capacity is not None and (type(capacity) is not int or capacity <= 0):
            raise ValueError(f"the capacity of link {number} must be a number of kbit/s")
        if not isinstance(kind, str) or not kind.isprintable():
            raise ValueError(f"the type of link {number} must be a text")
        made.append(ChosenLink(f"link-{number}", tuple(dict.fromkeys(ends)), capacity, kind))
    return tuple(made)


def _users(value: object) -> tuple[Mapping[str, object], ...]:
    fine = isinstance(value, list | tuple) and all(
        isinstance(one, Mapping)
        and one.keys() == {"urn", "keys"}
        and isinstance(one["keys"], list | tuple)
        and all(isinstance(text, str) for text in (one["urn"], *one["keys"]))
        for one in value
    )
    if not fine or not isinstance(value, list | tuple):
        raise ValueError("it must be a list of users like {urn: URN, keys: [SSH KEY]}")
    return tuple({"urn": one["urn"], "keys": list(one["keys"])} for one in value)


def joined(template: Template) -> Template:
    """The template with what its links imply: their demands live at one aggregate each.

    No stitching path between aggregates is advertised in a way that a request could use.
    """
    implied = [
        Constraint(
            name=f"reservations.{one.name}.links.{number}",
            type="zone",
            demands=link.nodes,
            rule=ZoneRule(same=True, category="region"),
            where=place.where,
        )
        for one, place in zip(wanted_of(template), template.reservations, strict=True)
        for number, link in enumerate(one.links)
    ]
    return replace(template, constraints=(*template.constraints, *implied))
