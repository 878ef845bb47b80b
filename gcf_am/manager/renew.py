"""Renew: let slivers live until another time."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from functools import cache

from gcf_am.manager import judging, record, selection
from gcf_am.manager.aggregate import Aggregate
from gcf_am.manager.attempt import attempt
from gcf_am.manager.record import Author, Change
from gcf_am.manager.report import Report
from gcf_am.model.lease import Terms, renewed_expiry
from gcf_am.model.sliver import Sliver
from gcf_am.model.states import AllocationState
from gcf_am.trust.grant import Grant
from gcf_am.urn import Urn


def renew(
    am: Aggregate,
    grant: Grant,
    urns: Sequence[Urn],
    until: datetime,
    *,
    best_effort: bool,
    alap: bool,
) -> tuple[Report, ...]:
    """Let all slivers named, in whatever states, expire at `until`, which may be sooner than now.

    Allocated slivers have the shorter limit. Raises OutOfRange, with the latest time as its hint,
    when a time is over or too late for one of them; with `alap` (geni_extend_alap) the latest
    time is granted instead. Raises SearchFailed for unknown slivers and a slice without any.

    Source: AM API v3, Renew; Change Set C, Mixed State Calls.
    """
    now = grant.at
    site = am.site()
    with am.store.write() as unit:
        chosen = selection.select(unit, grant, urns, now, best_effort=best_effort, lock=True)
        selection.check_single(am, chosen)
        assert chosen.slice is not None  # select locked it
        court = judging.convene(am, unit, grant, chosen.slice.key, site)

        @cache
        def terms(*, allocated: bool) -> Terms:
            return court.terms(allocated=allocated, slivers=chosen.slivers, spent=True)

        def renewed(sliver: Sliver) -> Sliver:
            expires = renewed_expiry(
                terms(allocated=sliver.allocation is AllocationState.ALLOCATED),
                now=now,
                credential=grant.until,
                wish=until,
                present=sliver.expires,
                alap=alap,
                began=court.began(sliver),
            )
            return replace(sliver, expires=expires)

        def allow(changes: Sequence[Change]) -> None:
            court.judge("Renew", changes)

        tried = attempt(chosen.slivers, renewed, best_effort=best_effort, allow=allow)
        record.write(unit, Author.of(grant, "Renew"), tried.changes)
    return tried.reports(chosen.slivers) + chosen.absent(now)
