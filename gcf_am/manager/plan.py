"""Update's case table: what each sliver and each resource is in for.

Source: Change Set C, Update(); decision 11.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from itertools import repeat

from gcf_am.errors import AmError, BadArgs, SearchFailed
from gcf_am.manager.draft import Item
from gcf_am.manager.selection import Selection
from gcf_am.model.sliver import Sliver
from gcf_am.model.topology import Node, Resource, Topology
from gcf_am.urn import Urn


@dataclass(frozen=True, slots=True)
class Failure:
    """A resource that can be nothing; `urn` is what its entry is listed under (best effort)."""

    urn: Urn
    client_id: str
    error: AmError


@dataclass(frozen=True, slots=True)
class Plan:
    """What Update is to do: the items in the order they are listed, and what fails at once."""

    items: tuple[Item, ...]
    failures: tuple[Failure, ...]


def plan(
    chosen: Selection,
    topology: Topology,
    new_urns: Callable[[int], Iterable[Urn]],
    *,
    best_effort: bool,
) -> Plan:
    """Decide, for a slice that has slivers here, by this table:

    1. a resource without sliver_id: new
    2. sliver_id of a sliver that urns names: changed
    3. sliver_id of a live sliver that urns does not name: BadArgs, for all
    4. sliver_id of nothing that is here: SearchFailed, or an entry of its own (best effort)
    5. a sliver that urns names and no resource means: gone
    6. a sliver that neither means: untouched, not in the plan

    Raises BadArgs also when two resources mean one sliver, or one of the other kind.
    """
    named = {one.urn: one for one in chosen.slivers}
    live = {one.urn: one for one in chosen.live}
    changed: dict[Urn, Item] = {}
    new: list[Resource] = []
    failures: list[Failure] = []
    for resource in topology.resources:
        urn = _sliver_urn(resource)
        if urn is None:  # 1
            new.append(resource)
        elif urn in named:  # 2
            _check_one_meaning(resource, named[urn], taken=urn in changed)
            changed[urn] = Item(urn, named[urn], resource)
        elif urn in live:  # 3
            # a clone of it would double a manifest that is submitted again (decision 11)
            raise BadArgs(
                f"{_title(resource)} has the sliver_id of {urn}, which urns does not name"
            )
        else:  # 4
            error = SearchFailed(f"{_title(resource)}: no such sliver here: {urn}")
            if not best_effort:
                raise error
            failures.append(Failure(urn, resource.client_id, error))
    gone = {urn: Item(urn, one, None) for urn, one in named.items() if urn not in changed}  # 5
    made = map(Item, new_urns(len(new)), repeat(None), new)
    return Plan((*(changed.get(urn) or gone[urn] for urn in named), *made), tuple(failures))


def without_ids(topology: Topology) -> Topology:
    """The request as Allocate reads it: every resource is new (Change Set C)."""
    return replace(
        topology,
        nodes=tuple(replace(one, sliver_id=None) for one in topology.nodes),
        links=tuple(replace(one, sliver_id=None) for one in topology.links),
    )


def _sliver_urn(resource: Resource) -> Urn | None:
    if resource.sliver_id is None:
        return None
    try:
        return Urn.parse(resource.sliver_id)
    except ValueError as error:
        raise BadArgs(f"{_title(resource)}: sliver_id: {error}") from None


def _check_one_meaning(resource: Resource, sliver: Sliver, *, taken: bool) -> None:
    if taken:
        raise BadArgs(f"{_title(resource)}: another resource means sliver {sliver.urn} already")
    if (sliver.kind == "node") is not isinstance(resource, Node):
        raise BadArgs(f"{_title(resource)}: sliver {sliver.urn} is a {sliver.kind}")


def _title(resource: Resource) -> str:
    kind = "node" if isinstance(resource, Node) else "link"
    return f"line {resource.line}: {kind} {resource.client_id!r}"
