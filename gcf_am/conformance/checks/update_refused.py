"""Update that must be refused, or done in part, and then changes nothing else.

Source: AM API draft, Change Set C; AM API v3, Common Concepts.
"""

from dataclasses import replace
from typing import Any, Final

from gcf_am.conformance import posing
from gcf_am.conformance.asking import GENI3, compose
from gcf_am.conformance.changing import (
    Base,
    described,
    now,
    provisioned,
    unhindered,
    update,
    updating,
)
from gcf_am.conformance.check import Check, Need, Profile, Severity
from gcf_am.conformance.documents import editing
from gcf_am.conformance.documents.reading import RSPEC, canonical
from gcf_am.conformance.forging.statement import Statement
from gcf_am.conformance.judged import faultless
from gcf_am.conformance.judging import slivers
from gcf_am.conformance.standing import UNKNOWN
from gcf_am.conformance.trial import Trial

_C: Final = "AM API draft, Change Set C"
_UNCHANGED: Final = "a call that is refused changes nothing"
_ADVERTISEMENT: Final = f'<rspec xmlns="{RSPEC}" type="advertisement"/>'


def nowhere(base: Base) -> str:
    """The URN of a sliver that never was, of the authority of those that are."""
    return f"{base.urns[0].rpartition('+')[0]}+never-was"


def weak_credentials(trial: Trial, base: Base) -> list[dict[str, Any]]:
    """What its owner hands on to herself of a slice: to look at it, no more."""
    posing.hands_on(trial, base.held.slice)
    text = base.held.slice.credential.text
    return [posing.item(posing.delegated(trial, text, _only_info))]


def _only_info(said: Statement) -> Statement:
    return replace(said, privileges=(("info", False),))


def _refused(trial: Trial, wanted: str, *codes: int) -> None:
    base = provisioned(trial)
    trial.refuses(update(trial, base, wanted), *codes)
    faultless(trial, _UNCHANGED, unhindered(trial, base))


def empty_urns(trial: Trial) -> None:
    base = provisioned(trial)
    trial.refuses(update(trial, base, base.changed(), []), 1)


def urns_no_array(trial: Trial) -> None:
    base = provisioned(trial)
    answer = trial.call("Update", {"urn": base.slice}, base.credentials, base.changed(), {})
    trial.refuses(answer, 1)


def unknown_sliver(trial: Trial) -> None:
    base = provisioned(trial)
    trial.refuses(update(trial, base, base.changed(), [*base.urns, nowhere(base)]), *UNKNOWN)
    faultless(trial, _UNCHANGED, unhindered(trial, base))


def unknown_sliver_best_effort(trial: Trial) -> None:
    base = provisioned(trial)
    urns = [*base.urns, nowhere(base)]
    answer = update(trial, base, base.changed(), urns, geni_best_effort=True)
    faults = slivers.failures_told(trial.succeeds(answer), [nowhere(base)], base.urns)
    faultless(trial, "each sliver is listed, the unknown one with a geni_error", faults)


def too_much(trial: Trial) -> None:
    whole = trial.request(2)
    mine, new = editing.names(whole)[:2]
    base = provisioned(trial, request=editing.only(whole, mine))
    before = canonical(described(trial, base))
    extra = editing.with_attribute(editing.only(whole, new), "component_id", _no_such(trial))
    trial.refuses(update(trial, base, editing.together(base.changed(), extra)))
    faultless(trial, _UNCHANGED, unhindered(trial, base))
    trial.expect(canonical(described(trial, base)) == before, "the same manifest", "another one")


def no_room(trial: Trial) -> None:
    (node,) = trial.nodes(1, exclusive=True)
    taken = editing.renamed(compose([node], bound=True), "n0", "taken")
    trial.allocated(request=taken)
    base = provisioned(trial, request=trial.request(bound=False))
    trial.refuses(update(trial, base, editing.together(base.changed(), taken)))
    faultless(trial, _UNCHANGED, unhindered(trial, base))


def info_is_too_little(trial: Trial) -> None:
    base = provisioned(trial)
    little = weak_credentials(trial, base)
    trial.forbids(trial.call("Update", [base.slice], little, base.changed(), {}))
    faultless(trial, _UNCHANGED, unhindered(trial, base))


def _no_such(trial: Trial) -> str:
    return f"{trial.nodes(1, bound=False)[0].component_id}-there-is-none"


def best_effort_partly(trial: Trial) -> None:
    whole = trial.request(2)
    mine, new = editing.names(whole)[:2]
    base = provisioned(trial, request=editing.only(whole, mine))
    extra = editing.with_attribute(editing.only(whole, new), "component_id", _no_such(trial))
    wanted = editing.together(base.changed(), extra)
    value = trial.succeeds(update(trial, base, wanted, geni_best_effort=True))
    faults = slivers.all_are(value, base.urns, allocation_status="geni_updating")
    faultless(trial, "what can be done is done", faults)


