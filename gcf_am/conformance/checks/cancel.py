"""Cancel: what was reserved is given up, what was provisioned is as before.

Source: AM API draft, Change Set C.
"""

from typing import Final

from gcf_am.conformance.asking import compose
from gcf_am.conformance.changing import (
    ADDED,
    allocated,
    cancel,
    described,
    done,
    interfaces,
    now,
    provisioned,
    unhindered,
    update,
    updating,
)
from gcf_am.conformance.check import Check, Need, Profile, Severity
from gcf_am.conformance.checks.update_refused import nowhere, weak_credentials
from gcf_am.conformance.documents import editing
from gcf_am.conformance.documents.reading import canonical, schema_faults
from gcf_am.conformance.judged import comes, faultless, is_free, manifest_of
from gcf_am.conformance.judging import manifests, slivers
from gcf_am.conformance.standing import UNKNOWN
from gcf_am.conformance.trial import Trial

_C: Final = "AM API draft, Change Set C"
_UNCHANGED: Final = "a call that is refused changes nothing"


def provisioned_again(trial: Trial) -> None:
    base = updating(trial)
    value = trial.succeeds(cancel(trial, base))
    wanted = {"allocation_status": "geni_provisioned"}
    expected = "updating slivers are geni_provisioned again"
    faultless(trial, expected, slivers.all_are(value, base.urns, **wanted))
    left = list(now(trial, base).values())
    faultless(trial, expected, slivers.all_are(left, base.urns, **wanted))


def manifest_as_before(trial: Trial) -> None:
    base = provisioned(trial)
    before = canonical(described(trial, base))
    done(update(trial, base, base.changed()))
    trial.succeeds(cancel(trial, base))
    after = described(trial, base)
    trial.expect(
        ADDED not in interfaces(after), "the change is gone from the manifest", interfaces(after)
    )
    trial.expect(canonical(after) == before, "the manifest of before Update", canonical(after))


def operational_status_kept(trial: Trial) -> None:
    base = updating(trial)
    trial.succeeds(cancel(trial, base))
    faults = slivers.same(base.before, now(trial, base), base.urns, "geni_operational_status")
    faultless(trial, "Cancel does not change the operational status", faults)


def expiry_kept(trial: Trial) -> None:
    base = updating(trial)
    trial.succeeds(cancel(trial, base))
    faults = slivers.same(base.before, now(trial, base), base.urns, "geni_expires")
    faultless(trial, "Cancel does not change the expiry", faults)


def marked_stays(trial: Trial) -> None:
    base = provisioned(trial, 2)
    gone, *kept = editing.names(base.request)
    done(update(trial, base, editing.only(base.unchanged(), *kept)))
    trial.succeeds(cancel(trial, base))
    left = list(now(trial, base).values())
    faults = slivers.all_are(left, [base.ids[gone]], allocation_status="geni_provisioned")
    faultless(trial, "what Update marked to be deleted is provisioned as before", faults)


def allocated_deleted(trial: Trial) -> None:
    base = allocated(trial)
    trial.succeeds(cancel(trial, base))
    left = now(trial, base)
    trial.expect(not left, "Cancel deletes allocated slivers", sorted(left))


def allocated_listed(trial: Trial) -> None:
    base = allocated(trial)
    value = trial.succeeds(cancel(trial, base))
    faults = slivers.all_are(value, base.urns, allocation_status="geni_unallocated")
    faultless(trial, "allocated slivers are listed as geni_unallocated, as Delete does", faults)


def ignores_provisioned(trial: Trial) -> None:
    base = provisioned(trial)
    trial.succeeds(cancel(trial, base))
    faultless(trial, "Cancel leaves provisioned slivers alone", unhindered(trial, base))


def returns_all(trial: Trial) -> None:
    base = updating(trial)
    value = trial.succeeds(cancel(trial, base))
    members = {"geni_rspec": str, "geni_urn": str, "geni_slivers": list}
    faultless(trial, "value is a struct of three members", slivers.shape(value, members))
    told = value["geni_urn"]
    trial.expect(told.lower() == base.slice.lower(), f"geni_urn is {base.slice}", told)


