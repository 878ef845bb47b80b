"""What is checked, as data: each check is a rule, where the rule stands, and how to try it."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gcf_am.conformance.trial import Trial


class Severity(StrEnum):
    """How much a rule binds, as in RFC 2119."""

    MUST = "MUST"
    SHOULD = "SHOULD"
    MAY = "MAY"


class Profile(StrEnum):
    """What an aggregate wants to be held to; a check may belong to several."""

    V2 = "v2"
    V3 = "v3"
    V4_DRAFT = "v4-draft"
    FED4FIRE = "fed4fire"


class Need(StrEnum):
    """What must be so for a check to apply; the rest is skipped, and says why."""

    WRITES = "the run may reserve resources"
    UNBOUND = "the request leaves the choice of nodes to the aggregate"
    SECOND_NODE = "the advertisement has two nodes that can be had at once"
    SEVERAL_ALLOCATES = "geni_allocate lets a slice be allocated more than once"
    PARTS = "geni_single_allocation is 0: slivers can be acted on one by one"
    UPDATE = "the aggregate has Update and Cancel"
    SECOND_USER = "there are two users"
    OPERATOR = "somebody was named who may shut slices down"
    SCHEMAS = "a folder of RSpec schemas was given"
    LINKS = "the aggregate makes links"


@dataclass(frozen=True, slots=True)
class Check:
    """One rule.

    `id` is stable for ever, `area.rule-in-few-words`; `method` is its row in the matrix: a method
    of the API, or transport, credentials, manifest, concurrency. `rule` is a sentence that is
    true of an aggregate that conforms; `clause` says where it stands. `run` tries it: it returns
    when the rule held and raises one of verdict.py's exceptions otherwise. What is tried `alone`
    would be disturbed by other checks at the same time.
    """

    id: str
    method: str
    rule: str
    clause: str
    severity: Severity
    run: "Callable[[Trial], None]"
    profiles: frozenset[Profile] = frozenset({Profile.V3})
    needs: tuple[Need, ...] = ()
    alone: bool = False