def best_effort_all_fine(trial: Trial) -> None:
    base = provisioned(trial)
    value = trial.succeeds(update(trial, base, base.changed(), geni_best_effort=True))
    faults = slivers.failures_told(value, [], base.urns)
    faults += slivers.all_are(value, base.urns, allocation_status="geni_updating")
    faultless(trial, "with geni_best_effort, where nothing fails, the same as without", faults)


def best_effort_bad_arguments(trial: Trial) -> None:
    base = provisioned(trial)
    trial.refuses(update(trial, base, "<rspec", geni_best_effort=True), 1)


def unreadable(trial: Trial) -> None:
    _refused(trial, "<rspec", 1)


def empty_rspec(trial: Trial) -> None:
    _refused(trial, "", 1)


def advertisement(trial: Trial) -> None:
    _refused(trial, _ADVERTISEMENT, 1, 4)


def other_root(trial: Trial) -> None:
    _refused(trial, '<rspec xmlns="http://conformance.invalid/" type="request"/>', 4, 1)


def twin_client_ids(trial: Trial) -> None:
    base = provisioned(trial)
    trial.refuses(update(trial, base, editing.doubled(base.unchanged())), 1)
    faultless(trial, _UNCHANGED, unhindered(trial, base))


def no_credentials(trial: Trial) -> None:
    base = provisioned(trial)
    trial.forbids(trial.call("Update", [base.slice], [], base.changed(), {}))
    faultless(trial, _UNCHANGED, unhindered(trial, base))


def user_credential(trial: Trial) -> None:
    base = provisioned(trial)
    mine = trial.user_credentials()
    trial.forbids(trial.call("Update", [base.slice], mine, base.changed(), {}))
    faultless(trial, _UNCHANGED, unhindered(trial, base))


def another_slice(trial: Trial) -> None:
    base = provisioned(trial)
    other = trial.slice()
    trial.forbids(trial.call("Update", [base.slice], other.credentials, base.changed(), {}))
    faultless(trial, _UNCHANGED, unhindered(trial, base))


def end_time_malformed(trial: Trial) -> None:
    base = provisioned(trial)
    trial.refuses(update(trial, base, base.changed(), geni_end_time="whenever"), 1)
    faultless(trial, _UNCHANGED, unhindered(trial, base))


def end_time_beyond(trial: Trial) -> None:
    base = provisioned(trial)
    trial.succeeds(update(trial, base, base.changed(), geni_end_time="2125-01-01T00:00:00Z"))


def unknown_option(trial: Trial) -> None:
    base = provisioned(trial)
    trial.succeeds(update(trial, base, base.changed(), conformance_unknown={"x": [1]}))


def options_missing(trial: Trial) -> None:
    base = provisioned(trial)
    trial.refuses(trial.call("Update", [base.slice], base.credentials, base.changed()), 1)


def action_refused(trial: Trial) -> None:
    base = updating(trial)
    answer = trial.call(
        "PerformOperationalAction", [base.slice], base.credentials, "geni_start", {}
    )
    trial.refuses(answer, 14, 2, 16)
    faults = slivers.same(base.before, now(trial, base), base.urns, "geni_operational_status")
    faultless(trial, "an updating sliver's operational status is as it was", faults)


def part_under_single(trial: Trial) -> None:
    if not trial.abilities.single_allocation:
        trial.skip("geni_single_allocation is 0: slivers may be named one by one")
    base = provisioned(trial, 2)
    one = editing.names(base.request)[0]
    wanted = editing.only(base.changed(), one)
    trial.refuses(update(trial, base, wanted, [base.ids[one]]), 13)
    trial.succeeds(update(trial, base, base.changed()))
    answer = trial.call("Provision", [base.ids[one]], base.credentials, dict(GENI3))
    trial.refuses(answer, 13)


_DRAFT: Final = frozenset({Profile.V4_DRAFT})
_NEEDS: Final = (Need.WRITES, Need.UPDATE)
_TWO: Final = (*_NEEDS, Need.SECOND_NODE)
MUST, SHOULD = Severity.MUST, Severity.SHOULD
_CONCEPTS: Final = "AM API v3, Common Concepts"

