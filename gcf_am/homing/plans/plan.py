"""A plan and the states it passes.

Source: Homing API v1, Plan Status and State Diagram.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Final


class Status(StrEnum):
    """Where a plan is; the values are the documented words."""

    TEMPLATE = "template"
    TRANSLATED = "translated"
    SOLVING = "solving"
    SOLVED = "solved"
    NOT_FOUND = "not found"
    RESERVING = "reserving"
    DONE = "done"
    ERROR = "error"

    @property
    def final(self) -> bool:
        """Whether nothing more happens to the plan by itself."""
        return not _EDGES[self]


# The arrows of the state diagram. From solving back to translated goes what a worker left behind;
# from reserving to translated, what is solved again without the candidates that were refused.
_EDGES: Final[Mapping[Status, frozenset[Status]]] = {
    Status.TEMPLATE: frozenset({Status.TRANSLATED, Status.ERROR}),
    Status.TRANSLATED: frozenset({Status.SOLVING, Status.ERROR}),
    Status.SOLVING: frozenset({Status.SOLVED, Status.NOT_FOUND, Status.ERROR, Status.TRANSLATED}),
    Status.SOLVED: frozenset({Status.RESERVING, Status.DONE, Status.ERROR}),
    Status.RESERVING: frozenset({Status.DONE, Status.ERROR, Status.TRANSLATED}),
    Status.NOT_FOUND: frozenset(),
    Status.DONE: frozenset(),
    Status.ERROR: frozenset(),
}
MOVING: Final = tuple(one for one in Status if not one.final)


def may_follow(old: Status, new: Status) -> bool:
    """Whether an arrow leads from one status to the other."""
    return new in _EDGES[old]


@dataclass(frozen=True, slots=True)
class Excluded:
    """What is not to be chosen again in a plan, and why: a candidate, or a whole aggregate
    (`candidate` is empty).
    """

    aggregate: str
    candidate: str
    reason: str


@dataclass(frozen=True, slots=True)
class Asked:
    """What somebody asked for: the request of POST /v1/plans, judged.

    `owner` is the caller's URN; `template` is the text, `files` what get_file finds by name.
    `limit` is how many recommendations, `seconds` how long a solve may take. With `reserve` all
    demands are reserved though the template has no section for it. `credentials` are what
    AM API v3 takes: structs of geni_type, geni_version and geni_value.
    """

    id: str
    name: str
    owner: str
    template: str
    transaction_id: str = ""
    files: Mapping[str, str] = field(default_factory=dict)
    limit: int = 1
    seconds: float = 60.0
    reserve: bool = False
    credentials: tuple[Mapping[str, str], ...] = field(default=(), repr=False)


@dataclass(frozen=True, slots=True)
class Plan:
    """A plan as it stands. `asked.credentials` are not part of it: they are kept apart, sealed.

    `solution` is what the solver answered (Solution.to_json), None before. `attempts` counts
    how often it was reserved; `excluded` is what those attempts brought up.
    """

    asked: Asked
    status: Status
    message: str
    created: datetime
    updated: datetime
    solution: Mapping[str, object] | None = None
    excluded: tuple[Excluded, ...] = ()
    attempts: int = 0
    ending: bool = False

    @property
    def id(self) -> str:
        """Its UUID."""
        return self.asked.id

    @property
    def in_log(self) -> str:
        """How each log line of it names it."""
        return f"plan {self.id} (transaction {self.asked.transaction_id or '-'})"
