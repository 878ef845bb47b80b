"""Where a judgement is, told step by step: so that a person can read what the code decided.

Whoever judges says before each step which it is; what a step found may be said after it. A step
that is followed by another has passed; a Refusal belongs to the last one.
"""

from dataclasses import dataclass, field
from typing import Final


class Trail:
    """Hears where a judgement is, and remembers nothing."""

    __slots__ = ()

    def at(self, step: str, about: str = "") -> None:
        """The judgement is at this step of its list, for what `about` says."""

    def within(self, step: int) -> None:
        """A chain is judged within the step, and is at this step of chains.STEPS."""

    def found(self, what: str) -> None:
        """What the step found, in words without secrets."""


SILENT: Final = Trail()


@dataclass(slots=True)
class Place:
    """A step that was reached; `within` is the step of a chain's judgement, 0 where it is over."""

    step: str
    about: str
    within: int = 0
    found: list[str] = field(default_factory=list)


class Footprints(Trail):
    """Remembers every step that was reached, in order."""

    __slots__ = ("places",)

    def __init__(self) -> None:
        self.places: list[Place] = []

    def at(self, step: str, about: str = "") -> None:
        """One more."""
        self.places.append(Place(step, about))

    def within(self, step: int) -> None:
        """Within the last one."""
        self.places[-1].within = step

    def found(self, what: str) -> None:
        """By the last one."""
        self.places[-1].found.append(what)
