"""What Update means for the calls that come after. Source: AM API draft, Change Set C."""

from datetime import timedelta
from typing import Any, Final

from gcf_am.conformance.asking import GENI3, compose
from gcf_am.conformance.changing import (
    ADDED,
    Base,
    described,
    done,
    interfaces,
    now,
    provision,
    provisioned,
    update,
    updating,
)
from gcf_am.conformance.check import Check, Need, Profile, Severity
from gcf_am.conformance.dates import write_date
from gcf_am.conformance.documents import editing
from gcf_am.conformance.documents.reading import Element
from gcf_am.conformance.judged import comes, faultless, is_free, manifest_of
from gcf_am.conformance.judging import manifests, slivers
from gcf_am.conformance.standing import latest
from gcf_am.conformance.trial import Trial

_C: Final = "AM API draft, Change Set C"
_PRESERVE: Final = "{http://www.geni.net/resources/rspec/ext/preserve/1}preserve"
_GUARANTEES: Final = frozenset(
    {"geni_none", "geni_persistent_state", "geni_dynamic_state", "geni_no_disruption"}
)
_LATER: Final = "added:if1"


def provision_commits(trial: Trial) -> None:
    base = updating(trial)
    value = trial.succeeds(provision(trial, base))
    faults = slivers.all_are(value, base.urns, allocation_status="geni_provisioned")
    faultless(trial, "Provision moves updating slivers to geni_provisioned", faults)
    _has(trial, described(trial, base, geni_cancelled=True), ADDED)


def _has(trial: Trial, manifest: Element, name: str) -> None:
    has = interfaces(manifest)
    trial.expect(name in has, f"the manifest has the interface {name}", sorted(has))


def _lacks(trial: Trial, manifest: Element, name: str) -> None:
    has = interfaces(manifest)
    trial.expect(name not in has, f"the manifest has no interface {name}", sorted(has))


def provision_ends_marked(trial: Trial) -> None:
    base = provisioned(trial, 2)
    gone, *kept = editing.names(base.request)
    done(update(trial, base, editing.only(base.unchanged(), *kept)))
    trial.succeeds(provision(trial, base))
    left = now(trial, base)
    trial.expect(base.ids[gone] not in left, f"{base.ids[gone]} is deleted", sorted(left))
    trial.expect(base.ids[kept[0]] in left, f"{base.ids[kept[0]]} is there", sorted(left))


def provisioned_next_empty(trial: Trial) -> None:
    base = updating(trial)
    done(provision(trial, base))
    _next_is(trial, list(now(trial, base).values()), base, "")


def second_replaces(trial: Trial) -> None:
    base = updating(trial)
    trial.succeeds(update(trial, base, base.changed(_LATER)))
    manifest = described(trial, base, geni_cancelled=False)
    _has(trial, manifest, _LATER)
    _lacks(trial, manifest, ADDED)


def second_keeps(trial: Trial) -> None:
    base = updating(trial)
    value = trial.succeeds(update(trial, base, base.changed(_LATER)))
    faults = slivers.all_are(value, base.urns, allocation_status="geni_updating")
    faults += slivers.same(base.before, slivers.by_urn(value), base.urns, "geni_expires")
    faultless(trial, "updating slivers stay geni_updating, with the expiry they had", faults)


def describe_pending(trial: Trial) -> None:
    base = updating(trial)
    _has(trial, described(trial, base, geni_cancelled=False), ADDED)


def describe_default(trial: Trial) -> None:
    base = updating(trial)
    _has(trial, described(trial, base), ADDED)


def describe_cancelled(trial: Trial) -> None:
    base = updating(trial)
    manifest = described(trial, base, geni_cancelled=True)
    _lacks(trial, manifest, ADDED)
    faultless(trial, "and the slivers that Cancel leaves", manifests.shows(manifest, base.ids))


def describe_cancelled_omits(trial: Trial) -> None:
    base, new = _with_new(trial)
    shown = manifests.slivers(described(trial, base, geni_cancelled=True))
    trial.expect(new not in shown, "a new allocated sliver is left out", shown)
    trial.expect(set(base.ids) <= set(shown), "and those that Cancel leaves are there", shown)


def _with_new(trial: Trial) -> tuple[Base, str]:
    """A slice with an updating node and a new, allocated one; and the new one's client_id."""
    whole = trial.request(2)
    mine, new = editing.names(whole)[:2]
    base = provisioned(trial, request=editing.only(whole, mine))
    done(update(trial, base, editing.together(base.changed(), editing.only(whole, new))))
    return base, new


