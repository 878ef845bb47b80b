"""A whole template, read and judged: every mistake in it is told at once."""

from collections.abc import Collection, Mapping
from typing import Final

from gcf_am.homing.finding import Finding, TemplateErrors
from gcf_am.homing.template.constraints import (
    Known,
    read_constraints,
    read_controller,
    read_names,
    read_request,
)
from gcf_am.homing.template.cursor import Cursor
from gcf_am.homing.template.demands import read_demands
from gcf_am.homing.template.document import Document, read_document
from gcf_am.homing.template.intrinsics import Resolver
from gcf_am.homing.template.locations import read_locations
from gcf_am.homing.template.objective import read_objective
from gcf_am.homing.terms import Objective, Reservation, Template

VERSIONS: Final = ("2016-11-01", "2017-10-10", "2018-02-01", "2020-08-13")
_VERSION: Final = "homing_template_version"
_SECTIONS: Final = (
    _VERSION,
    "parameters",
    "locations",
    "demands",
    "constraints",
    "reservations",
    "reservation",
    "optimization",
)
_RESERVATION: Final = ("type", "demands", "properties")


def read_template(
    text: str,
    *,
    parameters: Mapping[str, object] | None = None,
    files: Mapping[str, str] | None = None,
    providers: Collection[str] | None = None,
    controllers: Collection[str] | None = None,
) -> Template:
    """Read a template, YAML or JSON.

    `parameters` go before the template's own of the same name; `files` are contents by the names
    that get_file uses. `providers` and `controllers` are the names of what is installed, for
    messages; None: not judged here.

    Raises TemplateErrors.
    """
    document = read_document(text)
    root = document.value
    if not isinstance(root, dict):
        raise TemplateErrors([Finding(1, 1, "", "a template is a map of sections", _example())])
    findings: list[Finding] = []
    warnings = list(document.warnings)
    # 1. the version, and parameters, in which no function has a meaning
    own = root.get("parameters")
    if own is not None and not isinstance(own, dict):
        findings.append(Finding.at(document.where(("parameters",)), "it must be a map of names"))
    known = (own if isinstance(own, dict) else {}) | dict(parameters or {})
    _check_version(document, root, findings)
    # 2. functions
    resolver = Resolver(document, known, files or {}, findings)
    resolved = {
        name: section if name in {_VERSION, "parameters"} else resolver.resolve(section, (name,))
        for name, section in root.items()
    }
    sections = Cursor(document, findings, warnings, resolved).fields(_SECTIONS, ("demands",))
    # 3. sections
    demands = read_demands(sections["demands"], providers) if "demands" in sections else {}
    locations = read_locations(sections["locations"]) if "locations" in sections else {}
    places = resolved.get("locations")
    names = Known(
        demands, places if isinstance(places, dict) else {}, controllers, dict(files or {})
    )
    constraints = (
        read_constraints(sections["constraints"], names) if "constraints" in sections else ()
    )
    objective = _objective(sections, names)
    reservations = _reservations(sections, names)
    if findings:
        raise TemplateErrors(findings)
    return Template(
        str(root.get(_VERSION)),
        known,
        locations,
        demands,
        constraints,
        reservations,
        objective,
        tuple(sorted(warnings)),
    )


def _check_version(document: Document, root: Mapping[str, object], findings: list[Finding]) -> None:
    known = ", ".join(VERSIONS)
    if _VERSION not in root:
        findings.append(Finding(1, 1, "", f"it has no {_VERSION}", f"use one of {known}"))
    elif root[_VERSION] not in VERSIONS:
        where = document.where((_VERSION,))
        message = f"version {str(root[_VERSION])[:40]!r} is not supported"
        findings.append(Finding.at(where, message, f"use one of {known}"))


def _objective(sections: Mapping[str, Cursor], names: Known) -> Objective | None:
    if "optimization" not in sections:
        return None
    return read_objective(sections["optimization"], names.demands, names.locations)


def _reservations(sections: Mapping[str, Cursor], names: Known) -> tuple[Reservation, ...]:
    """The section reservations, or its older form reservation: service_candidates."""
    entries = (
        list(sections["reservations"].entries("reservations")) if "reservations" in sections else []
    )
    if "reservation" in sections:
        old = sections["reservation"].fields(("service_candidates",), ("service_candidates",))
        for one in old.values():
            entries += one.entries("reservations")
    found = (_reservation(one, names) for one in entries)
    return tuple(one for one in found if one is not None)


def _reservation(entry: Cursor, names: Known) -> Reservation | None:
    told = entry.fields(_RESERVATION, ("demands", "properties"))
    if "type" in told:
        told["type"].choice(("instance_reservation",))
    if "demands" not in told or "properties" not in told:
        return None
    demands = read_names(told["demands"], names.demands, "demand", 1)
    properties = told["properties"].fields(("controller", "request"), ("controller",))
    if "controller" not in properties:
        return None
    return Reservation(
        entry.name,
        demands,
        read_controller(properties["controller"], names.controllers),
        read_request(properties),
        entry.where,
        properties["request"].where if "request" in properties else entry.where,
    )


def _example() -> str:
    return f"it begins like {_VERSION}: {VERSIONS[1]}"