CHECKS: Final = (
    Check("update.empty-urns", "Update", "urns must name something", f"{_C}, Update; R234", MUST, empty_urns, _DRAFT, _NEEDS),
    Check("update.urns-no-array", "Update", "urns must be an array", f"{_CONCEPTS}, urns; R184", MUST, urns_no_array, _DRAFT, _NEEDS),
    Check("update.unknown-sliver", "Update", "A sliver that there is not fails the call, and nothing changes", f"{_C}, Update; R235", MUST, unknown_sliver, _DRAFT, (*_NEEDS, Need.PARTS)),
    Check("update.unknown-sliver-best-effort", "Update", "With geni_best_effort a sliver that there is not is listed with geni_error", f"{_C}, Update; R235, R257", MUST, unknown_sliver_best_effort, _DRAFT, (*_NEEDS, Need.PARTS)),
    Check("update.too-much-changes-nothing", "Update", "Update that cannot have all it asks for fails and changes nothing", f"{_C}, Update; R238", MUST, too_much, _DRAFT, _TWO),
    Check("update.no-room", "Update", "A node that another slice has is not given by Update", f"{_C}, Update; R152, R238", MUST, no_room, _DRAFT, (*_TWO, Need.UNBOUND), alone=True),
    Check("update.info-is-too-little", "Update", "A credential to look at a slice does not allow Update", f"{_CONCEPTS}, privileges; R255", SHOULD, info_is_too_little, _DRAFT, _NEEDS),
    Check("update.best-effort-partly", "Update", "With geni_best_effort what can be had is had", f"{_C}, Update; R257", SHOULD, best_effort_partly, _DRAFT, _TWO),
    Check("update.best-effort-all-fine", "Update", "With geni_best_effort, where nothing fails, the answer is the plain one", f"{_CONCEPTS}, geni_best_effort; R256", MUST, best_effort_all_fine, _DRAFT, _NEEDS),
    Check("update.best-effort-bad-arguments", "Update", "geni_best_effort does not excuse bad arguments", f"{_CONCEPTS}, geni_best_effort; R258", MUST, best_effort_bad_arguments, _DRAFT, _NEEDS),
    Check("update.unreadable-rspec", "Update", "An rspec that is no XML is a bad argument, and nothing changes", f"{_C}, Update; R143", MUST, unreadable, _DRAFT, _NEEDS),
    Check("update.empty-rspec", "Update", "An empty rspec is a bad argument, and nothing changes", f"{_C}, Update; R144", MUST, empty_rspec, _DRAFT, _NEEDS),
    Check("update.advertisement-as-rspec", "Update", "An advertisement is no request, and nothing changes", f"{_C}, Update; R146", MUST, advertisement, _DRAFT, _NEEDS),
    Check("update.other-namespace", "Update", "An RSpec of another namespace is refused, and nothing changes", f"{_C}, Update; R145", MUST, other_root, _DRAFT, _NEEDS),
    Check("update.twin-client-ids", "Update", "Two nodes with one client_id are a bad argument, and nothing changes", "GENI RSpec v3, request; R147", MUST, twin_client_ids, _DRAFT, _NEEDS),
    Check("update.no-credentials", "Update", "Without a credential Update is forbidden, and nothing changes", f"{_CONCEPTS}, credentials; R097", MUST, no_credentials, _DRAFT, _NEEDS),
    Check("update.user-credential", "Update", "A user credential does not allow Update", f"{_CONCEPTS}, credentials; R073", MUST, user_credential, _DRAFT, _NEEDS),
    Check("update.another-slices-credential", "Update", "Another slice's credential does not allow Update", f"{_CONCEPTS}, credentials; R072", MUST, another_slice, _DRAFT, _NEEDS),
    Check("update.end-time-malformed", "Update", "A geni_end_time that is no date is a bad argument", f"{_CONCEPTS}, geni_end_time; R157", MUST, end_time_malformed, _DRAFT, _NEEDS),
    Check("update.end-time-beyond", "Update", "A geni_end_time beyond all limits does not fail the call", f"{_C}, Update; R156", MUST, end_time_beyond, _DRAFT, _NEEDS),
    Check("update.unknown-option", "Update", "Options that are not known are ignored", f"{_CONCEPTS}, options; R020", MUST, unknown_option, _DRAFT, _NEEDS),
    Check("update.options-missing", "Update", "Update without options is a bad argument, and no Fault", f"{_CONCEPTS}, options; R010, R021", SHOULD, options_missing, _DRAFT, _NEEDS),
    Check("update.action-refused", "Update", "Updating slivers are not acted on", f"{_C}, Changes to PerformOperationalAction; R210", MUST, action_refused, _DRAFT, _NEEDS),
    Check("update.part-under-single", "Update", "With geni_single_allocation, Update and Provision name the slice or all of it", f"{_C}, Change to geni_single_allocation; R250", MUST, part_under_single, _DRAFT, _TWO),
)  # fmt: skip
