"""Describe and Status: what a slice has here; nothing changes."""

from collections.abc import Sequence

from gcf_am.manager import selection
from gcf_am.manager.aggregate import Aggregate
from gcf_am.manager.cancel import cancelled as as_cancelled
from gcf_am.manager.report import Manifest, Report, manifest, present_manifest, report
from gcf_am.manager.standing import slice_urn
from gcf_am.model.states import AllocationState
from gcf_am.trust.grant import Grant
from gcf_am.urn import Urn


def describe(am: Aggregate, grant: Grant, urns: Sequence[Urn], *, cancelled: bool) -> Manifest:
    """The manifest and the states of slivers.

    Updating slivers are shown as Provision would make them; with `cancelled` (geni_cancelled) as
    they are, and allocated ones not at all. A slice that has nothing here is an empty success.
    Raises SearchFailed for unknown slivers. Source: AM API v3, Describe; Change Set C.
    """
    now = grant.at
    with am.store.read() as unit:
        chosen = selection.select(unit, grant, urns, now, may_be_empty=True)
    selection.check_single(am, chosen)
    if not cancelled:
        text = manifest(am, chosen.slivers, chosen.live, foreign=chosen.whole)
        return Manifest(text, tuple(report(one) for one in chosen.slivers), slice_urn(grant))
    kept = [one for one in chosen.slivers if one.allocation is not AllocationState.ALLOCATED]
    text = present_manifest(kept, chosen.live, manager=am.urn, foreign=chosen.whole)
    left = [
        as_cancelled(one) if one.allocation is AllocationState.UPDATING else one for one in kept
    ]
    return Manifest(text, tuple(map(report, left)), slice_urn(grant))


def status(
    am: Aggregate, grant: Grant, urns: Sequence[Urn], *, best_effort: bool
) -> tuple[Report, ...]:
    """The states of slivers; with best effort unknown ones have entries instead of failing.

    Raises SearchFailed for a slice without slivers here. Source: AM API v3, Status.
    """
    now = grant.at
    with am.store.read() as unit:
        chosen = selection.select(unit, grant, urns, now, best_effort=best_effort)
    return tuple(report(one) for one in chosen.slivers) + chosen.absent(now)
