"""Calls at the same time: nothing is given twice, nobody is taken for another.

Source: AM API v3, Allocate (all or nothing) and Common Concepts.
"""

from functools import partial
from typing import Any, Final

from gcf_am.conformance.answer import Answer
from gcf_am.conformance.asking import GENI3, compose
from gcf_am.conformance.changing import Base, done, now, provisioned
from gcf_am.conformance.check import Check, Need, Profile, Severity
from gcf_am.conformance.documents import editing
from gcf_am.conformance.documents.reading import Unread, read
from gcf_am.conformance.judged import faultless, is_free
from gcf_am.conformance.judging import manifests, slivers
from gcf_am.conformance.slices import SliceUnderTest
from gcf_am.conformance.standing import standing
from gcf_am.conformance.trial import Trial

_AT_ONCE: Final = 6
# HTTP: a server may say so instead of answering (AM API v3, Common Concepts)
_BUSY: Final = frozenset({503, 504})


def _answered(trial: Trial, *answers: Answer) -> None:
    for one in answers:
        if one.status in _BUSY:
            trial.cannot_tell(f"the server is too busy for calls at the same time: {one.brief}")
        trial.expect(one.code is not None, "each call gets a return struct", one.brief)


def _for_one_node(trial: Trial) -> list[tuple[SliceUnderTest, Answer]]:
    """Two slices ask for the same exclusive node at the same time."""
    (node,) = trial.nodes(1, exclusive=True)
    request = compose([node], bound=True)
    look = partial(is_free, trial, node.component_id)
    trial.until(lambda: look() or None, f"{node.component_id} is available", seconds=30)
    both = [trial.slice(), trial.slice()]
    answers = trial.together(
        *((trial.me, "Allocate", (one.urn, one.credentials, request, {})) for one in both)
    )
    if not any(one.code == 0 for one in answers):
        trial.cannot_tell(f"nobody gets {node.component_id}: {answers[0].brief}")
    return list(zip(both, answers, strict=True))


def one_node_once(trial: Trial) -> None:
    won = [one.urn for one, answer in _for_one_node(trial) if answer.code == 0]
    trial.expect(len(won) == 1, "exactly one of two slices gets the node", won)


def loser_is_told(trial: Trial) -> None:
    both = [answer for _, answer in _for_one_node(trial)]
    _answered(trial, *both)
    for answer in both:
        if answer.code != 0:
            trial.refuses(answer)


def loser_holds_nothing(trial: Trial) -> None:
    for one, answer in _for_one_node(trial):
        if answer.code != 0:
            left = standing(trial, one)
            trial.expect(not left, "who did not get it holds nothing", sorted(left))


def many_slices(trial: Trial) -> None:
    request = trial.request(bound=False)
    each = [trial.slice() for _ in range(_AT_ONCE)]
    answers = trial.together(
        *((trial.me, "Allocate", (one.urn, one.credentials, request, {})) for one in each)
    )
    _answered(trial, *answers)
    values = [one.value for one in answers if one.code == 0]
    faultless(trial, "no sliver URN is given twice", slivers.never_twice(values))
    exclusive = {one.component_id for one in trial.ad.nodes if one.exclusive}
    given = [urn for value in values for urn in _components(value) if urn in exclusive]
    trial.expect(
        len(given) == len(set(given)), "no exclusive component is given twice", sorted(given)
    )


def _components(value: Any) -> list[str]:
    try:
        manifest = read(value.get("geni_rspec"), "manifest")
    except Unread:
        return []
    return [one.get("component_id", "") for one in manifest.iterfind("{*}node")]


def same_slice(trial: Trial) -> None:
    whole = trial.request(2, bound=False)
    one = trial.slice()
    answers = trial.together(
        *(
            (trial.me, "Allocate", (one.urn, one.credentials, part, {}))
            for part in editing.nodes_of(whole)
        )
    )
    _answered(trial, *answers)
    values = [answer.value for answer in answers if answer.code == 0]
    faultless(trial, "no sliver URN is given twice", slivers.never_twice(values))
    given = {urn for value in values for urn in slivers.by_urn(value)}
    left = standing(trial, one)
    trial.expect(given == set(left), f"Status tells of what was given: {sorted(given)}", left)


