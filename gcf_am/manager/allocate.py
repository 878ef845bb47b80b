"""Allocate: reserve resources for a slice, all or nothing."""

from collections.abc import Callable, Iterable
from datetime import datetime
from functools import cache
from itertools import repeat

from gcf_am.errors import BadArgs, Unsupported
from gcf_am.manager import judging, parting, record, standing
from gcf_am.manager.aggregate import Aggregate
from gcf_am.manager.draft import Item, Scene, draft
from gcf_am.manager.expire import expire
from gcf_am.manager.foreseeing import foresee
from gcf_am.manager.placing import Held, with_room
from gcf_am.manager.ports import Unit
from gcf_am.manager.record import Author, Change
from gcf_am.manager.report import Manifest, manifest, report
from gcf_am.manager.selection import Selection, live_slivers
from gcf_am.manager.standing import slice_urn
from gcf_am.model.lease import first_expiry
from gcf_am.model.site import Site
from gcf_am.model.sliver import Sliver
from gcf_am.model.topology import Topology
from gcf_am.rspec.request import read_request
from gcf_am.trust.grant import Grant
from gcf_am.urn import Urn


def allocate(am: Aggregate, grant: Grant, rspec: str, *, end_time: datetime | None) -> Manifest:
    """Reserve what a request asks for; the answer tells of the new slivers only.

    `end_time` is geni_end_time, a wish. Raises BadArgs and BadVersion for the request,
    Forbidden for the slice, Unsupported where geni_allocate forbids a further Allocate, and
    what placement raises when there is no room; then nothing is reserved.

    Source: AM API v3, Allocate.
    """
    topology = asked(am.urn, rspec)
    expire(am, grant.at)
    site = am.site()

    def allow(live: Iterable[Sliver]) -> None:
        check_mode(am, topology, live)

    foresee(am, grant, topology, site, allow=allow)
    with am.store.write() as unit:
        made = reserve(am, unit, grant, topology, site, end_time=end_time, allow=allow)
    return Manifest(
        manifest(am, made.slivers, made.live, foreign=True),
        tuple(map(report, made.slivers)),
        slice_urn(grant),
    )


def asked(manager: Urn, rspec: str) -> Topology:
    """What a request asks of this aggregate; raises BadArgs and BadVersion."""
    topology = read_request(rspec, manager=manager)
    if not topology.resources:
        raise BadArgs(f"the request asks for nothing of this aggregate, {manager}")
    return topology


def reserve(
    am: Aggregate,
    unit: Unit,
    grant: Grant,
    topology: Topology,
    site: Site,
    *,
    end_time: datetime | None,
    allow: Callable[[Iterable[Sliver]], None],
) -> Selection:
    """Reserve what is asked for within a unit; the new slivers beside all that are live then.

    `allow` is shown the slivers that are live before, and raises where there may be none or no
    more of them. Raises what `allocate` does.
    """
    now = grant.at
    here = standing.locked(unit, grant)
    live = live_slivers(unit, here, now)
    allow(live)
    court = judging.convene(am, unit, grant, here.key, site)

    def expires() -> datetime:
        terms = court.terms(allocated=True, new=len(topology.nodes))
        return first_expiry(terms, now=now, credential=grant.until, wish=end_time)

    urns = unit.new_urns(len(topology.resources))
    items = tuple(map(Item, urns, repeat(None), topology.resources))
    scene = Scene(am, topology, here.key, live, court, cache(expires), items)

    def choose(held: Held) -> list[Change]:
        return draft(scene, items, held)

    changes = with_room(unit, choose, lambda drafted: [one.after.contents for one in drafted])
    court.judge("Allocate", changes)
    record.write(unit, Author.of(grant, "Allocate"), changes)
    made = tuple(one.after for one in changes)
    return Selection(here, made, (*live, *made), (), whole=True)


def check_mode(am: Aggregate, topology: Topology, live: Iterable[Sliver]) -> None:
    """Refuse what the site's geni_allocate forbids (AM API v3, GetVersion; decision 15).

    geni_single: one Allocate while there are slivers; geni_disjoint: none that connects with
    what is there; geni_many: any. Raises Unsupported.
    """
    slivers = list(live)
    mode = am.allocate_mode.lower()
    if not slivers or mode == "geni_many":
        return
    if mode == "geni_single":
        raise Unsupported("geni_allocate is geni_single: the slice has slivers here already")
    there = {
        interface: one
        for one in slivers
        if one.kind == "node"
        for contents in (one.contents, one.pending)
        for interface in parting.interfaces(contents)
    }
    mine = {interface.client_id for node in topology.nodes for interface in node.interfaces}
    for link in topology.links:
        for end in link.interfaces:
            if end in there and end not in mine:
                raise Unsupported(
                    f"geni_allocate is geni_disjoint: line {link.line}: link {link.client_id!r}"
                    f" connects with {there[end].urn}, which is there already"
                )