def _next_is(trial: Trial, value: Any, base: Base, wanted: str) -> None:
    faults = slivers.all_are(value, base.urns, next_allocation_status=wanted)
    faultless(trial, f"geni_next_allocation_status is {wanted or 'the empty text'}", faults)


def next_in_describe(trial: Trial) -> None:
    base = provisioned(trial)
    options = {**GENI3, "geni_cancelled": False}
    value = trial.succeeds(trial.call("Describe", [base.slice], base.credentials, options))
    _next_is(trial, value, base, "")


def next_in_status(trial: Trial) -> None:
    base = provisioned(trial)
    value = trial.succeeds(trial.call("Status", [base.slice], base.credentials, {}))
    _next_is(trial, value, base, "")


def next_in_renew(trial: Trial) -> None:
    base = provisioned(trial)
    _next_is(trial, _renewed(trial, base), base, "")


def _renewed(trial: Trial, base: Base) -> Any:
    # what it is: neither sooner nor later
    until = write_date(latest(trial, list(base.before.values())))
    return trial.succeeds(trial.call("Renew", [base.slice], base.credentials, until, {}))


def next_while_updating(trial: Trial) -> None:
    base = updating(trial)
    value = trial.succeeds(trial.call("Status", [base.slice], base.credentials, {}))
    _next_is(trial, value, base, "geni_provisioned")


def renew_updating(trial: Trial) -> None:
    base = updating(trial)
    faults = slivers.all_are(_renewed(trial, base), base.urns, allocation_status="geni_updating")
    faultless(trial, "Renew works on updating slivers, and leaves them geni_updating", faults)


def delete_updating(trial: Trial) -> None:
    base = updating(trial)
    value = trial.succeeds(trial.call("Delete", [base.slice], base.credentials, {}))
    faults = slivers.all_are(value, base.urns, allocation_status="geni_unallocated")
    faultless(trial, "Delete ends updating slivers", faults)
    left = now(trial, base)
    trial.expect(not left, "nothing is left", sorted(left))


def delete_mixed(trial: Trial) -> None:
    base, new = _with_new(trial)
    shown = manifests.slivers(described(trial, base))
    value = trial.succeeds(trial.call("Delete", [base.slice], base.credentials, {}))
    faults = slivers.all_are(
        value, [*base.urns, shown.get(new, new)], allocation_status="geni_unallocated"
    )
    faultless(trial, "Delete ends slivers in all states together", faults)


def _on_two(trial: Trial) -> tuple[str, str, str]:
    """A request bound to two exclusive nodes, and these."""
    one, other = trial.nodes(2, exclusive=True)
    whole = compose([one, other], bound=True)
    return whole, one.component_id, other.component_id


def delete_frees(trial: Trial) -> None:
    whole, one, other = _on_two(trial)
    mine = editing.names(whole)[0]
    base = provisioned(trial, request=editing.only(whole, mine))
    done(update(trial, base, editing.together(base.unchanged(), editing.without(whole, mine))))
    trial.expect(not is_free(trial, other), f"{other} is held after Update", "available")
    trial.succeeds(trial.call("Delete", [base.slice], base.credentials, {}))
    comes(
        trial,
        lambda: is_free(trial, one) and is_free(trial, other),
        "Delete frees what was held and what Update reserved",
    )


def provision_frees(trial: Trial) -> None:
    whole, _, other = _on_two(trial)
    base = provisioned(trial, request=whole)
    mine = editing.names(whole)[0]
    done(update(trial, base, editing.only(base.unchanged(), mine)))
    trial.expect(not is_free(trial, other), f"{other} is held until Provision", "available")
    trial.succeeds(provision(trial, base))
    comes(trial, lambda: is_free(trial, other), "Provision frees what Update dropped")


def expiry_ends(trial: Trial) -> None:
    base = updating(trial)
    until = write_date(trial.now() + timedelta(seconds=8))
    answer = trial.call("Renew", [base.slice], base.credentials, until, {})
    if answer.code != 0:
        trial.cannot_tell(f"the expiry could not be brought near: {answer.brief}")

    def gone() -> bool:
        left = now(trial, base)
        faults = slivers.all_are(list(left.values()), left, allocation_status="geni_updating")
        faultless(trial, "an updating sliver that expires does not become provisioned", faults)
        return not left

    comes(trial, gone, "an updating sliver that expires is unallocated", 60)