def identities(trial: Trial) -> None:
    held = trial.allocated()
    mine, theirs = trial.as_user(1), trial.as_user(2)
    arguments: tuple[Any, ...] = ([held.urn], held.credentials, {})
    answers = trial.together(
        *((theirs if number % 2 else mine, "Status", arguments) for number in range(_AT_ONCE))
    )
    for answer in answers[::2]:
        trial.succeeds(answer)
    for answer in answers[1::2]:
        trial.forbids(answer)


def versions(trial: Trial) -> None:
    answers = trial.together(*((trial.me, "GetVersion", ()) for _ in range(_AT_ONCE)))
    first = trial.succeeds(answers[0])
    for answer in answers[1:]:
        trial.expect(trial.succeeds(answer) == first, "one and the same answer", answer.text)


def deleted_twice(trial: Trial) -> None:
    held = trial.allocated()
    arguments: tuple[Any, ...] = ([held.urn], held.credentials, {})
    answers = trial.together(*((trial.me, "Delete", arguments) for _ in range(2)))
    _answered(trial, *answers)
    left = standing(trial, held)
    trial.expect(not left, "nothing is left", sorted(left))


def provisioned_twice(trial: Trial) -> None:
    held = trial.allocated()
    arguments: tuple[Any, ...] = ([held.urn], held.credentials, dict(GENI3))
    answers = trial.together(*((trial.me, "Provision", arguments) for _ in range(2)))
    _answered(trial, *answers)
    trial.expect(any(one.code == 0 for one in answers), "one of both provisions", answers[0].brief)
    left = standing(trial, held)
    faults = slivers.all_are(list(left.values()), held.urns, allocation_status="geni_provisioned")
    faults += [f"{urn} is new" for urn in left if urn not in held.urns]
    faultless(trial, "the slivers are provisioned, once", faults)


def whole_or_not(trial: Trial) -> None:
    request = trial.request(2)
    one = trial.slice()
    allocated, *looks = trial.together(
        (trial.me, "Allocate", (one.urn, one.credentials, request, {})),
        *((trial.me, "Status", ([one.urn], one.credentials, {})) for _ in range(_AT_ONCE)),
    )
    _answered(trial, allocated, *looks)
    whole = set(slivers.by_urn(done(allocated)))
    for answer in looks:
        seen = set(slivers.by_urn(answer.value)) if answer.code == 0 else set()
        trial.expect(not seen or seen == whole, "all slivers of a request, or none", sorted(seen))


def renewed_and_deleted(trial: Trial) -> None:
    held = trial.allocated()
    until = str(held.slivers[0].get("geni_expires"))
    answers = trial.together(
        (trial.me, "Renew", ([held.urn], held.credentials, until, {})),
        (trial.me, "Delete", ([held.urn], held.credentials, {})),
    )
    _answered(trial, *answers)
    trial.succeeds(answers[1])
    left = standing(trial, held)
    trial.expect(not left, "what is deleted does not come back with Renew", sorted(left))


def updated_and_cancelled(trial: Trial) -> None:
    base = provisioned(trial)
    answers = trial.together(
        (trial.me, "Update", ([base.slice], base.credentials, base.changed(), {})),
        (trial.me, "Cancel", ([base.slice], base.credentials, {})),
    )
    _answered(trial, *answers)
    trial.succeeds(answers[0])
    _whole(trial, base)


def updated_twice(trial: Trial) -> None:
    base = provisioned(trial)
    answers = trial.together(
        *(
            (trial.me, "Update", ([base.slice], base.credentials, base.changed(name), {}))
            for name in ("added:if1", "added:if2")
        )
    )
    _answered(trial, *answers)
    trial.expect(any(one.code == 0 for one in answers), "one of both updates", answers[0].brief)
    _whole(trial, base)


