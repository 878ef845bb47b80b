"""Numbers in RSpecs: the schemas leave them as text (decision 24)."""

import re
from typing import Final

from lxml import etree

_NUMBER: Final = re.compile(r"\d{1,15}(?:\.\d{1,15})?", re.ASCII)
_EXAMPLES: Final = {
    "capacity": "kbit/s, like 100000",
    "latency": "milliseconds, like 10",
    "packet_loss": "packets lost of each one sent, like 0.01",
}


def number_of(property_: etree._Element, name: str) -> float | None:
    """A link property's `capacity`, `latency` or `packet_loss`; None where it says nothing.

    Raises ValueError, whose text says what would have been right.
    """
    text = property_.get(name, "").strip()
    if not text:
        return None
    if _NUMBER.fullmatch(text) is None:
        raise ValueError(f"{name} {text[:40]!r} is no number of {_EXAMPLES[name]}")
    number = float(text)
    if name == "packet_loss" and number > 1:
        raise ValueError(f"packet_loss {text[:40]!r} is no fraction from 0 to 1, like 0.01")
    return number
