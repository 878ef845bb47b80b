"""Update: which slivers are in which state afterwards. Source: AM API draft, Change Set C."""

from typing import Final

from gcf_am.conformance.asking import GENI3
from gcf_am.conformance.changing import (
    ADDED,
    Base,
    allocated,
    described,
    done,
    interfaces,
    now,
    provisioned,
    update,
)
from gcf_am.conformance.check import Check, Need, Profile, Severity
from gcf_am.conformance.dates import read_date
from gcf_am.conformance.documents import editing
from gcf_am.conformance.documents.reading import schema_faults
from gcf_am.conformance.holding import with_room
from gcf_am.conformance.judged import faultless, manifest_of
from gcf_am.conformance.judging import manifests, slivers
from gcf_am.conformance.standing import MEMBERS
from gcf_am.conformance.trial import Trial

_C: Final = "AM API draft, Change Set C"


def _changed(trial: Trial) -> tuple[Base, object]:
    base = provisioned(trial)
    return base, trial.succeeds(update(trial, base, base.changed()))


def becomes_updating(trial: Trial) -> None:
    base, value = _changed(trial)
    expected = "a provisioned sliver that is changed is geni_updating, in the answer and in Status"
    wanted = {"allocation_status": "geni_updating"}
    faultless(trial, expected, slivers.all_are(value, base.urns, **wanted))
    faultless(
        trial, expected, slivers.all_are(list(now(trial, base).values()), base.urns, **wanted)
    )


def next_is_provisioned(trial: Trial) -> None:
    base, value = _changed(trial)
    faults = slivers.all_are(value, base.urns, next_allocation_status="geni_provisioned")
    faultless(trial, "geni_next_allocation_status is geni_provisioned", faults)


def all_named_are_updating(trial: Trial) -> None:
    base = provisioned(trial, 2)
    value = trial.succeeds(update(trial, base, base.changed()))
    faults = slivers.all_are(value, base.urns, allocation_status="geni_updating")
    faultless(trial, "all provisioned slivers that are named are updating, changed or not", faults)


def expiry_kept(trial: Trial) -> None:
    base, value = _changed(trial)
    for after in (slivers.by_urn(value), now(trial, base)):
        faults = slivers.same(base.before, after, base.urns, "geni_expires")
        faultless(trial, "updating slivers keep their expiry", faults)


def operational_status_kept(trial: Trial) -> None:
    base, _ = _changed(trial)
    faults = slivers.same(base.before, now(trial, base), base.urns, "geni_operational_status")
    faultless(trial, "Update does not change the operational status", faults)


def urns_kept(trial: Trial) -> None:
    base, value = _changed(trial)
    manifest = manifest_of(trial, value)
    faultless(trial, "changed slivers keep their URNs", manifests.shows(manifest, base.ids))


def returns_rspec_and_slivers(trial: Trial) -> None:
    _, value = _changed(trial)
    faults = slivers.shape(value, {"geni_rspec": str, "geni_slivers": list})
    faultless(trial, "value is a struct of geni_rspec and geni_slivers", faults)


def entries_complete(trial: Trial) -> None:
    _, value = _changed(trial)
    faults = slivers.complete(value, "geni_next_allocation_status")
    faultless(trial, "each sliver has its URN, expiry, status and next status", faults)


def manifest_valid(trial: Trial) -> None:
    _, value = _changed(trial)
    manifest_of(trial, value)
    faults = schema_faults(value["geni_rspec"], "manifest")  # type: ignore[index]  # read before
    faultless(trial, "geni_rspec is a valid manifest", faults)


def shows_the_change(trial: Trial) -> None:
    _, value = _changed(trial)
    has = interfaces(manifest_of(trial, value))
    trial.expect(ADDED in has, f"the manifest of Update has the interface {ADDED}", sorted(has))