def entries_complete(trial: Trial) -> None:
    base = updating(trial)
    faults = slivers.complete(trial.succeeds(cancel(trial, base)), "geni_operational_status")
    faultless(trial, "each sliver has its URN, expiry and both statuses", faults)


def manifest_valid(trial: Trial) -> None:
    base = updating(trial)
    value = trial.succeeds(cancel(trial, base))
    manifest_of(trial, value)
    faults = schema_faults(value["geni_rspec"], "manifest")
    faultless(trial, "geni_rspec is a valid manifest", faults)


def frees(trial: Trial) -> None:
    whole = compose(chosen := trial.nodes(2, exclusive=True), bound=True)
    other = chosen[1].component_id
    mine = editing.names(whole)[0]
    base = provisioned(trial, request=editing.only(whole, mine))
    done(update(trial, base, editing.together(base.unchanged(), editing.without(whole, mine))))
    trial.expect(not is_free(trial, other), f"{other} is held after Update", "available")
    trial.succeeds(cancel(trial, base))
    comes(trial, lambda: is_free(trial, other), "Cancel frees what Update reserved")


def original_after_two(trial: Trial) -> None:
    base = updating(trial)
    done(update(trial, base, base.changed("added:if1")))
    trial.succeeds(cancel(trial, base))
    has = interfaces(described(trial, base))
    trial.expect(
        not has & {ADDED, "added:if1"}, "after two Updates Cancel restores the original", has
    )


def new_of_update_goes(trial: Trial) -> None:
    whole = trial.request(2)
    mine, new = editing.names(whole)[:2]
    base = provisioned(trial, request=editing.only(whole, mine))
    wanted = editing.together(base.changed(), editing.only(whole, new))
    done(update(trial, base, wanted))
    value = trial.succeeds(cancel(trial, base))
    faultless(
        trial,
        "the manifest of Cancel shows what remains",
        manifests.shows(manifest_of(trial, value), base.ids),
    )
    left = now(trial, base)
    trial.expect(set(left) == set(base.urns), "what Update added is gone", sorted(left))


def twice(trial: Trial) -> None:
    base = updating(trial)
    done(cancel(trial, base))
    answer = cancel(trial, base)
    trial.expect(answer.code is not None, "an answer, and no Fault", answer.brief)
    faultless(trial, "a second Cancel changes nothing", unhindered(trial, base))


def one_of_two(trial: Trial) -> None:
    base = updating(trial, 2)
    one, other = editing.names(base.request)[:2]
    trial.succeeds(cancel(trial, base, [base.ids[one]]))
    left = list(now(trial, base).values())
    faults = slivers.all_are(left, [base.ids[one]], allocation_status="geni_provisioned")
    faults += slivers.all_are(left, [base.ids[other]], allocation_status="geni_updating")
    faultless(trial, "Cancel of one sliver leaves the other updating", faults)


def next_empty(trial: Trial) -> None:
    base = updating(trial)
    done(cancel(trial, base))
    left = list(now(trial, base).values())
    faults = slivers.all_are(left, base.urns, next_allocation_status="")
    faultless(trial, "geni_next_allocation_status is the empty text again", faults)


def unknown_sliver(trial: Trial) -> None:
    base = updating(trial)
    trial.refuses(cancel(trial, base, [*base.urns, nowhere(base)]), *UNKNOWN)
    left = list(now(trial, base).values())
    faults = slivers.all_are(left, base.urns, allocation_status="geni_updating")
    faultless(trial, _UNCHANGED, faults)


def unknown_sliver_best_effort(trial: Trial) -> None:
    base = updating(trial)
    answer = cancel(trial, base, [*base.urns, nowhere(base)], geni_best_effort=True)
    value = trial.succeeds(answer)
    faults = slivers.failures_told(value, [nowhere(base)], base.urns)
    faultless(trial, "each sliver is listed, the unknown one with a geni_error", faults)
    left = list(now(trial, base).values())
    faults = slivers.all_are(left, base.urns, allocation_status="geni_provisioned")
    faultless(trial, "what can be cancelled is", faults)


