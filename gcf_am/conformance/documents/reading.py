"""An RSpec that came back, read, and what its schema has against it."""

from copy import deepcopy
from typing import Final, TypeAlias

from lxml import etree

from gcf_am.rspec.canonical import alone, strip_space, tree_of
from gcf_am.rspec.check import Finding, check

RSPEC: Final = "http://www.geni.net/resources/rspec/3"
SCHEMA_LOCATION: Final = "{http://www.w3.org/2001/XMLSchema-instance}schemaLocation"
Element: TypeAlias = etree._Element  # noqa: SLF001 lxml gives its elements no public name

# What no schema tells, or only we want, is no fault of another aggregate's document.
_SCHEMAS: Final = ("XML 1.0", "GENI RSpec v3, rspec", "GENI RSpec v3, schema", "RSpec extension")


class Unread(Exception):
    """The text is no RSpec of that kind; the words say why."""


def core(name: str) -> str:
    """An element's name in the RSpec namespace."""
    return f"{{{RSPEC}}}{name}"


def read(text: object, kind: str) -> Element:
    """The root of a `request`, `manifest` or `ad`; raises Unread."""
    if not isinstance(text, str):
        raise Unread(f"it is no text but {type(text).__name__}")
    verdict = check(text, kinds=(kind,))
    if verdict.kind != kind:
        raise Unread(_told(verdict.findings[0]))
    return tree_of(text)


def schema_faults(text: str, kind: str) -> list[str]:
    """What our schemas of RSpecs and of extensions have against it; empty when nothing."""
    found = check(text, kinds=(kind,)).findings
    return [_told(one) for one in found if one.fatal and one.clause.startswith(_SCHEMAS)]


def prolog_faults(text: str) -> list[str]:
    """Whether the text begins with an XML declaration that says UTF-8 (or nothing, which is it)."""
    head = text[: text.find("?>") + 2]
    if not head.startswith("<?xml"):
        return [f"it begins with {text[:30]!r}, not with an XML declaration"]
    if "encoding" in head and "utf-8" not in head.lower():
        return [f"its declaration says {head!r}, not UTF-8"]
    return []


def canonical(element: Element, *without: str) -> str:
    """The element as text by which two can be compared; attributes in `without` do not count.

    White space between RSpec elements means nothing; that within extensions does.
    """
    copy = deepcopy(element)
    copy.tail = None
    for name in without:
        copy.attrib.pop(name, "")
    strip_space(copy)
    return alone(copy)


def _told(finding: Finding) -> str:
    where = f"line {finding.line}: " if finding.line else ""
    return f"{where}{finding.element or 'document'}: {finding.expectation}"
