"""Provision: make reservations real, and carry out updates."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache

from gcf_am.manager import judging, parting, record, selection
from gcf_am.manager.accounts import User, judged, with_users
from gcf_am.manager.aggregate import Aggregate
from gcf_am.manager.attempt import attempt
from gcf_am.manager.ending import ended
from gcf_am.manager.ports import Unit
from gcf_am.manager.record import Author, Change
from gcf_am.manager.report import Manifest, Report, manifest
from gcf_am.manager.selection import Selection
from gcf_am.manager.standing import slice_urn
from gcf_am.model.holding import over_both
from gcf_am.model.lease import Terms, first_expiry
from gcf_am.model.preserve import same
from gcf_am.model.site import Site
from gcf_am.model.sliver import Login, Sliver, Step
from gcf_am.model.states import (
    CHANGED,
    STARTED,
    Action,
    AllocationEvent,
    AllocationState,
    OperationalState,
    allocation_after,
    operational_after,
)
from gcf_am.trust.grant import Grant
from gcf_am.urn import Urn


def provision(
    am: Aggregate,
    grant: Grant,
    urns: Sequence[Urn],
    *,
    best_effort: bool,
    end_time: datetime | None,
    users: tuple[User, ...],
) -> Manifest:
    """Provision what is allocated or updating among the slivers named; others are ignored.

    Allocated slivers get the long expiry, updating ones keep theirs unless `end_time` (a wish)
    is given. `users` get accounts on the nodes. Raises SearchFailed for a slice without slivers
    here; nothing to do is an empty success (decision 12).

    Source: AM API v3, Provision; Change Set C, Changes to Provision().
    """
    now = grant.at
    named = judged(users)
    site = am.site()
    with am.store.write() as unit:
        chosen = selection.select(unit, grant, urns, now, best_effort=best_effort, lock=True)
        selection.check_single(am, chosen, selection.UNCOMMITTED)
        done = carry_out(
            am,
            unit,
            grant,
            chosen,
            site,
            best_effort=best_effort,
            end_time=end_time,
            users=named,
        )
    am.wake()
    return Manifest(
        manifest(am, done.made, done.live, foreign=chosen.whole),
        done.reports + chosen.absent(now),
        slice_urn(grant),
    )


@dataclass(frozen=True, slots=True)
class Provisioned:
    """What was provisioned, beside all that is live then, and what to tell of all it was about."""

    made: tuple[Sliver, ...]
    live: tuple[Sliver, ...]
    reports: tuple[Report, ...]


def carry_out(
    am: Aggregate,
    unit: Unit,
    grant: Grant,
    chosen: Selection,
    site: Site,
    *,
    best_effort: bool = False,
    end_time: datetime | None,
    users: tuple[User, ...],
    start: bool = False,
) -> Provisioned:
    """Provision within a unit; `users` were judged.

    With `start` what is new comes up by itself once it is prepared, as version 2 of the API wants
    it. Raises what `provision` does.
    """
    now = grant.at
    ready = [one for one in chosen.slivers if one.allocation in selection.UNCOMMITTED]
    assert chosen.slice is not None  # it was locked
    court = judging.convene(am, unit, grant, chosen.slice.key, site)

    def gets_time(sliver: Sliver) -> bool:
        first = sliver.allocation is AllocationState.ALLOCATED
        return first or (sliver.pending is not None and end_time is not None and end_time > now)

    @cache
    def terms() -> Terms:
        return court.terms(allocated=False, slivers=filter(gets_time, ready))

    def provisioned(sliver: Sliver) -> Sliver:
        if sliver.allocation is AllocationState.UPDATING and sliver.pending is None:
            return ended(sliver, AllocationEvent.PROVISION_AWAY)
        logins = with_users(sliver.logins, users) if sliver.kind == "node" else ()
        first = sliver.allocation is AllocationState.ALLOCATED
        expires = sliver.expires
        if gets_time(sliver):
            expires = first_expiry(
                terms(),
                now=now,
                credential=grant.until,
                wish=end_time,
                began=court.began(sliver),
            )
        return replace(
            _built(sliver, logins, start=start) if first else _rebuilt(sliver, logins),
            expires=expires,
        )

    def allow(changes: Sequence[Change]) -> None:
        parting.check_whole(parting.after(changes, chosen.live, site), site)
        court.judge("Provision", changes)

    tried = attempt(ready, provisioned, best_effort=best_effort, allow=allow)
    author = Author.of(grant, "Provision")
    record.write(unit, author, parting.followed(tried.changes, chosen.live, site))
    after = tuple(parting.after(tried.changes, chosen.live, site))
    done = {one.after.urn for one in tried.changes}
    return Provisioned(tuple(one for one in after if one.urn in done), after, tried.reports(ready))


def _built(sliver: Sliver, logins: tuple[Login, ...], *, start: bool) -> Sliver:
    """An allocated sliver, provisioned; what is configuring is prepared and then brought up."""
    return replace(
        sliver,
        allocation=allocation_after(sliver.allocation, AllocationEvent.PROVISION),
        operational=STARTED if start else sliver.operational,
        step=Step.PREPARE,
        touched=True,
        error="",
        logins=logins,
        generation=sliver.generation + 1,
    )


def _rebuilt(sliver: Sliver, logins: tuple[Login, ...]) -> Sliver:
    """An updating sliver with its new contents.

    What means the same to the driver is left alone, as Update promised (preserve/1); what the
    old contents hold is held until the driver has made the new ones (decision 2).
    """
    new = sliver.pending
    assert new is not None
    unlike = not same(sliver.contents, new)
    newly = logins != sliver.logins
    under_way = sliver.step is not None
    sliver = replace(
        sliver,
        allocation=allocation_after(sliver.allocation, AllocationEvent.PROVISION),
        contents=over_both(sliver.contents, new) if unlike or under_way else new,
        pending=None,
        logins=logins,
    )
    if unlike:
        return replace(
            sliver,
            operational=CHANGED[sliver.operational],
            # which builds too, and what was promised a fresh disk gets one
            step=Step.RELOAD if sliver.step is Step.RELOAD else Step.CHANGE,
            touched=True,
            error="",
            access=None,
            generation=sliver.generation + 1,
        )
    if newly and sliver.operational is OperationalState.READY:
        return replace(
            sliver,
            operational=operational_after(sliver.operational, Action.UPDATE_USERS),
            step=Step.UPDATE_USERS,
            generation=sliver.generation + 1,
        )
    if newly and under_way:
        # the work under way knows the old accounts only: it is done again
        return replace(sliver, generation=sliver.generation + 1)
    return sliver