def _whole(trial: Trial, base: Base) -> None:
    left = now(trial, base)
    states = "geni_updating|geni_provisioned"
    faults = slivers.all_are(list(left.values()), base.urns, allocation_status=states)
    faults += [f"{urn} is new" for urn in left if urn not in base.urns]
    answer = trial.call("Describe", [base.slice], base.credentials, dict(GENI3))
    value = trial.succeeds(answer)
    shown = manifests.slivers(read(value["geni_rspec"], "manifest"))
    faults += [] if shown == dict(base.ids) else [f"the manifest shows {shown}"]
    faultless(trial, "the slivers are there, whole, in one state or the other", faults)


MUST, SHOULD = Severity.MUST, Severity.SHOULD
_NEEDS: Final = (Need.WRITES,)
_DRAFT: Final = frozenset({Profile.V4_DRAFT})
_UPDATE: Final = (Need.WRITES, Need.UPDATE)
_ALLOCATE: Final = "AM API v3, Allocate"

CHECKS: Final = (
    Check("race.one-node-once", "concurrency", "Two slices that ask for one node at the same time do not both get it", f"{_ALLOCATE}; R161", MUST, one_node_once, needs=_NEEDS, alone=True),
    Check("race.loser-is-told", "concurrency", "Who does not get a node is refused in a return struct", f"{_ALLOCATE}; R161", MUST, loser_is_told, needs=_NEEDS, alone=True),
    Check("race.loser-holds-nothing", "concurrency", "Who does not get a node holds nothing", f"{_ALLOCATE}; R152", MUST, loser_holds_nothing, needs=_NEEDS, alone=True),
    Check("race.many-slices", "concurrency", "Slices that ask at the same time get nothing twice", f"{_ALLOCATE}; R054, R161", MUST, many_slices, needs=(*_NEEDS, Need.UNBOUND)),
    Check("race.same-slice", "concurrency", "Two requests for one slice at the same time do not lose slivers", f"{_ALLOCATE}, geni_allocate", MUST, same_slice, needs=(*_NEEDS, Need.SECOND_NODE, Need.SEVERAL_ALLOCATES, Need.UNBOUND)),
    Check("race.identities", "concurrency", "Two users who call at the same time are kept apart", "AM API v3, Common Concepts, authentication; R023", MUST, identities, needs=(*_NEEDS, Need.SECOND_USER)),
    Check("race.versions", "concurrency", "GetVersion answers many at the same time, and all the same", "AM API v3, GetVersion", MUST, versions),
    Check("race.deleted-twice", "concurrency", "Two Deletes at the same time leave nothing, and get answers", "AM API v3, Delete; R213", MUST, deleted_twice, needs=_NEEDS),
    Check("race.provisioned-twice", "concurrency", "Two Provisions at the same time provision once", "AM API v3, Provision", MUST, provisioned_twice, needs=_NEEDS),
    Check("race.whole-or-not", "concurrency", "Nobody sees a half of what Allocate reserves", f"{_ALLOCATE}, all or nothing", SHOULD, whole_or_not, needs=(*_NEEDS, Need.SECOND_NODE)),
    Check("race.renewed-and-deleted", "concurrency", "Renew at the same time does not undo Delete", "AM API v3, Delete", MUST, renewed_and_deleted, needs=_NEEDS),
    Check("race.updated-and-cancelled", "concurrency", "Update and Cancel at the same time leave the slivers whole", "AM API draft, Change Set C", MUST, updated_and_cancelled, _DRAFT, _UPDATE),
    Check("race.updated-twice", "concurrency", "Two Updates at the same time leave the slivers whole", "AM API draft, Change Set C", MUST, updated_twice, _DRAFT, _UPDATE),
)  # fmt: skip
