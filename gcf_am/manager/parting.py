"""Nodes and interfaces that leave while a link uses them (decision 8)."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from gcf_am.errors import Refused
from gcf_am.manager.record import Change
from gcf_am.model.holding import released
from gcf_am.model.site import Site
from gcf_am.model.sliver import Contents, LinkPlacement, NodePlacement, Sliver, Step
from gcf_am.model.states import AllocationState
from gcf_am.model.topology import Link, Node

# slivers with what they are made of, now or then
_View = Sequence[tuple[Sliver, Contents]]


def interfaces(contents: Contents | None) -> frozenset[str]:
    """The client_ids of the interfaces that a node has, or that a link joins."""
    if contents is None:
        return frozenset()
    resource = contents.resource
    if isinstance(resource, Node):
        return frozenset(one.client_id for one in resource.interfaces)
    return frozenset(resource.interfaces)


def followed(changes: Sequence[Change], live: Iterable[Sliver], site: Site) -> list[Change]:
    """The changes, and with them what they mean for the links of the slice.

    An interface that no longer exists after the changes is dropped from the links that use it;
    the links live on. What they hold there is held until the driver has destroyed the node
    (decision 2), and is free at once where it has nothing to destroy. `live` are the slice's
    live slivers before the changes.
    """
    before = {one.urn: one for one in live}
    told = {one.after.urn: one for one in changes}
    after = before | {urn: one.after for urn, one in told.items()}
    gone = _interfaces_of_nodes(before.values()) - _interfaces_of_nodes(after.values())
    lasting = frozenset(
        interface
        for urn, one in after.items()
        if urn in before and one.kind == "node" and one.step is Step.DESTROY
        for interface in interfaces(before[urn].contents)
    )
    for urn, sliver in after.items():
        if gone and _is_live_link(sliver):
            dropped = _without_ends(sliver, gone, lasting, site)
            if dropped != sliver:
                told[urn] = Change(before.get(urn), dropped)
    return list(told.values())


def after(changes: Sequence[Change], live: Sequence[Sliver], site: Site) -> tuple[Sliver, ...]:
    """The slice's live slivers after the changes and what follows from them, oldest first."""
    told = {one.urn: one for one in live} | {
        one.after.urn: one.after for one in followed(changes, live, site)
    }
    return tuple(one for one in told.values() if one.allocation is not AllocationState.UNALLOCATED)


def without_ports(link: Sliver, node: Sliver, site: Site) -> Sliver:
    """The link without its holds on a node's host, or ports of it, that it no longer uses.

    They lasted until the node was destroyed, as the node's own holds did (decision 2).
    """
    if not isinstance(node.contents.placement, NodePlacement):
        return link
    home = node.contents.placement.component_id
    host = site.host.get(home)
    freed = {home, *(port.component_id for port in (host.ports if host else ()))}
    pending = None if link.pending is None else released(link.pending, freed, site)
    return replace(link, contents=released(link.contents, freed, site), pending=pending)


def link_using(gone: frozenset[str], links: Iterable[Sliver]) -> Sliver | None:
    """A link that will use one of these interfaces after the next Provision."""
    return next((one for one in links if gone & interfaces(future(one))), None)


def check_whole(slivers: Sequence[Sliver], site: Site) -> None:
    """Refuse what carrying out, or taking back, a part of an Update would leave of a slice.

    That is two links on one interface, or a link laid elsewhere than its nodes are: now, or
    after the next Provision. Update places slivers that fit together; whoever names only some of
    them is told which go with them. A reservation is already what it will be; before it is
    provisioned only links that stay as they are need to meet it.
    """
    coming = [(one, contents) for one in slivers if (contents := future(one)) is not None]
    made = [
        (one, one.contents) for one in slivers if one.allocation is not AllocationState.ALLOCATED
    ]
    _check_clash(made)
    _check_clash(coming)
    _check_laid(made, made, site)
    settled = [one for one in made if one[0].allocation is AllocationState.PROVISIONED]
    _check_laid(settled, [(one, one.contents) for one in slivers], site)
    _check_laid(coming, coming, site)


def _check_clash(view: _View) -> None:
    users: dict[str, Sliver] = {}
    for sliver, contents in view:
        if _is_live_link(sliver):
            for interface in interfaces(contents):
                other = users.setdefault(interface, sliver)
                if other is not sliver:
                    raise Refused(
                        f"links {other.client_id!r} ({other.urn}) and {sliver.client_id!r}"
                        f" ({sliver.urn}) would both use interface {interface!r}; name both"
                    )


def _check_laid(links: _View, nodes: _View, site: Site) -> None:
    homes = {
        interface: (node, contents.placement.component_id)
        for node, contents in nodes
        if isinstance(contents.placement, NodePlacement)
        for interface in interfaces(contents)
    }
    for link, contents in links:
        placement = contents.placement
        if not isinstance(placement, LinkPlacement):
            continue
        ports = dict(placement.ends)
        for interface in interfaces(contents) & homes.keys():
            node, home = homes[interface]
            host = site.host_of_port.get(ports.get(interface, ""))
            needed = placement.within if host is None else host.component_id
            if needed not in {None, home}:
                raise Refused(
                    f"link {link.client_id!r} ({link.urn}) would end at {needed}, where node"
                    f" {node.client_id!r} ({node.urn}) would not be; name both"
                )


def future(sliver: Sliver) -> Contents | None:
    """What a live sliver is after the next Provision; None when that removes it."""
    return sliver.pending if sliver.allocation is AllocationState.UPDATING else sliver.contents


def _interfaces_of_nodes(slivers: Iterable[Sliver]) -> frozenset[str]:
    return frozenset(
        interface
        for one in slivers
        if one.kind == "node" and one.allocation is not AllocationState.UNALLOCATED
        for interface in interfaces(one.contents) | interfaces(one.pending)
    )


def _is_live_link(sliver: Sliver) -> bool:
    return sliver.kind == "link" and sliver.allocation is not AllocationState.UNALLOCATED


def _without_ends(
    link: Sliver, gone: frozenset[str], lasting: frozenset[str], site: Site
) -> Sliver:
    pending = None if link.pending is None else _without(link.pending, gone, lasting, site)
    return replace(link, contents=_without(link.contents, gone, lasting, site), pending=pending)


def _without(
    contents: Contents, gone: frozenset[str], lasting: frozenset[str], site: Site
) -> Contents:
    """The contents without the ends that are gone; what they hold at lasting ones, they hold."""
    resource, placement = contents.resource, contents.placement
    if not isinstance(resource, Link) or not isinstance(placement, LinkPlacement):
        return contents
    if not gone.intersection(resource.interfaces):
        return contents
    left = tuple(one for one in resource.interfaces if one not in gone)
    freed = {port for end, port in placement.ends if end in gone - lasting}
    if placement.within is not None and not lasting.intersection(resource.interfaces):
        freed.add(placement.within)
    contents = replace(
        contents,
        resource=replace(
            resource,
            interfaces=left,
            properties=tuple(
                one for one in resource.properties if not gone & {one.source, one.dest}
            ),
        ),
        placement=replace(
            placement,
            ends=tuple(one for one in placement.ends if one[0] not in gone),
            within=placement.within if len(left) > 1 else None,
        ),
    )
    return released(contents, freed, site)