def preserve_legal(trial: Trial) -> None:
    base = provisioned(trial)
    manifest = manifest_of(trial, done(update(trial, base, base.changed())))
    told = [one.get("guarantee") for one in manifest.iter(_PRESERVE)]
    if not told:
        trial.skip("the manifest of Update has no preserve element: nothing is guaranteed")
    wrong = [f"guarantee is {one!r}" for one in told if one not in _GUARANTEES]
    faultless(trial, "a guarantee is one of the four of preserve/1", wrong)


_DRAFT: Final = frozenset({Profile.V4_DRAFT})
_NEEDS: Final = (Need.WRITES, Need.UPDATE)
_TWO: Final = (*_NEEDS, Need.SECOND_NODE)
MUST, SHOULD = Severity.MUST, Severity.SHOULD

CHECKS: Final = (
    Check("update.provision-commits", "Update", "Provision makes the change true", f"{_C}, Changes to Provision; R239", MUST, provision_commits, _DRAFT, _NEEDS),
    Check("update.provision-ends-marked", "Update", "Provision deletes what Update marked", f"{_C}, Changes to Provision; R239", MUST, provision_ends_marked, _DRAFT, _TWO),
    Check("update.provisioned-next-empty", "Update", "After Provision the next allocation status is empty again", f"{_C}, Changes to Status; R247", MUST, provisioned_next_empty, _DRAFT, _NEEDS),
    Check("update.second-replaces", "Update", "A second Update replaces what is pending", f"{_C}, After a successful Update; R245", MUST, second_replaces, _DRAFT, _NEEDS),
    Check("update.second-keeps-state", "Update", "Updating slivers stay so, with their expiry, after another Update", f"{_C}, After a successful Update; R245", MUST, second_keeps, _DRAFT, _NEEDS),
    Check("update.describe-pending", "Describe", "geni_cancelled=false shows what is pending", f"{_C}, Changes to Describe; R246", MUST, describe_pending, _DRAFT, _NEEDS),
    Check("update.describe-default", "Describe", "geni_cancelled defaults to false", f"{_C}, Changes to Describe; R246", MUST, describe_default, _DRAFT, _NEEDS),
    Check("update.describe-cancelled", "Describe", "geni_cancelled=true shows updating slivers as they were", f"{_C}, Changes to Describe; R246", MUST, describe_cancelled, _DRAFT, _NEEDS),
    Check("update.describe-cancelled-omits", "Describe", "geni_cancelled=true leaves allocated slivers out", f"{_C}, Changes to Describe; R246", MUST, describe_cancelled_omits, _DRAFT, _TWO),
    Check("update.next-empty-in-describe", "Describe", "geni_next_allocation_status of provisioned slivers is empty text", f"{_C}, Changes to Describe; R247", MUST, next_in_describe, _DRAFT, _NEEDS),
    Check("update.next-empty-in-status", "Status", "geni_next_allocation_status of provisioned slivers is empty text", f"{_C}, Changes to Status; R247", MUST, next_in_status, _DRAFT, _NEEDS),
    Check("update.next-empty-in-renew", "Renew", "geni_next_allocation_status of provisioned slivers is empty text", f"{_C}, Changes to Renew; R247", MUST, next_in_renew, _DRAFT, _NEEDS),
    Check("update.next-while-updating", "Status", "Status tells the next allocation status of updating slivers", f"{_C}, Changes to Status", MUST, next_while_updating, _DRAFT, _NEEDS),
    Check("update.renew-updating", "Renew", "Renew works on updating slivers", f"{_C}, Mixed State Calls; R252", MUST, renew_updating, _DRAFT, _NEEDS),
    Check("update.delete-updating", "Delete", "Delete ends updating slivers", f"{_C}, Changes to Delete; R248", MUST, delete_updating, _DRAFT, _NEEDS),
    Check("update.delete-mixed", "Delete", "Delete ends slivers in all states in one call", f"{_C}, Mixed State Calls; R215", MUST, delete_mixed, _DRAFT, _TWO),
    Check("update.delete-frees", "Delete", "Delete of updating slivers frees what they held and what was reserved", f"{_C}, Changes to Delete; R248", MUST, delete_frees, _DRAFT, _TWO, alone=True),
    Check("update.provision-frees", "Provision", "Provision frees what Update dropped", f"{_C}, Changes to Provision; R249", MUST, provision_frees, _DRAFT, _TWO, alone=True),
    Check("update.expiry-ends", "Update", "An updating sliver that expires is unallocated, not as before", f"{_C}, After a successful Update; R244", MUST, expiry_ends, _DRAFT, _NEEDS),
    Check("update.preserve-legal", "Update", "State guarantees are those of preserve/1", f"{_C}, State Guarantees; R253", SHOULD, preserve_legal, _DRAFT, _NEEDS),
)  # fmt: skip
