"""How an element of the surface comes, changes and goes; the automaton is a table.

Source: "Evolving the XenAPI"; facts on lifecycle 2.2.
"""

import re
from dataclasses import dataclass
from enum import IntEnum, StrEnum
from typing import Final

from gcf_am.surface.releases import Release

# Deprecated in release N, served in N and N+1, removed no earlier than N+2.
GRACE: Final = 2


class State(IntEnum):
    """What a client may count on; the larger of an element's and its parent's is what it meets."""

    PUBLISHED = 0
    PROTOTYPE = 1
    DEPRECATED = 2
    REMOVED = 3


class Change(StrEnum):
    """What a release did to an element."""

    PROTOTYPE = "prototype"
    PUBLISH = "published"
    EXTEND = "extended"
    CHANGE = "changed"
    DEPRECATE = "deprecated"
    REMOVE = "removed"


def offered(state: State, *, prototypes: bool) -> bool:
    """Whether what is in this state is served, where prototypes are or are not."""
    return state is not State.REMOVED and (prototypes or state is not State.PROTOTYPE)


AUTOMATON: Final[dict[tuple[State | None, Change], State]] = {
    (None, Change.PROTOTYPE): State.PROTOTYPE,
    (None, Change.PUBLISH): State.PUBLISHED,
    (State.PROTOTYPE, Change.PUBLISH): State.PUBLISHED,
    (State.PROTOTYPE, Change.EXTEND): State.PROTOTYPE,
    (State.PROTOTYPE, Change.CHANGE): State.PROTOTYPE,
    # a failed experiment owes no grace period
    (State.PROTOTYPE, Change.REMOVE): State.REMOVED,
    (State.PUBLISHED, Change.EXTEND): State.PUBLISHED,
    (State.PUBLISHED, Change.CHANGE): State.PUBLISHED,
    (State.PUBLISHED, Change.DEPRECATE): State.DEPRECATED,
    (State.DEPRECATED, Change.REMOVE): State.REMOVED,
}
_NEEDS_ADVICE: Final = frozenset({Change.CHANGE, Change.DEPRECATE, Change.REMOVE})
# Words that stand where a reason should: nobody learns from them what became different.
_NO_REASON: Final = re.compile(
    r"\b(dummy|todo|fixme|tbd|xxx)\b|^\W*(n/?a|none)?\W*$", re.IGNORECASE
)
_DANGER: Final = re.compile(r"CVE-\d{4}-\d+", re.ASCII)


class IllegalHistory(ValueError):
    """A history that no element can have."""


@dataclass(frozen=True, slots=True)
class Transition:
    """One record: what changed in which release, why, and what to use instead.

    `instead` are ids of elements, or words where there is no element to name. `urgent` names
    the danger (a CVE) that makes a removal skip the grace period.
    """

    change: Change
    release: Release
    reason: str
    instead: tuple[str, ...] = ()
    urgent: str = ""

    def __post_init__(self) -> None:
        told = f"{self.change} in {self.release.number}"
        if _NO_REASON.search(self.reason):
            raise IllegalHistory(f"{told} gives no reason")
        if self.change in _NEEDS_ADVICE and not any(one.strip() for one in self.instead):
            raise IllegalHistory(f"{told} names nothing instead")
        if self.urgent and not _DANGER.search(self.urgent):
            raise IllegalHistory(f"{told} is urgent without naming a danger like CVE-2030-1")


class Lifecycle:
    """A history that was checked; the state follows from it."""

    __slots__ = ("state", "transitions")

    def __init__(self, *transitions: Transition) -> None:
        state: State | None = None
        before: Transition | None = None
        for one in transitions:
            if before is not None:
                _check_order(before, one)
            after = AUTOMATON.get((state, one.change))
            if after is None:
                shown = state.name.lower() if state is not None else "nothing"
                raise IllegalHistory(f"{shown} cannot be {one.change} in {one.release.number}")
            state, before = after, one
        if state is None:
            raise IllegalHistory("an element begins with a record")
        self.state: Final = state
        self.transitions: Final = transitions

    @property
    def advice(self) -> str:
        """What a client is told of what is deprecated or removed; else empty."""
        if self.state < State.DEPRECATED:
            return ""
        last = self.transitions[-1]
        return f"{self.state.name.lower()}: {last.reason} Use {', '.join(last.instead)} instead."


def _check_order(before: Transition, after: Transition) -> None:
    if after.release < before.release:
        raise IllegalHistory(f"{after.release.number} does not come after {before.release.number}")
    removed = before.change is Change.DEPRECATE and after.change is Change.REMOVE
    if removed and not after.urgent and after.release.place - before.release.place < GRACE:
        raise IllegalHistory(
            f"deprecated in {before.release.number} cannot be removed already in "
            f"{after.release.number}"
        )


def published(release: Release, reason: str) -> Transition:
    """It may be relied on."""
    return Transition(Change.PUBLISH, release, reason)


def prototype(release: Release, reason: str) -> Transition:
    """It may be tried."""
    return Transition(Change.PROTOTYPE, release, reason)


def extended(release: Release, reason: str) -> Transition:
    """It does more; who used it as before sees no difference."""
    return Transition(Change.EXTEND, release, reason)


def changed(release: Release, reason: str, *instead: str) -> Transition:
    """It does something else; `instead` tells clients what to do."""
    return Transition(Change.CHANGE, release, reason, instead)


def deprecated(release: Release, reason: str, *instead: str) -> Transition:
    """It works as before and will go."""
    return Transition(Change.DEPRECATE, release, reason, instead)


def removed(release: Release, reason: str, *instead: str, urgent: str = "") -> Transition:
    """It is gone; `urgent` names the danger (a CVE) that leaves no time to wait."""
    return Transition(Change.REMOVE, release, reason, instead, urgent)
