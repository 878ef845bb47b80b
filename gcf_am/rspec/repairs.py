"""What an import had to change, to be told to the operator."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from lxml import etree

from gcf_am.rspec.position import label
from gcf_am.safexml import line_of


class Kind(StrEnum):
    """The kinds of repairs; the value is how a report calls them."""

    VERSION = "read as RSpec version 3"
    BLOCK = "blocks of services that are not offered here left out"
    AVAILABLE = "nodes that were not available taken as available"
    SLIVER_TYPE = "nodes without a sliver type given one"
    BOOLEAN = "truth values respelled"
    DATE = "dates respelled or left out"
    NUMBER = "numbers converted, or left out where they are none"
    ATTRIBUTE = "attributes that may not stand there left out"
    ELEMENT = "elements that may not stand there, or lack what they need, left out"
    EXTENSION = "extensions that their own schema refuses left out"
    MISSING = "missing attributes filled in"
    NAME = "names that are no URN of their kind made one"
    CLASH = "names that another component has already changed"
    TWICE = "components listed twice kept once"
    ELSEWHERE = "links to interfaces that no node has taken as leading elsewhere"
    ENDS = "links with fewer than two ends advertised, not used"


@dataclass(frozen=True, slots=True)
class Repair:
    """One of them; `line` is 0 where none is known."""

    kind: Kind
    line: int
    what: str


class Repairs:
    """Collects them in the order in which they are made."""

    def __init__(self) -> None:
        self._made: list[Repair] = []

    def note(self, kind: Kind, element: etree._Element, what: str = "") -> None:
        """Remember that this was done to an element."""
        text = f"{label(element)}: {what}" if what else label(element)
        self._made.append(Repair(kind, line_of(element), text))

    def all(self) -> tuple[Repair, ...]:
        """Those so far."""
        return tuple(self._made)


def by_kind(repairs: Iterable[Repair]) -> dict[Kind, list[Repair]]:
    """Repairs by their kind, kinds in their own order, each by line."""
    found: dict[Kind, list[Repair]] = {kind: [] for kind in Kind}
    for one in repairs:
        found[one.kind].append(one)
    return {
        kind: sorted(several, key=lambda one: one.line)
        for kind, several in found.items()
        if several
    }