def allocated_at_once(trial: Trial) -> None:
    base = allocated(trial)
    value = trial.succeeds(update(trial, base, base.changed()))
    faults = slivers.all_are(value, base.urns, allocation_status="geni_allocated")
    faultless(trial, "an allocated sliver that is changed is geni_allocated", faults)
    has = interfaces(described(trial, base, geni_cancelled=False))
    trial.expect(ADDED in has, f"Describe shows the new interface {ADDED}", sorted(has))


def allocated_next(trial: Trial) -> None:
    base = allocated(trial)
    value = trial.succeeds(update(trial, base, base.changed()))
    faults = slivers.all_are(value, base.urns, next_allocation_status="geni_provisioned")
    faultless(trial, "geni_next_allocation_status of an allocated sliver", faults)


def allocated_fresh_expiry(trial: Trial) -> None:
    base = allocated(trial)
    value = slivers.by_urn(trial.succeeds(update(trial, base, base.changed())))
    for urn in base.urns:
        was = read_date(base.before[urn].get("geni_expires"))
        given = read_date(value.get(urn, {}).get("geni_expires"))
        trial.expect(
            was is not None and given is not None and given >= was,
            "a new expiry as of Allocate, not before the one it had",
            f"{urn} had {was} and has {given}",
        )


def absent_is_marked(trial: Trial) -> None:
    base = provisioned(trial, 2)
    gone, *kept = editing.names(base.request)
    value = trial.succeeds(update(trial, base, editing.only(base.unchanged(), *kept)))
    wanted = {
        "allocation_status": "geni_updating",
        "next_allocation_status": "geni_unallocated",
    }
    expected = "a provisioned sliver that the rspec lacks is updating, next geni_unallocated"
    faultless(trial, expected, slivers.all_are(value, [base.ids[gone]], **wanted))


def absent_lives_until_provision(trial: Trial) -> None:
    base = provisioned(trial, 2)
    gone, *kept = editing.names(base.request)
    trial.succeeds(update(trial, base, editing.only(base.unchanged(), *kept)))
    faults = slivers.same(
        base.before, now(trial, base), [base.ids[gone]], "geni_operational_status", "geni_expires"
    )
    faultless(trial, "what is marked to be deleted goes on as it was until Provision", faults)


def absent_allocated_goes(trial: Trial) -> None:
    base = allocated(trial, 2)
    gone, *kept = editing.names(base.request)
    trial.succeeds(update(trial, base, editing.only(base.unchanged(), *kept)))
    left = now(trial, base)
    trial.expect(base.ids[gone] not in left, f"{base.ids[gone]} is gone at once", sorted(left))
    trial.expect(base.ids[kept[0]] in left, f"{base.ids[kept[0]]} is there", sorted(left))


def absent_allocated_listed(trial: Trial) -> None:
    base = allocated(trial, 2)
    gone, *kept = editing.names(base.request)
    value = trial.succeeds(update(trial, base, editing.only(base.unchanged(), *kept)))
    faults = slivers.all_are(
        value, [base.ids[gone]], allocation_status="geni_unallocated|geni_allocated"
    )
    faultless(trial, "the answer lists slivers that Update deletes, too", faults)


def unnamed_untouched(trial: Trial) -> None:
    base = provisioned(trial, 2)
    one, other = editing.names(base.request)[:2]
    wanted = editing.only(base.changed(), one)
    trial.succeeds(update(trial, base, wanted, [base.ids[one]]))
    faults = slivers.same(base.before, now(trial, base), [base.ids[other]], *MEMBERS)
    faultless(trial, "a sliver neither named nor in the rspec is as it was", faults)


def outside_urns_unchanged(trial: Trial) -> None:
    base = provisioned(trial, 2)
    one, other = editing.names(base.request)[:2]
    update(trial, base, base.unchanged(), [base.ids[one]])
    faults = slivers.same(base.before, now(trial, base), [base.ids[other]], *MEMBERS)
    faultless(
        trial, "a sliver that urns leave out is not modified, though the rspec has it", faults
    )


