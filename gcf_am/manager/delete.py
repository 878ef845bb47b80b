"""Delete: end slivers in any state."""

from collections.abc import Sequence

from gcf_am.manager import parting, record, selection
from gcf_am.manager.aggregate import Aggregate
from gcf_am.manager.attempt import attempt
from gcf_am.manager.ending import ended
from gcf_am.manager.record import Author
from gcf_am.manager.report import Report
from gcf_am.model.states import AllocationEvent
from gcf_am.trust.grant import Grant
from gcf_am.urn import Urn


def delete(
    am: Aggregate, grant: Grant, urns: Sequence[Urn], *, best_effort: bool
) -> tuple[Report, ...]:
    """End the slivers named, and answer each with the expiry it had.

    What a driver made is destroyed afterwards, and held until then (decision 2); a link whose
    node goes loses that end and lives on (decision 8). Raises SearchFailed for unknown slivers
    and a slice without any. Source: AM API v3, Delete; Change Set C, Changes to Delete().
    """
    now = grant.at
    site = am.site()
    with am.store.write() as unit:
        chosen = selection.select(unit, grant, urns, now, best_effort=best_effort, lock=True)
        selection.check_single(am, chosen)
        tried = attempt(
            chosen.slivers,
            lambda sliver: ended(sliver, AllocationEvent.DELETE),
            best_effort=best_effort,
        )
        changes = parting.followed(tried.changes, chosen.live, site)
        record.write(unit, Author.of(grant, "Delete"), changes)
    am.wake()
    return tried.reports(chosen.slivers) + chosen.absent(now)
