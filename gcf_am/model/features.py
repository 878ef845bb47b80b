"""Features of hosts, and the desires of nodes for them (emulab/1, element fd).

Source: RSpec extension emulab/1; Ricci, Alfeld, Lepreau, "A Solver for the Network Testbed
Mapping Problem", CCR 33(2) 2003, for what a weight means.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

# From this weight on a desire that nothing meets is a breach, as if it were violatable.
BREACH: Final = 1.0


class Counts(StrEnum):
    """How often a request pays for a feature that its nodes get and do not desire."""

    ONCE_ONLY = "OnceOnly"
    FIRST_FREE = "FirstFree"


@dataclass(frozen=True, slots=True)
class Feature:
    """What a host has, or (then called a desire) what a node wants its host to have.

    `weight` is a cost: of a feature that is had and not desired, of a desire that is not met. Of
    one that `adds` up (local operator +) it is an amount instead: what a host has for all its
    slivers together, or what a node wants of it. `violatable` as in the extension: not to meet
    it is a breach and no mere cost.
    """

    name: str
    weight: float
    violatable: bool = False
    adds: bool = False
    counts: Counts | None = None

    @property
    def hard(self) -> bool:
        """Whether a node that desires this cannot be without it."""
        return self.violatable or (not self.adds and self.weight >= BREACH)

    @property
    def amount(self) -> int:
        """The weight of one that adds up, in thousandths: holds are whole numbers."""
        return round(self.weight * 1000)
