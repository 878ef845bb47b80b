"""What contents hold while a driver turns old into new (decision 2, decision 3)."""

from collections.abc import Collection, Container, Iterable, Iterator
from dataclasses import replace

from gcf_am.model.placement.desires import match
from gcf_am.model.site import Site, Wire
from gcf_am.model.sliver import Amount, Contents, LinkPlacement, NodePlacement
from gcf_am.model.topology import Node


def over_both(old: Contents, new: Contents) -> Contents:
    """`new`, holding the larger of both in each dimension: the driver still has the old."""
    most: dict[tuple[str, str], int] = {}
    for one in (*old.holds, *new.holds):
        key = (one.component, one.dimension)
        most[key] = max(most.get(key, 0), one.amount)
    holds = tuple(Amount(*key, amount) for key, amount in sorted(most.items()))
    return replace(new, holds=holds)


def settled(contents: Contents, site: Site) -> Contents:
    """The contents without what they hold beyond their placement: the old is gone."""
    if isinstance(contents.resource, Node) and isinstance(contents.placement, NodePlacement):
        kept = _of_node(contents.resource, contents.placement, contents.holds, site)
    else:
        assert isinstance(contents.placement, LinkPlacement)
        kept = _of_link(contents.placement, contents.holds, site)
    return replace(contents, holds=tuple(kept))


def released(contents: Contents, components: Collection[str], site: Site) -> Contents:
    """A link's contents without its holds on these, nor on wires that lead nowhere then.

    Ports at which it still ends, and the host that it does not leave, are kept.
    """
    placement = contents.placement
    if not isinstance(placement, LinkPlacement):
        return contents
    freed = set(components) - {placement.within, *(port for _, port in placement.ends)}
    left = {port for _, port in placement.ends}.union(one.component for one in contents.holds)
    left = _of_hosts(left - freed, site)
    led = replace(placement, wires=_leading(placement.wires, left, site))
    freed |= _used(placement, site) - _used(led, site) - left
    holds = tuple(one for one in contents.holds if one.component not in freed)
    return replace(contents, placement=led, holds=holds)


def _leading(wires: Collection[str], ports: Container[str], site: Site) -> tuple[str, ...]:
    """The wires between these ports, without those that end at a port, or switch, of no use."""
    kept = {one: site.wire[one] for one in wires if one in site.wire}

    def leads(wire: Wire) -> bool:
        others = {port for one in kept.values() if one is not wire for port in one.ports}
        onwards = 0
        for port in wire.ports:
            host = site.host_of_port.get(port)
            if host is not None and host.switch:
                onwards += any(one.component_id in others for one in host.ports)
            else:
                onwards += port in ports
        return onwards > 1

    while idle := [name for name, wire in kept.items() if not leads(wire)]:
        del kept[idle[0]]
    return tuple(kept)


def _of_hosts(components: Iterable[str], site: Site) -> set[str]:
    """Those that are ports of hosts, not of switches."""
    hosts = ((one, site.host_of_port.get(one)) for one in components)
    return {one for one, host in hosts if host is not None and not host.switch}


def _of_node(
    node: Node, placement: NodePlacement, holds: Iterable[Amount], site: Site
) -> Iterator[Amount]:
    """The slots on its host, and of its host's features what it needs."""
    host = site.host.get(placement.component_id)
    suits = None if host is None else match(node.desires, host, site)
    needed = {one.key[1]: one.amount for one in (() if suits is None else suits.shares)}
    for held in holds:
        if held.component == placement.component_id and held.dimension in {"slots", *needed}:
            yield replace(held, amount=min(held.amount, needed.get(held.dimension, held.amount)))


def _of_link(placement: LinkPlacement, holds: Iterable[Amount], site: Site) -> Iterator[Amount]:
    """Its tag, and its bandwidth where it runs."""
    used = _used(placement, site)
    for held in holds:
        if held.dimension == "vlan":
            if held.component == f"vlan:{placement.vlan}":
                yield held
        elif held.component in used:
            if held.dimension != "bandwidth":
                yield held
            elif amount := min(held.amount, placement.capacity):
                yield replace(held, amount=amount)


def _used(placement: LinkPlacement, site: Site) -> set[str]:
    """The ports at its ends, the wires it crosses and the switch ports between them, or its host."""
    wires = [site.wire[one] for one in placement.wires if one in site.wire]
    return {
        *(port for _, port in placement.ends),
        *placement.wires,
        *(port for wire in wires for port in wire.ports),
        *([placement.within] if placement.within is not None else []),
    }
