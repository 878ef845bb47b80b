"""Delete, and Shutdown. Source: AM API v3, Delete, Shutdown."""

from typing import Any, Final

from gcf_am.conformance.answer import Answer
from gcf_am.conformance.asking import GENI3, compose
from gcf_am.conformance.check import Check, Need, Severity
from gcf_am.conformance.holding import Holding, granted
from gcf_am.conformance.inquiry import DENIED
from gcf_am.conformance.judged import comes, faultless, is_free
from gcf_am.conformance.judging import slivers
from gcf_am.conformance.slices import SliceUnderTest
from gcf_am.conformance.standing import UNKNOWN, as_before, nothing_there, nowhere, standing
from gcf_am.conformance.trial import Trial


def _asked(trial: Trial, held: Holding, urns: Any = None, **options: Any) -> Answer:
    return trial.call("Delete", [held.urn] if urns is None else urns, held.credentials, options)


def _ended(trial: Trial, held: Holding) -> None:
    value = trial.succeeds(_asked(trial, held))
    faultless(trial, "each sliver is told as geni_unallocated",
              slivers.all_are(value, held.urns, allocation_status="geni_unallocated"))  # fmt: skip
    nothing_there(trial, held)


def allocated(trial: Trial) -> None:
    _ended(trial, trial.allocated())


def provisioned(trial: Trial) -> None:
    _ended(trial, trial.provisioned())


def running(trial: Trial) -> None:
    _ended(trial, trial.ready())


def just_provisioned(trial: Trial) -> None:
    held = trial.allocated()
    options = {**GENI3, "geni_users": [dict(one) for one in trial.target.users]}
    trial.succeeds(trial.call("Provision", [held.urn], held.credentials, options))
    _ended(trial, held)


def mixed(trial: Trial) -> None:
    held = trial.allocated(2)
    options = {**GENI3, "geni_users": []}
    trial.succeeds(trial.call("Provision", held.parts()[:1], held.credentials, options))
    _ended(trial, held)


def entries(trial: Trial) -> None:
    held = trial.allocated()
    before = standing(trial, held)
    value = trial.succeeds(_asked(trial, held))
    trial.expect(isinstance(value, list), "value is an array of slivers", type(value).__name__)
    faultless(trial, "each sliver is told whole", slivers.complete(value))
    faultless(trial, "with the expiry that it had",
              slivers.same(before, slivers.by_urn(value), before, "geni_expires"))  # fmt: skip


def only_named(trial: Trial) -> None:
    held = trial.allocated(2)
    first, *others = held.parts()
    before = standing(trial, held)
    value = trial.succeeds(_asked(trial, held, [first]))
    told = sorted(slivers.by_urn(value))
    trial.expect(told == [first], f"only {first} is told of", told)
    after = standing(trial, held)
    trial.expect(sorted(after) == sorted(others), "the others are still there", sorted(after))
    faultless(trial, "as they were",
              slivers.same(before, after, others, "geni_allocation_status", "geni_expires"))  # fmt: skip


def twice(trial: Trial) -> None:
    held = trial.allocated()
    trial.succeeds(_asked(trial, held))
    for urns in ([held.urn], held.urns):
        answer = _asked(trial, held, urns)
        if answer.code == 0 and urns == [held.urn]:
            trial.expect(not slivers.entries(answer.value), "no slivers, or 12", answer.text)
        else:
            trial.refuses(answer, *UNKNOWN)


def never_had(trial: Trial) -> None:
    one = trial.slice(fresh=True)
    answer = trial.call("Delete", [one.urn], one.credentials, {})
    if answer.code == 0:
        trial.expect(not slivers.entries(answer.value), "no slivers, or 12", answer.text)
    else:
        trial.refuses(answer, *UNKNOWN)


def frees(trial: Trial) -> None:
    (node,) = trial.nodes(1, exclusive=True)
    held = trial.allocated(request=compose([node], bound=True))
    trial.succeeds(_asked(trial, held))
    comes(trial, lambda: is_free(trial, node.component_id), "the node is free again", 60)
    granted(trial, compose([node], bound=True), "the node can be had again")


def all_or_nothing(trial: Trial) -> None:
    held = trial.allocated()
    before = standing(trial, held)
    trial.refuses(_asked(trial, held, [*held.urns, nowhere(trial)]), *UNKNOWN)
    as_before(trial, held, before)


def best_effort(trial: Trial) -> None:
    held = trial.allocated()
    lost = nowhere(trial)
    value = trial.succeeds(_asked(trial, held, [*held.urns, lost], geni_best_effort=True))
    faultless(trial, "what failed is told with geni_error",
              slivers.failures_told(value, [lost], held.urns))  # fmt: skip
    nothing_there(trial, held)


def best_effort_forbidden(trial: Trial) -> None:
    held, other = trial.allocated(), trial.slice()
    before = standing(trial, held)
    trial.forbids(trial.call("Delete", held.urns, other.credentials, {"geni_best_effort": True}))
    trial.refuses(trial.call("Delete", [], held.credentials, {"geni_best_effort": True}), 1)
    as_before(trial, held, before)


def unknown_option(trial: Trial) -> None:
    held = trial.allocated()
    trial.succeeds(_asked(trial, held, conformance_unknown={"x": [1]}))


def another_slices(trial: Trial) -> None:
    held, other = trial.allocated(), trial.slice()
    before = standing(trial, held)
    trial.forbids(trial.call("Delete", held.urns, other.credentials, {}))
    as_before(trial, held, before)


def no_credentials(trial: Trial) -> None:
    held = trial.allocated()
    before = standing(trial, held)
    trial.forbids(trial.call("Delete", [held.urn], [], {}))
    as_before(trial, held, before)


