"""Where in a document something is: how refusals name it."""

from typing import Final

from lxml import etree

from gcf_am.errors import BadArgs
from gcf_am.safexml import line_of

_NAMES: Final = ("client_id", "component_id", "name")
_LONGEST: Final = 120


def label(element: etree._Element) -> str:
    """The element's line, its kind and its name: `line 7: node 'web'`."""
    kind = etree.QName(element).localname
    name = next((text for key in _NAMES if (text := element.get(key))), "")
    named = f"{kind} {name[:_LONGEST]!r}" if name else kind
    line = line_of(element)
    return f"line {line}: {named}" if line else named


def refusal(element: etree._Element, reason: str) -> BadArgs:
    """The BadArgs that names the element."""
    return BadArgs(f"{label(element)}: {reason}")
