"""Cancel: take back an Allocate or an Update that was not provisioned."""

from collections.abc import Sequence
from dataclasses import replace

from gcf_am.manager import parting, record, selection
from gcf_am.manager.aggregate import Aggregate
from gcf_am.manager.attempt import attempt
from gcf_am.manager.ending import ended
from gcf_am.manager.record import Author, Change
from gcf_am.manager.report import Manifest, manifest
from gcf_am.manager.standing import slice_urn
from gcf_am.model.sliver import Sliver
from gcf_am.model.states import AllocationEvent, AllocationState, allocation_after
from gcf_am.trust.grant import Grant
from gcf_am.urn import Urn


def cancel(am: Aggregate, grant: Grant, urns: Sequence[Urn], *, best_effort: bool) -> Manifest:
    """End what is allocated and restore what is updating among the slivers named.

    Others are ignored; nothing to do is an empty success (decision 12). The manifest tells of
    those that remain, the list of all that were cancelled. A node that goes, or goes back, takes
    its interfaces off the links that use them (decision 8). Raises SearchFailed for unknown
    slivers and a slice without any, Refused where a link would come back to an interface that
    another has meanwhile, or a node leave a link that was made for where it was to be.

    Source: Change Set C, Cancel().
    """
    now = grant.at
    site = am.site()
    with am.store.write() as unit:
        chosen = selection.select(unit, grant, urns, now, best_effort=best_effort, lock=True)
        selection.check_single(am, chosen, selection.UNCOMMITTED)
        pending = [one for one in chosen.slivers if one.allocation in selection.UNCOMMITTED]

        def allow(changes: Sequence[Change]) -> None:
            parting.check_whole(parting.after(changes, chosen.live, site), site)

        tried = attempt(pending, cancelled, best_effort=best_effort, allow=allow)
        changes = parting.followed(tried.changes, chosen.live, site)
        record.write(unit, Author.of(grant, "Cancel"), changes)
    after = parting.after(tried.changes, chosen.live, site)
    named = {one.after.urn for one in tried.changes}
    return Manifest(
        manifest(
            am,
            [one for one in after if one.urn in named],
            after,
            foreign=chosen.whole,
        ),
        tried.reports(pending) + chosen.absent(now),
        slice_urn(grant),
    )


def cancelled(sliver: Sliver) -> Sliver:
    """The sliver without what is not provisioned: its former self, or ended."""
    if sliver.allocation is AllocationState.ALLOCATED:
        return ended(sliver, AllocationEvent.CANCEL)
    state = allocation_after(sliver.allocation, AllocationEvent.CANCEL)
    return replace(sliver, allocation=state, pending=None)
