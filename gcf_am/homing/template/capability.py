"""What a stack needs: Heat templates and RSpec fragments.

Source: template guide, Capabilities (deferred there); Heat Orchestration Template specification
for OS::Nova::Server. `rspec` is ours.
"""

from collections.abc import Mapping
from typing import Final

from gcf_am.errors import XmlRefused
from gcf_am.homing.finding import Finding, TemplateErrors
from gcf_am.homing.template.cursor import Cursor
from gcf_am.homing.template.document import read_document
from gcf_am.homing.template.intrinsics import UNRESOLVED, Resolver, file_named
from gcf_am.homing.terms import CapabilityRule
from gcf_am.rspec.needs import NodeNeed, read_needs

_SERVER: Final = "OS::Nova::Server"


def read_capability(
    told: Mapping[str, Cursor], entry: Cursor, files: Mapping[str, str]
) -> CapabilityRule | None:
    """Read the nodes that must fit.

    `template` is the document itself, a key of `files`, or a URI that stands there.
    """
    if "specification" in told:
        kind = told["specification"].choice(("heat", "rspec"))
    else:
        # the guide's example of get_file leaves it out
        kind = "heat"
        entry.warn("without a specification the template is taken for heat's")
    text = _document(told["template"], files)
    if kind is None or text is None:
        return None
    if kind == "rspec":
        if "environment" in told:
            told["environment"].wrong("an rspec has no environment")
        try:
            return CapabilityRule(kind, read_needs(text))
        except XmlRefused as refused:
            told["template"].wrong(f"it is no RSpec: {refused}")
            return None
    environment = _document(told["environment"], files) if "environment" in told else ""
    if environment is None:
        return None
    return _read_heat(text, environment, told["template"])


def _document(entry: Cursor, files: Mapping[str, str]) -> str | None:
    if entry.value is UNRESOLVED:
        return None
    if isinstance(entry.value, str):
        found = file_named(entry.value.strip(), files)
        if found is not None:
            return found
        if "\n" in entry.value or "<" in entry.value or "{" in entry.value:
            return entry.value
    entry.wrong("it is neither a document nor a key of files", "use {get_file: KEY}")
    return None


def _read_heat(text: str, environment: str, entry: Cursor) -> CapabilityRule | None:
    """1. The documents. 2. Parameters. 3. Servers."""
    # 1.
    try:
        document = read_document(text)
        outer = read_document(environment or "{}").value
    except TemplateErrors as errors:
        for one in errors.findings[:3]:
            entry.wrong(f"in the Heat documents: {one}")
        return None
    if not isinstance(document.value, dict) or not isinstance(
        document.value.get("resources"), dict
    ):
        entry.wrong("it is no Heat template: it has no map resources")
        return None
    # 2.
    declared = document.value.get("parameters")
    parameters: dict[str, object] = {}
    for name, one in (declared if isinstance(declared, dict) else {}).items():
        if isinstance(one, dict) and "default" in one:
            parameters[name] = one["default"]
    given = outer.get("parameters") if isinstance(outer, dict) else None
    parameters |= given if isinstance(given, dict) else {}
    # 3.
    findings: list[Finding] = []
    resolver = Resolver(document, parameters, {}, findings)
    needs: list[NodeNeed] = []
    for name, one in document.value["resources"].items():
        if not isinstance(one, dict) or one.get("type") != _SERVER:
            continue
        properties = one.get("properties")
        properties = properties if isinstance(properties, dict) else {}
        told = {
            key: resolver.resolve(properties[key], ("resources", name, key))
            for key in ("flavor", "image", "networks")
            if key in properties
        }
        needs.append(_need(name, told))
    for finding in findings[:3]:
        entry.wrong(f"in the Heat template: {finding}")
    if not needs and not findings:
        entry.wrong(f"the Heat template has no {_SERVER}")
    return None if findings or not needs else CapabilityRule("heat", tuple(needs))


def _need(name: str, told: Mapping[str, object]) -> NodeNeed:
    flavor, image, networks = told.get("flavor"), told.get("image"), told.get("networks")
    return NodeNeed(
        name=name,
        flavor=flavor if isinstance(flavor, str) else None,
        disk_image=image if isinstance(image, str) else None,
        interfaces=len(networks) if isinstance(networks, list) else 0,
    )
