"""Update: ask for slivers to be changed, added and removed; Provision carries it out."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import cache

from gcf_am.errors import AmError, BadArgs
from gcf_am.manager import judging, partial, parting, record, selection
from gcf_am.manager.aggregate import Aggregate
from gcf_am.manager.draft import Item, Scene, draft
from gcf_am.manager.expire import expire
from gcf_am.manager.placing import Held, with_room
from gcf_am.manager.plan import Plan, plan, without_ids
from gcf_am.manager.record import Author, Change
from gcf_am.manager.report import Manifest, Report, absent, manifest, report
from gcf_am.manager.standing import slice_urn
from gcf_am.model.lease import first_expiry
from gcf_am.model.sliver import Contents
from gcf_am.model.topology import Node
from gcf_am.rspec.request import read_request
from gcf_am.trust.grant import Grant
from gcf_am.urn import Urn

_Drafted = tuple[list[Change], Mapping[Urn, AmError]]


def update(
    am: Aggregate,
    grant: Grant,
    urns: Sequence[Urn],
    rspec: str,
    *,
    best_effort: bool,
    end_time: datetime | None,
) -> Manifest:
    """Take `rspec` as all that the slivers named shall be; nothing that runs is touched.

    What it changes beyond a mere reservation becomes updating, with its old contents until
    Provision and its expiry as it was; more capacity is held beside the old. A slice without
    slivers here is allocated to. `end_time`, a wish, is for new and allocated slivers. The
    answer lists all that is affected, also what will be or is gone.

    Without best effort nothing changes when anything fails: BadArgs, BadVersion, Forbidden,
    SearchFailed, Unsupported, or what placement raises. Source: Change Set C, Update();
    decisions 3, 8, 10, 11, 13, 14.
    """
    now = grant.at
    topology = read_request(rspec, manager=am.urn, manifest_allowed=True)
    expire(am, now)
    site = am.site()
    with am.store.write() as unit:
        chosen = selection.select(
            unit, grant, urns, now, best_effort=best_effort, lock=True, may_be_empty=True
        )
        selection.check_single_update(am, chosen)
        if not chosen.live:
            topology = without_ids(topology)
            if not topology.resources:
                raise BadArgs(f"the request asks for nothing of this aggregate, {am.urn}")
        todo = plan(chosen, topology, unit.new_urns, best_effort=best_effort)
        assert chosen.slice is not None  # select locked it
        court = judging.convene(am, unit, grant, chosen.slice.key, site)
        redone = [
            one.sliver
            for one in todo.items
            if one.sliver is not None and one.frees and one.resource is not None
        ]

        def expires() -> datetime:
            terms = court.terms(
                allocated=True,
                slivers=redone,
                new=sum(
                    one.sliver is None and isinstance(one.resource, Node) for one in todo.items
                ),
            )
            began = min(map(court.began, redone), default=now)
            return first_expiry(terms, now=now, credential=grant.until, wish=end_time, began=began)

        scene = Scene(
            am, topology, chosen.slice.key, chosen.live, court, cache(expires), todo.items
        )

        def choose(held: Held) -> _Drafted:
            def drafted(items: Sequence[Item]) -> list[Change]:
                changes = draft(scene, items, held)
                court.judge("Update", changes)
                return changes

            return partial.most(todo.items, drafted) if best_effort else (drafted(todo.items), {})

        changes, errors = with_room(unit, choose, _contents, without=scene.owners)
        author = Author.of(grant, "Update")
        record.write(unit, author, parting.followed(changes, chosen.live, site))
    after = parting.after(changes, chosen.live, site)
    changed = {one.after.urn for one in changes}
    listed = _reports(todo, changes, errors, now)
    told = {one.urn for one in listed}
    return Manifest(
        manifest(am, [one for one in after if one.urn in changed], after, foreign=True),
        (*listed, *(one for one in chosen.absent(now) if one.urn not in told)),
        slice_urn(grant),
    )


def _contents(drafted: _Drafted) -> list[Contents]:
    """What is to be held beyond what is held already."""
    return [one.after.pending or one.after.contents for one in drafted[0]]


def _reports(
    todo: Plan, changes: Sequence[Change], errors: Mapping[Urn, AmError], now: datetime
) -> tuple[Report, ...]:
    """An entry for each item, and for each failure (best effort)."""
    after = {one.after.urn: one.after for one in changes}
    listed = []
    for item in todo.items:
        if item.urn in after:
            listed.append(report(after[item.urn]))
        elif item.sliver is not None:  # it stays as it was
            listed.append(report(item.sliver, _told(item.sliver.client_id, errors[item.urn])))
        elif item.resource is not None:  # decision 13: a URN of its own, unallocated
            name = item.resource.client_id
            listed.append(absent(item.urn, _told(name, errors[item.urn]), now, name))
    listed += [
        absent(one.urn, _told(one.client_id, one.error), now, one.client_id)
        for one in todo.failures
    ]
    return tuple(listed)


def _told(client_id: str, error: AmError) -> str:
    return error.message if client_id in error.message else f"{client_id}: {error.message}"
