"""Whatever a check learns of the world goes through its tape, so that it can be judged again.

A check is a function of what its tape gives it: answers, times, the slices it was lent. Recorded
and played again in the same order, they lead to the same verdict, offline.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Protocol

from gcf_am.conformance.verdict import Undecided


class Tape(Protocol):
    """Where a check learns something; values are what JSON can hold."""

    @property
    def live(self) -> bool:
        """Whether there is a world to be asked, and to be waited for."""
        ...

    def learn(self, kind: str, find: Callable[[], Any]) -> Any:
        """What is found out now, or was then; `kind` says what it is."""
        ...


@dataclass
class Recording:
    """Finds out, and remembers: `items` are pairs of kind and value."""

    items: list[tuple[str, Any]] = field(default_factory=list)
    live: bool = True

    def learn(self, kind: str, find: Callable[[], Any]) -> Any:
        """Find it out, and remember it."""
        value = find()
        self.items.append((kind, value))
        return value


@dataclass
class Playing:
    """Tells what was found out then. Raises Undecided where the check asks for something else."""

    items: list[tuple[str, Any]]
    live: bool = False
    place: int = 0

    def learn(self, kind: str, find: Callable[[], Any]) -> Any:  # noqa: ARG002 nobody is asked
        """What was found out then."""
        if self.place >= len(self.items):
            raise Undecided(f"the cassette ends here, and the check wants to know: {kind}")
        said, value = self.items[self.place]
        if said != kind:
            raise Undecided(f"the cassette has {said} here, and the check wants to know: {kind}")
        self.place += 1
        return value
