"""Makes an advertisement follow its schema, with as little change as that takes."""

import re
from typing import Final

from lxml import etree

from gcf_am.clock import format_time, parse_time
from gcf_am.rspec import extensions
from gcf_am.rspec.ad_form import CLOSED, form_of, is_core, may_stand
from gcf_am.rspec.components import numbered_slots, read_loopback
from gcf_am.rspec.features import read_features
from gcf_am.rspec.names import RSPEC, core
from gcf_am.rspec.numbers import number_of
from gcf_am.rspec.repairs import Kind, Repairs
from gcf_am.safexml import Problem, Schema, line_of

_TRUE: Final = frozenset({"true", "1", "yes", "y", "t", "on"})
_FALSE: Final = frozenset({"false", "0", "no", "n", "f", "off"})
_BOOLEANS: Final = frozenset({"true", "false", "1", "0"})
_DATE_TIME: Final = re.compile(
    r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)?", re.ASCII
)
_CAPACITY: Final = re.compile(
    r"\s*(\d{1,12}(?:\.\d{1,12})?)\s*([kKmMgGtT])(|b|bps|bit|bits|b/s|bit/s|bits/s|B/s|Bps)\s*",
    re.ASCII,
)
_SCALES: Final = {"k": 1e3, "m": 1e6, "g": 1e9, "t": 1e12}
# Attributes that are booleans, and what is taken where neither can be read. A host that does
# not say so is promised to one sliver only.
_TRUTHS: Final = {
    "node": ("exclusive", "true"),
    "available": ("now", "true"),
    "monitoring": ("user_traffic", None),
}
# An element that lacks one of these is worth keeping all the same; ZZ is no country's code.
_FILLED: Final = {("node", "exclusive"): "true", ("available", "now"): "true",
                  ("location", "country"): "ZZ"}  # fmt: skip
_COMPONENTS: Final = frozenset({"node", "link", "interface"})
# Passes over what extensions' schemas refuse: element by element first, then all of a name.
_SINGLE_PASSES: Final = 4
_PASSES: Final = 40


def repair(root: etree._Element, repairs: Repairs) -> None:
    """Respell, fill in and leave out, in place, until the schema of advertisements is content.

    Nodes, links and interfaces all stay; those without a component_id are left without, for
    whoever names them. Every change is noted.
    """
    waiting = [root]
    while waiting:
        element = waiting.pop()
        _repair_attributes(element, repairs)
        if _lacks(element, repairs):
            parent = element.getparent()
            assert parent is not None
            parent.remove(element)
            continue
        form = form_of(element)
        for child in list(element.iterchildren("*")):
            if not may_stand(child, form):
                repairs.note(Kind.ELEMENT, child)
                element.remove(child)
            elif is_core(child):
                waiting.append(child)
        _drop_text(element, repairs)
    for node in root.findall(core("node")):
        _repair_slots(node, repairs)
        _drop_unreadable(node, repairs)


def drop_refused_extensions(root: etree._Element, repairs: Repairs) -> list[Problem]:
    """Take out elements of extensions that a schema refuses; answers what is refused still."""
    problems: list[Problem] = []
    for number in range(_PASSES):
        problems = [*Schema("ad").errors(root), *extensions.problems(root)]
        if not problems:
            return []
        foreign = [one for one in root.iter("*") if _is_extension(one)]
        refused = {(one.line, one.element) for one in problems}
        found = [one for one in foreign if _names(one) & refused]
        if number >= _SINGLE_PASSES:
            # so many are wrong that one answer of the schema does not name them all
            tags = {one.tag for one in found}
            found = [one for one in foreign if one.tag in tags]
        if not found:
            return problems
        for one in found:
            parent = one.getparent()
            assert parent is not None
            repairs.note(Kind.EXTENSION, one)
            parent.remove(one)
    return problems


def _is_extension(element: etree._Element) -> bool:
    """Whether it is the outermost element of another namespace."""
    parent = element.getparent()
    return parent is not None and is_core(parent) and not is_core(element)


def _names(element: etree._Element) -> set[tuple[int, str]]:
    """How a schema's problems name it and what is in it."""
    return {(line_of(one), etree.QName(one).localname) for one in element.iter("*")}


