"""Numbers in RSpecs: the schemas leave most as text, and none a sign (decision 24)."""

import re
from typing import Final

from lxml import etree

_NUMBER: Final = re.compile(r"\d{1,15}(?:\.\d{1,15})?", re.ASCII)
_EXAMPLES: Final = {
    "capacity": "kbit/s, like 100000",
    "latency": "milliseconds, like 10",
    "packet_loss": "packets lost of each one sent, like 0.01",
    "limit": "packets or bytes, like 50",
    "thresh": "packets or bytes, like 5",
    "maxthresh": "packets or bytes, like 15",
    "linterm": "packets of which one is dropped, like 10",
    "q_weight": "the newest sample's part in the average, like 0.002",
    "weight": "cost or amount, like 0.5",
    "value": "kbit/s, like 400000",
}
_FRACTIONS: Final = frozenset({"packet_loss", "q_weight"})


def number_of(element: etree._Element, name: str) -> float | None:
    """A number that an attribute says, such as a property's `capacity`; None where it is empty.

    Raises ValueError, whose text says what would have been right.
    """
    return number_in(element.get(name, ""), name)


def number_in(text: str, name: str) -> float | None:
    """The same of an attribute's text."""
    text = text.strip()
    if not text:
        return None
    if _NUMBER.fullmatch(text) is None:
        raise ValueError(f"{name} {text[:40]!r} is no number of {_EXAMPLES[name]}")
    number = float(text)
    if name in _FRACTIONS and number > 1:
        raise ValueError(f"{name} {text[:40]!r} is no fraction from 0 to 1, like 0.01")
    return number