def another_user(trial: Trial) -> None:
    held = trial.allocated()
    before = standing(trial, held)
    trial.forbids(trial.as_user(2).call("Delete", [held.urn], held.credentials, {}))
    as_before(trial, held, before)


def again_usable(trial: Trial) -> None:
    held = trial.ready()
    trial.succeeds(_asked(trial, held))
    answer = trial.until(
        lambda: _again(trial, held.slice), "a request for the slice after Delete", seconds=30
    )
    trial.succeeds(answer)


def _again(trial: Trial, one: SliceUnderTest) -> Answer | None:
    answer = trial.call("Allocate", one.urn, one.credentials, trial.request(), {})
    return None if answer.code in {6, 14, 24, 25, 26} else answer


def shut_sliver(trial: Trial) -> None:
    held = trial.allocated()
    before = standing(trial, held)
    trial.refuses(trial.call("Shutdown", held.urns[0], held.credentials, {}), 1, *DENIED)
    as_before(trial, held, before)


def shut_no_urn(trial: Trial) -> None:
    one = trial.slice()
    for urn in ("conformance", "", trial.person().urn):
        trial.refuses(trial.call("Shutdown", urn, one.credentials, {}), 1, *DENIED)


def shut_another(trial: Trial) -> None:
    held, other = trial.allocated(), trial.slice()
    before = standing(trial, held)
    trial.forbids(trial.call("Shutdown", held.urn, other.credentials, {}))
    as_before(trial, held, before)


def shut_without_credentials(trial: Trial) -> None:
    held = trial.allocated()
    before = standing(trial, held)
    trial.forbids(trial.call("Shutdown", held.urn, [], {}))
    as_before(trial, held, before)


MUST: Final = Severity.MUST
_DE: Final = "AM API v3, Delete"
_SH: Final = "AM API v3, Shutdown"
_BEST: Final = "AM API v3, Common Concepts, geni_best_effort"
_WRITES: Final = (Need.WRITES,)
_PARTS: Final = (Need.WRITES, Need.PARTS)
_TWO_PARTS: Final = (Need.WRITES, Need.SECOND_NODE, Need.PARTS)

CHECKS: Final = (
    Check("delete.allocated", "Delete", "Allocated slivers are geni_unallocated, and gone", f"{_DE}; R211", MUST, allocated, needs=_WRITES),
    Check("delete.provisioned", "Delete", "Provisioned slivers are geni_unallocated, and gone", f"{_DE}; R211", MUST, provisioned, needs=_WRITES),
    Check("delete.running", "Delete", "Slivers that run are geni_unallocated, and gone", f"{_DE}; R211", MUST, running, needs=_WRITES),
    Check("delete.just-provisioned", "Delete", "Slivers that are being made can be deleted", f"{_DE}; R211", MUST, just_provisioned, needs=_WRITES),
    Check("delete.mixed", "Delete", "One call ends slivers in all states", f"{_DE}; R215", MUST, mixed, needs=_TWO_PARTS),
    Check("delete.entries", "Delete", "Each sliver is told whole, with the expiry that it had", f"{_DE}; R211", MUST, entries, needs=_WRITES),
    Check("delete.only-named", "Delete", "Slivers that are not named are left alone", f"{_DE}; R212", MUST, only_named, needs=_TWO_PARTS),
    Check("delete.twice", "Delete", "What is gone gives 12", f"{_DE}; R213", MUST, twice, needs=_WRITES),
    Check("delete.never-had", "Delete", "A slice that never had slivers gives 12, or no slivers", f"{_DE}; R213", MUST, never_had, needs=_WRITES),
    Check("delete.frees", "Delete", "What was deleted can be had by others", f"{_DE}; R214", MUST, frees, needs=_WRITES),
    Check("delete.again-usable", "Delete", "The slice can be used again", _DE, MUST, again_usable, needs=_WRITES),
    Check("delete.all-or-nothing", "Delete", "Without geni_best_effort one bad sliver fails all", f"{_BEST}; R257, R259", MUST, all_or_nothing, needs=_PARTS),
    Check("delete.best-effort", "Delete", "With geni_best_effort the others are deleted all the same", f"{_BEST}; R257", MUST, best_effort, needs=_PARTS),
    Check("delete.best-effort-forbidden", "Delete", "geni_best_effort excuses neither bad arguments nor a missing right", f"{_BEST}; R258", MUST, best_effort_forbidden, needs=_WRITES),
    Check("delete.unknown-option", "Delete", "Options that are not known are ignored", f"{_DE}; R020", MUST, unknown_option, needs=_WRITES),
    Check("delete.another-slices-credential", "Delete", "Another slice's credential does not allow it", "GENI credentials; R072", MUST, another_slices, needs=_WRITES),
    Check("delete.no-credentials", "Delete", "Without a credential nothing is deleted", "GENI credentials; R097", MUST, no_credentials, needs=_WRITES),
    Check("delete.another-user", "Delete", "Another user cannot use the credential", "GENI credentials; R071", MUST, another_user, needs=(*_WRITES, Need.SECOND_USER)),
    Check("shutdown.sliver", "Shutdown", "A sliver's URN is a bad argument", f"{_SH}; R220", MUST, shut_sliver, needs=_WRITES),
    Check("shutdown.no-urn", "Shutdown", "What is no slice's URN is a bad argument", f"{_SH}; R220", MUST, shut_no_urn, needs=_WRITES),
    Check("shutdown.another-slices-credential", "Shutdown", "Another slice's credential does not allow it", f"{_SH}; R072", MUST, shut_another, needs=_WRITES),
    Check("shutdown.no-credentials", "Shutdown", "Without a credential nothing is shut down", f"{_SH}; R097", MUST, shut_without_credentials, needs=_WRITES),
)  # fmt: skip