def _repair_attributes(element: etree._Element, repairs: Repairs) -> None:
    name = etree.QName(element).localname
    if name == "interface" and not element.get("component_id") and element.get("client_id"):
        element.set("component_id", element.get("client_id", ""))
    form = form_of(element)
    for attribute in list(map(str, element.attrib)):
        namespace: str | None = etree.QName(attribute).namespace
        allowed = attribute in form.attributes if namespace is None else (
            namespace != RSPEC and name not in CLOSED
        )  # fmt: skip
        if not allowed:
            repairs.note(Kind.ATTRIBUTE, element, etree.QName(attribute).localname)
            del element.attrib[attribute]
    if name in _TRUTHS:
        _respell_truth(element, *_TRUTHS[name], repairs)
    if name == "rspec":
        for attribute in ("generated", "expires"):
            _respell_date(element, attribute, repairs)
    if name == "property":
        _respell_numbers(element, repairs)
    for attribute in form.required:
        filled = _FILLED.get((name, attribute))
        if filled is not None and attribute not in element.attrib:
            repairs.note(Kind.MISSING, element, f'{attribute}="{filled}"')
            element.set(attribute, filled)


def _lacks(element: etree._Element, repairs: Repairs) -> bool:
    """Whether it lacks what cannot be filled in."""
    if etree.QName(element).localname in _COMPONENTS:
        return False
    missing = [one for one in form_of(element).required if one not in element.attrib]
    if not missing:
        return False
    repairs.note(Kind.ELEMENT, element, f"it has no {' and no '.join(missing)}")
    return True


def _respell_truth(
    element: etree._Element, attribute: str, otherwise: str | None, repairs: Repairs
) -> None:
    text = element.get(attribute)
    if text is None or text.strip() in _BOOLEANS:
        return
    plain = text.strip().lower()
    meant = "true" if plain in _TRUE else "false" if plain in _FALSE else otherwise
    repairs.note(Kind.BOOLEAN, element, f"{attribute} {text[:40]!r} is {meant or 'left out'}")
    if meant is None:
        del element.attrib[attribute]
    else:
        element.set(attribute, meant)


def _respell_date(element: etree._Element, attribute: str, repairs: Repairs) -> None:
    text = element.get(attribute)
    if text is None or _DATE_TIME.fullmatch(text.strip()):
        return
    try:
        meant = format_time(parse_time(text))
        element.set(attribute, meant)
    except ValueError:
        meant = "left out"
        del element.attrib[attribute]
    repairs.note(Kind.DATE, element, f"{attribute} {text[:40]!r} is {meant}")


def _respell_numbers(property_: etree._Element, repairs: Repairs) -> None:
    for attribute in ("capacity", "latency", "packet_loss"):
        try:
            number_of(property_, attribute)
        except ValueError:
            text = property_.get(attribute, "")
            meant = _kilobits(text) if attribute == "capacity" else None
            told = "left out" if meant is None else str(meant)
            repairs.note(Kind.NUMBER, property_, f"{attribute} {text[:40]!r} is {told}")
            if meant is None:
                del property_.attrib[attribute]
            else:
                property_.set(attribute, str(meant))


def _kilobits(text: str) -> int | None:
    """A capacity with a unit in kbit/s: `1G`, `10000000kbps`, `100 Mbit/s`, `125 MB/s`."""
    match = _CAPACITY.fullmatch(text)
    if match is None:
        return None
    number, scale, unit = match.groups()
    bits = float(number) * _SCALES[scale.lower()] * (8 if unit.startswith("B") else 1)
    return int(bits // 1000) or None


def _repair_slots(node: etree._Element, repairs: Repairs) -> None:
    """Drop type_slots that are no number; also those of a shared node that all say 0.

    An advertisement may tell what is left of a node and not what it has.
    """
    told = numbered_slots(node)
    counts = [_count(one) for one in told]
    empty = node.get("exclusive") not in {"true", "1"} and all(one in {0, None} for one in counts)
    for element, count in zip(told, counts, strict=True):
        if count is None or empty:
            text = element.get("type_slots", "")[:40]
            repairs.note(Kind.NUMBER, element, f"type_slots {text!r}")
            parent = element.getparent()
            assert parent is not None
            parent.remove(element)


def _drop_unreadable(node: etree._Element, repairs: Repairs) -> None:
    """Drop features, and bandwidths within the node, whose amounts are no numbers."""

    def drop(element: etree._Element, reason: str) -> None:
        repairs.note(Kind.NUMBER, element, reason)
        wrong.append(element)

    wrong: list[etree._Element] = []
    read_features(node, drop)
    read_loopback(node, drop)
    for element in wrong:
        node.remove(element)


def _count(element: etree._Element) -> int | None:
    text = element.get("type_slots", "").strip()
    return int(text) if text.isascii() and text.isdigit() and len(text) < 9 else None


def _drop_text(element: etree._Element, repairs: Repairs) -> None:
    """Remove text between elements: an advertisement has none."""
    texts = [element.text, *(child.tail for child in element)]
    if not any(one and one.strip() for one in texts):
        return
    repairs.note(Kind.ELEMENT, element, "its text")
    element.text = None
    for child in element:
        child.tail = None