def empty_slice(trial: Trial) -> None:
    one = trial.slice(fresh=True)
    answer = trial.call("Cancel", [one.urn], one.credentials, {})
    if answer.code == 0:
        told = slivers.entries(answer.value)
        trial.expect(not told, "no sliver is listed", told)
    else:
        trial.refuses(answer, *UNKNOWN)


def empty_urns(trial: Trial) -> None:
    base = updating(trial)
    trial.refuses(cancel(trial, base, []), 1)


def urns_no_array(trial: Trial) -> None:
    base = updating(trial)
    trial.refuses(trial.call("Cancel", {"urn": base.slice}, base.credentials, {}), 1)


def no_credentials(trial: Trial) -> None:
    base = updating(trial)
    trial.forbids(trial.call("Cancel", [base.slice], [], {}))
    left = list(now(trial, base).values())
    faultless(
        trial, _UNCHANGED, slivers.all_are(left, base.urns, allocation_status="geni_updating")
    )


def user_credential(trial: Trial) -> None:
    base = updating(trial)
    trial.forbids(trial.call("Cancel", [base.slice], trial.user_credentials(), {}))
    left = list(now(trial, base).values())
    faultless(
        trial, _UNCHANGED, slivers.all_are(left, base.urns, allocation_status="geni_updating")
    )


def info_is_too_little(trial: Trial) -> None:
    base = updating(trial)
    little = weak_credentials(trial, base)
    trial.forbids(trial.call("Cancel", [base.slice], little, {}))
    left = list(now(trial, base).values())
    faultless(
        trial, _UNCHANGED, slivers.all_are(left, base.urns, allocation_status="geni_updating")
    )


def options_missing(trial: Trial) -> None:
    base = updating(trial)
    trial.refuses(trial.call("Cancel", [base.slice], base.credentials), 1)


def unknown_option(trial: Trial) -> None:
    base = updating(trial)
    trial.succeeds(cancel(trial, base, conformance_unknown={"x": [1]}))


def part_under_single(trial: Trial) -> None:
    if not trial.abilities.single_allocation:
        trial.skip("geni_single_allocation is 0: slivers may be named one by one")
    base = updating(trial, 2)
    trial.refuses(cancel(trial, base, base.urns[:1]), 13)


_DRAFT: Final = frozenset({Profile.V4_DRAFT})
_NEEDS: Final = (Need.WRITES, Need.UPDATE)
_TWO: Final = (*_NEEDS, Need.SECOND_NODE)
MUST, SHOULD = Severity.MUST, Severity.SHOULD
_CONCEPTS: Final = "AM API v3, Common Concepts"

