"""Where our schemas mean to differ from the published ones, and why.

All else that differs is a fault of ours. Three of these make ours stricter; what they refuse
means nothing to anybody. The other two let in credentials that one published copy or another
does not know yet.
"""

from collections.abc import Callable
from dataclasses import dataclass

from lxml import etree


@dataclass(frozen=True)
class Case:
    """A document on which the verdicts differ, and the elements each schema declares globally."""

    document: etree._Element
    accepted_by_us: bool
    our_globals: frozenset[str]
    their_globals: frozenset[str]


@dataclass(frozen=True)
class Difference:
    reason: str
    applies: Callable[[Case], bool]


def _stands_alone(case: Case) -> bool:
    ours_only = case.our_globals - case.their_globals
    parents = (one.getparent() for one in case.document.iter(*ours_only))
    return not case.accepted_by_us and any(
        parent is None or parent.tag not in case.our_globals for parent in parents
    )


def _type_is(case: Case, *types: str) -> bool:
    return any((one.text or "").strip() in types for one in case.document.iter("type"))


PARTS = Difference(
    "An element that the published schema declares only within another one, or not yet, is"
    " declared for everywhere by ours, since trang writes it so. A document or extension that"
    " holds such a part where its whole is missing is judged by ours and passes theirs.",
    _stands_alone,
)
ROOT = Difference(
    "For the same reason ours takes the parts of an ABAC rule for the root of a document. They"
    " are no credential: what reads one asks for a signed-credential.",
    lambda case: case.accepted_by_us and case.document.tag != "signed-credential",
)
SPEAKS_FOR = Difference(
    "The type speaksfor came with the ProtoGENI copy; the other two do not know it. Speaks-for"
    " credentials are in use, so ours does.",
    lambda case: case.accepted_by_us and _type_is(case, "speaksfor"),
)
NO_ABAC = Difference(
    "The PlanetLab copy is older than ABAC credentials; ours knows them as the GENI copy does.",
    lambda case: (
        case.accepted_by_us
        and (_type_is(case, "abac") or next(case.document.iter("abac"), None) is not None)
    ),
)
ANY_ABAC = Difference(
    "The ProtoGENI copy leaves open what is in an abac element; ours asks for a rule in RT0, as"
    " the GENI copy does.",
    lambda case: not case.accepted_by_us and next(case.document.iter("abac"), None) is not None,
)
