"""A draft of new and changed slivers: what Allocate and Update would make of a request."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from gcf_am.errors import AmError, BadArgs, Unsupported
from gcf_am.manager import naming, narrowing, parting, volume
from gcf_am.manager.aggregate import Aggregate
from gcf_am.manager.ending import ended
from gcf_am.manager.judging import Court
from gcf_am.manager.placing import Held
from gcf_am.manager.ports import DriverError, holds_of
from gcf_am.manager.record import Change
from gcf_am.model.addressing import Wanted, addressed
from gcf_am.model.placement import Wish, place
from gcf_am.model.site import Site
from gcf_am.model.sliver import Contents, Sliver
from gcf_am.model.states import (
    AllocationEvent,
    AllocationState,
    OperationalState,
    allocation_after,
)
from gcf_am.model.topology import Node, Resource, Topology
from gcf_am.urn import Urn

# A site with fewer hosts is searched whole: it takes no longer than to see which are alike.
_LARGE: Final = 600


@dataclass(frozen=True, slots=True)
class Item:
    """One sliver that is wanted new (`sliver` is None), changed, or gone (`resource` is None)."""

    urn: Urn
    sliver: Sliver | None
    resource: Resource | None

    @property
    def frees(self) -> bool:
        """Whether what its sliver holds may be used at once: a mere reservation is redone."""
        return self.sliver is not None and self.sliver.allocation is AllocationState.ALLOCATED


@dataclass(frozen=True, slots=True)
class Scene:
    """What a draft stands in.

    `live` are the slice's live slivers, `court` knows the rules, `expires` tells when new and
    allocated slivers will, or raises where no time is left to them, `items` is all that the call wants; a draft may be of a part of it.
    """

    am: Aggregate
    topology: Topology
    slice_key: int
    live: tuple[Sliver, ...]
    court: Court
    expires: Callable[[], datetime]
    items: tuple[Item, ...]

    @property
    def owners(self) -> frozenset[Urn]:
        """The slivers whose own holds are left out of what others hold."""
        return frozenset(one.urn for one in self.items if one.sliver is not None)


def draft(scene: Scene, items: Sequence[Item], others_hold: Held) -> list[Change]:
    """The changes that these items come to, in their order.

    `others_hold` are the open holds without those of `scene.owners`. Nothing is written. Raises
    BadArgs, SearchFailed, Unsupported, or what placement raises when there is no room.
    """
    untouched = _untouched(scene, items)
    # 1. names are unique, and no link that stays loses its end
    claims = [(one.urn, one.resource) for one in items if one.resource is not None]
    staying = [one.sliver for one in items if one.sliver is not None and not one.frees]
    naming.check(claims, [*untouched, *staying])
    _check_parting(items, untouched)
    # 2. the slice's documents stay of a size that can be shown
    kept = [one for sliver in untouched for one in (sliver.contents, sliver.pending)]
    volume.check(
        [resource for _, resource in claims],
        scene.topology.frame,
        [*kept, *(one.contents for one in staying)],
    )
    # 3. there is room
    beside = [made for one in untouched if (made := parting.future(one)) is not None]
    contents = placed(
        scene.court,
        scene.topology,
        [Wish(one.resource, _keep(one)) for one in items if one.resource is not None],
        held=_held(scene, items, others_hold),
        beside=beside,
    )
    # 4. where frames really pass, every interface on a link has an address
    if scene.am.driver.addresses:
        contents = addressed(
            [
                Wanted(item.urn.text, one, None if item.sliver is None else item.sliver.contents)
                for item, one in zip(
                    (one for one in items if one.resource is not None), contents, strict=True
                )
            ],
            beside,
        )
    # 5. the driver can make it
    for one in contents:
        _check_driver(scene.am, one)
    # 6. the states
    settled = iter(contents)
    return [
        Change(one.sliver, _gone(one) if one.resource is None else _made(scene, one, next(settled)))
        for one in items
    ]


def placed(
    court: Court,
    topology: Topology,
    wishes: Sequence[Wish],
    *,
    held: Held,
    beside: Sequence[Contents],
) -> list[Contents]:
    """Where wishes are put, on what the caller may use of the site.

    What nobody could have is refused as placement does, what others could have with Refused by
    the rule that bars it.
    """

    def on(site: Site, *, quick: bool = False) -> list[Contents]:
        return place(
            wishes,
            site=site,
            held=held,
            beside=beside,
            frame=topology.frame,
            foreign_interfaces=topology.foreign_interfaces,
            quick=quick,
        )

    if len(court.site.hosts) > _LARGE:
        # mostly it is found among few hosts; where not, all of them tell why
        few = narrowing.narrowed(court.site, wishes, held=held, beside=beside)
        try:
            return on(court.permitted_of(few), quick=True)
        except AmError:
            pass
    try:
        return on(court.permitted)
    except AmError:
        if court.permitted is court.site:
            raise
    contents = on(court.site)
    court.judge_use(contents)
    return contents


def _untouched(scene: Scene, items: Iterable[Item]) -> list[Sliver]:
    touched = {one.urn for one in items}
    return [one for one in scene.live if one.urn not in touched]


def _keep(item: Item) -> Contents | None:
    """What stays taken until Provision or Cancel; of a mere reservation only its place is liked."""
    if item.sliver is None:
        return None
    return replace(item.sliver.contents, holds=()) if item.frees else item.sliver.contents


def _held(scene: Scene, items: Iterable[Item], others_hold: Held) -> Held:
    """Others' holds, and those of the call's own slivers that these items leave as they are."""
    changing = {one.urn for one in items if one.resource is not None or one.frees}
    held = dict(others_hold)
    for one in scene.items:
        if one.sliver is not None and one.urn not in changing:
            for hold in holds_of(one.sliver):
                key = (hold.component, hold.dimension)
                held[key] = held.get(key, 0) + hold.amount
    return held


def _check_parting(items: Iterable[Item], untouched: Iterable[Sliver]) -> None:
    # decision 8: a node or interface leaves that a link uses which the call leaves as it is
    links = [one for one in untouched if one.kind == "link"]
    kept = {
        interface.client_id
        for one in items
        if isinstance(one.resource, Node)
        for interface in one.resource.interfaces
    }
    for item in items:
        if item.sliver is None or item.sliver.kind != "node":
            continue
        had = parting.interfaces(item.sliver.contents) | parting.interfaces(item.sliver.pending)
        link = parting.link_using(had - kept, links)
        if link is not None:
            raise BadArgs(
                f"node {item.sliver.client_id!r} ({item.urn}) cannot part with an interface that"
                f" link {link.client_id!r} ({link.urn}) uses; name the link in urns and change it"
            )


def _check_driver(am: Aggregate, contents: Contents) -> None:
    try:
        am.driver.check(contents)
    except DriverError as error:
        name = contents.resource.client_id
        raise Unsupported(f"line {contents.resource.line}: {name!r}: {error}") from error


def _made(scene: Scene, item: Item, contents: Contents) -> Sliver:
    sliver = item.sliver
    if sliver is None:
        return Sliver(
            urn=item.urn,
            slice_key=scene.slice_key,
            contents=contents,
            allocation=allocation_after(AllocationState.UNALLOCATED, AllocationEvent.ALLOCATE),
            operational=OperationalState.PENDING_ALLOCATION,
            expires=scene.expires(),
        )
    state = allocation_after(sliver.allocation, AllocationEvent.UPDATE)
    if sliver.allocation is AllocationState.ALLOCATED:
        # Change Set C: changed at once, not revertible, with a new expiry
        return replace(sliver, allocation=state, contents=contents, expires=scene.expires())
    return replace(sliver, allocation=state, pending=contents)


def _gone(item: Item) -> Sliver:
    assert item.sliver is not None
    state = allocation_after(item.sliver.allocation, AllocationEvent.UPDATE_AWAY)
    if state is AllocationState.UNALLOCATED:
        return ended(item.sliver, AllocationEvent.UPDATE_AWAY)
    return replace(item.sliver, allocation=state, pending=None)