def new_is_allocated(trial: Trial) -> None:
    whole = trial.request(2)
    mine, new = editing.names(whole)[:2]
    base = provisioned(trial, request=editing.only(whole, mine))
    wanted = editing.together(base.unchanged(), editing.only(whole, new))
    value = trial.succeeds(update(trial, base, wanted))
    shown = manifests.slivers(manifest_of(trial, value))
    trial.expect(new in shown, f"the manifest has the new node {new}", shown)
    trial.expect(shown[new] not in base.urns, "a new resource has a URN of its own", shown[new])
    state = {"allocation_status": "geni_allocated", "next_allocation_status": "geni_provisioned"}
    faultless(
        trial, "a new resource is geni_allocated", slivers.all_are(value, [shown[new]], **state)
    )


def empty_slice_allocates(trial: Trial) -> None:
    one, wanted = trial.slice(), trial.request()
    answer = with_room(trial, lambda: trial.call("Update", [one.urn], one.credentials, wanted, {}))
    value = trial.succeeds(answer)
    urns = slivers.by_urn(value)
    trial.expect(bool(urns), "Update of a slice without slivers allocates", value)
    faults = slivers.all_are(value, urns, allocation_status="geni_allocated")
    faultless(trial, "Update of a slice without slivers allocates", faults)


def empty_slice_ignores_ids(trial: Trial) -> None:
    one, wanted = trial.slice(), trial.request()
    (name,) = editing.names(wanted)
    urn = f"{one.urn.rpartition('+slice+')[0]}+sliver+never"
    wanted = editing.identified(wanted, {name: urn})
    answer = with_room(trial, lambda: trial.call("Update", [one.urn], one.credentials, wanted, {}))
    value = trial.succeeds(answer)
    shown = manifests.slivers(manifest_of(trial, value))
    trial.expect(
        name in shown and shown[name] != urn,
        "in a slice without slivers a sliver_id is passed over: the resource is new",
        shown,
    )


def manifest_is_a_request(trial: Trial) -> None:
    base = provisioned(trial)
    value = done(trial.call("Describe", [base.slice], base.credentials, dict(GENI3)))
    answer = trial.succeeds(update(trial, base, value["geni_rspec"]))
    faults = slivers.all_are(answer, base.urns, allocation_status="geni_updating")
    faultless(trial, "a manifest is taken for a request for what it shows", faults)


def five_arguments(trial: Trial) -> None:
    base = provisioned(trial)
    answer = trial.call("Update", base.slice, [base.slice], base.credentials, base.changed(), {})
    faults = slivers.all_are(trial.succeeds(answer), base.urns, allocation_status="geni_updating")
    faultless(trial, "Update with the slice's URN before the others, as ProtoGENI has it", faults)


_DRAFT: Final = frozenset({Profile.V4_DRAFT})
_NEEDS: Final = (Need.WRITES, Need.UPDATE)
_TWO: Final = (*_NEEDS, Need.SECOND_NODE)
_PARTS: Final = (*_TWO, Need.PARTS)
MUST, SHOULD, MAY = Severity.MUST, Severity.SHOULD, Severity.MAY

