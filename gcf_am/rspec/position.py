"""Where in a document something is: how refusals name it."""

from lxml import etree

from gcf_am.errors import BadArgs
from gcf_am.safexml import line_of

_LONGEST = 80


def refusal(element: etree._Element, reason: str) -> BadArgs:
    """The BadArgs that names the element, its client_id and its line."""
    name = etree.QName(element).localname
    label = element.get("client_id") or element.get("name")
    named = f"{name} {label[:_LONGEST]!r}" if label else name
    line = line_of(element)
    return BadArgs(f"line {line}: {named}: {reason}" if line else f"{named}: {reason}")