CHECKS: Final = (
    Check("cancel.provisioned-again", "Cancel", "Updating slivers are geni_provisioned again", f"{_C}, Cancel; R240", MUST, provisioned_again, _DRAFT, _NEEDS),
    Check("cancel.manifest-as-before", "Cancel", "The manifest is that of before Update", f"{_C}, Cancel; R240", MUST, manifest_as_before, _DRAFT, _NEEDS),
    Check("cancel.operational-status-kept", "Cancel", "Cancel does not change the operational status", f"{_C}, Cancel; R240", MUST, operational_status_kept, _DRAFT, _NEEDS),
    Check("cancel.expiry-kept", "Cancel", "Cancel does not change the expiry", f"{_C}, Cancel", MUST, expiry_kept, _DRAFT, _NEEDS),
    Check("cancel.marked-stays", "Cancel", "What Update marked to be deleted is provisioned as before", f"{_C}, Update; R240", MUST, marked_stays, _DRAFT, _TWO),
    Check("cancel.allocated-deleted", "Cancel", "Cancel deletes allocated slivers", f"{_C}, Cancel; R241", MUST, allocated_deleted, _DRAFT, _NEEDS),
    Check("cancel.allocated-listed", "Cancel", "Cancelled allocated slivers are listed as geni_unallocated", f"{_C}, Cancel; R241", MUST, allocated_listed, _DRAFT, _NEEDS),
    Check("cancel.ignores-provisioned", "Cancel", "Cancel passes over provisioned slivers, and succeeds", f"{_C}, Mixed State Calls; R242", MUST, ignores_provisioned, _DRAFT, _NEEDS),
    Check("cancel.returns-rspec-urn-slivers", "Cancel", "Cancel returns geni_rspec, geni_urn and geni_slivers", f"{_C}, Cancel; R243", MUST, returns_all, _DRAFT, _NEEDS),
    Check("cancel.entries-complete", "Cancel", "Each sliver has URN, expiry, allocation and operational status", f"{_C}, Cancel; R243", MUST, entries_complete, _DRAFT, _NEEDS),
    Check("cancel.manifest-valid", "Cancel", "The manifest of Cancel is valid", "GENI RSpec v3, manifest; R139", MUST, manifest_valid, _DRAFT, _NEEDS),
    Check("cancel.frees", "Cancel", "Cancel frees what Update reserved", f"{_C}, Cancel; R249", MUST, frees, _DRAFT, _TWO, alone=True),
    Check("cancel.original-after-two", "Cancel", "After a second Update Cancel restores the original", f"{_C}, Cancel; R245", MUST, original_after_two, _DRAFT, _NEEDS),
    Check("cancel.new-of-update-goes", "Cancel", "Cancel of the slice ends what Update added", f"{_C}, Cancel; R241", MUST, new_of_update_goes, _DRAFT, _TWO),
    Check("cancel.twice", "Cancel", "A second Cancel changes nothing", f"{_C}, Mixed State Calls; R242", MUST, twice, _DRAFT, _NEEDS),
    Check("cancel.one-of-two", "Cancel", "Cancel of one sliver leaves the other updating", f"{_C}, Cancel", MUST, one_of_two, _DRAFT, (*_TWO, Need.PARTS)),
    Check("cancel.next-empty", "Cancel", "After Cancel the next allocation status is empty text", f"{_C}, Changes to Status; R247", MUST, next_empty, _DRAFT, _NEEDS),
    Check("cancel.unknown-sliver", "Cancel", "A sliver that there is not fails the call, and nothing changes", f"{_CONCEPTS}, geni_best_effort; R259", MUST, unknown_sliver, _DRAFT, (*_NEEDS, Need.PARTS)),
    Check("cancel.unknown-sliver-best-effort", "Cancel", "With geni_best_effort the others are cancelled all the same", f"{_C}, Cancel; R257", MUST, unknown_sliver_best_effort, _DRAFT, (*_NEEDS, Need.PARTS)),
    Check("cancel.empty-slice", "Cancel", "A slice without slivers is an error, or an empty list", f"{_C}, Cancel", MUST, empty_slice, _DRAFT, _NEEDS),
    Check("cancel.empty-urns", "Cancel", "urns must name something", f"{_CONCEPTS}, urns; R184", MUST, empty_urns, _DRAFT, _NEEDS),
    Check("cancel.urns-no-array", "Cancel", "urns must be an array", f"{_CONCEPTS}, urns; R184", MUST, urns_no_array, _DRAFT, _NEEDS),
    Check("cancel.no-credentials", "Cancel", "Without a credential Cancel is forbidden, and nothing changes", f"{_CONCEPTS}, credentials; R097", MUST, no_credentials, _DRAFT, _NEEDS),
    Check("cancel.user-credential", "Cancel", "A user credential does not allow Cancel", f"{_CONCEPTS}, credentials; R073", MUST, user_credential, _DRAFT, _NEEDS),
    Check("cancel.info-is-too-little", "Cancel", "A credential to look at a slice does not allow Cancel", f"{_CONCEPTS}, privileges; R255", SHOULD, info_is_too_little, _DRAFT, _NEEDS),
    Check("cancel.options-missing", "Cancel", "Cancel without options is a bad argument, and no Fault", f"{_CONCEPTS}, options; R010, R021", SHOULD, options_missing, _DRAFT, _NEEDS),
    Check("cancel.unknown-option", "Cancel", "Options that are not known are ignored", f"{_CONCEPTS}, options; R020", MUST, unknown_option, _DRAFT, _NEEDS),
    Check("cancel.part-under-single", "Cancel", "With geni_single_allocation, Cancel names the slice or all of it", f"{_C}, Change to geni_single_allocation; R250", MUST, part_under_single, _DRAFT, _TWO),
)  # fmt: skip