CHECKS: Final = (
    Check("update.provisioned-becomes-updating", "Update", "A provisioned sliver that is changed becomes geni_updating", f"{_C}, Update; R227", MUST, becomes_updating, _DRAFT, _NEEDS),
    Check("update.next-is-provisioned", "Update", "An updating sliver's next allocation status is geni_provisioned", f"{_C}, Update; R228", MUST, next_is_provisioned, _DRAFT, _NEEDS),
    Check("update.all-named-are-updating", "Update", "All provisioned slivers that are named become geni_updating", f"{_C}, After a successful Update; R227", MUST, all_named_are_updating, _DRAFT, _TWO),
    Check("update.expiry-kept", "Update", "Updating slivers keep the expiry that they had", f"{_C}, After a successful Update; R227", MUST, expiry_kept, _DRAFT, _NEEDS),
    Check("update.operational-status-kept", "Update", "Update preserves the operational status", f"{_C}, Update; R227", MUST, operational_status_kept, _DRAFT, _NEEDS),
    Check("update.urns-kept", "Update", "A changed sliver keeps its URN", f"{_C}, Update", MUST, urns_kept, _DRAFT, _NEEDS),
    Check("update.returns-rspec-and-slivers", "Update", "Update returns geni_rspec and geni_slivers", f"{_C}, Return; R228", MUST, returns_rspec_and_slivers, _DRAFT, _NEEDS),
    Check("update.entries-complete", "Update", "Each sliver has URN, expiry, allocation status and next allocation status", f"{_C}, Return; R228", MUST, entries_complete, _DRAFT, _NEEDS),
    Check("update.manifest-valid", "Update", "The manifest of Update is valid", "GENI RSpec v3, manifest; R139", MUST, manifest_valid, _DRAFT, _NEEDS),
    Check("update.shows-the-change", "Update", "The manifest of Update shows the slivers as they are to become", f"{_C}, Return", MUST, shows_the_change, _DRAFT, _NEEDS),
    Check("update.allocated-at-once", "Update", "An allocated sliver is changed at once and stays geni_allocated", f"{_C}, Update; R229", MUST, allocated_at_once, _DRAFT, _NEEDS),
    Check("update.allocated-next", "Update", "An allocated sliver's next allocation status is geni_provisioned", f"{_C}, Return; R228", MUST, allocated_next, _DRAFT, _NEEDS),
    Check("update.allocated-fresh-expiry", "Update", "A changed allocated sliver gets an expiry as of Allocate", f"{_C}, After a successful Update; R229", SHOULD, allocated_fresh_expiry, _DRAFT, _NEEDS),
    Check("update.absent-is-marked", "Update", "A provisioned sliver that is named and not in the rspec is updating, next geni_unallocated", f"{_C}, Update; R230", MUST, absent_is_marked, _DRAFT, _TWO),
    Check("update.absent-lives-until-provision", "Update", "What is marked to be deleted exists until Provision", f"{_C}, After a successful Update; R230", MUST, absent_lives_until_provision, _DRAFT, _TWO),
    Check("update.absent-allocated-goes", "Update", "An allocated sliver that is named and not in the rspec is gone at once", f"{_C}, Update; R231", MUST, absent_allocated_goes, _DRAFT, _TWO),
    Check("update.absent-allocated-listed", "Update", "The returned slivers include those that are deleted", f"{_C}, Return", MUST, absent_allocated_listed, _DRAFT, _TWO),
    Check("update.unnamed-untouched", "Update", "Slivers neither named nor in the rspec are untouched", f"{_C}, Update; R232", MUST, unnamed_untouched, _DRAFT, _PARTS),
    Check("update.outside-urns-unchanged", "Update", "A sliver that urns leave out is not modified", f"{_C}, Update; R232", MUST, outside_urns_unchanged, _DRAFT, _PARTS),
    Check("update.new-is-allocated", "Update", "A resource without sliver_id becomes a new geni_allocated sliver", f"{_C}, Update; R233", MUST, new_is_allocated, _DRAFT, _TWO),
    Check("update.empty-slice-allocates", "Update", "On a slice without slivers Update behaves like Allocate", f"{_C}, Update; R236", MUST, empty_slice_allocates, _DRAFT, _NEEDS),
    Check("update.empty-slice-ignores-ids", "Update", "On a slice without slivers sliver_ids are passed over", f"{_C}, Update; R236", MUST, empty_slice_ignores_ids, _DRAFT, _NEEDS),
    Check("update.manifest-is-a-request", "Update", "An RSpec that passes the manifest schema is allowed", f"{_C}, Update; R237", MUST, manifest_is_a_request, _DRAFT, _NEEDS),
    Check("update.five-arguments", "Update", "ProtoGENI's form with the slice's URN first is accepted", "ProtoGENI, Update; R254", MAY, five_arguments, _DRAFT, _NEEDS),
)  # fmt: skip
