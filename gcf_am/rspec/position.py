"""Where in a document something is: how refusals name it."""

from typing import Final

from lxml import etree

from gcf_am.errors import BadArgs
from gcf_am.safexml import line_of

_NAMES: Final = ("client_id", "component_id", "name")
_LONGEST: Final = 120


class BadElement(BadArgs):
    """An element of an RSpec is not as it must be: where it is, and what would have been right."""

    def __init__(self, element: etree._Element, reason: str) -> None:
        super().__init__(f"{label(element)}: {reason}")
        self.line = line_of(element)
        self.element = name_of(element)
        self.reason = reason


def label(element: etree._Element) -> str:
    """The element's line, its kind and its name: `line 7: node 'web'`."""
    line = line_of(element)
    return f"line {line}: {name_of(element)}" if line else name_of(element)


def name_of(element: etree._Element) -> str:
    """The element's kind and its name: `node 'web'`."""
    kind = etree.QName(element).localname
    name = next((text for key in _NAMES if (text := element.get(key))), "")
    return f"{kind} {name[:_LONGEST]!r}" if name else kind


def refusal(element: etree._Element, reason: str) -> BadElement:
    """The BadArgs that names the element."""
    return BadElement(element, reason)
