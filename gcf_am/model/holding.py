"""What contents hold while a driver turns old into new (decision 2, decision 3)."""

from dataclasses import replace

from gcf_am.model.site import Site
from gcf_am.model.sliver import Amount, Contents, LinkPlacement, NodePlacement


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
    kept = (_needed(contents.placement, one, site) for one in contents.holds)
    return replace(contents, holds=tuple(one for one in kept if one is not None))


def _needed(placement: NodePlacement | LinkPlacement, held: Amount, site: Site) -> Amount | None:
    if isinstance(placement, NodePlacement):
        return held if held.component == placement.component_id else None
    if held.dimension == "vlan":
        return held if held.component == f"vlan:{placement.vlan}" else None
    if held.component not in _used(placement, site):
        return None
    if held.dimension != "bandwidth":
        return held
    amount = min(held.amount, placement.capacity)
    return replace(held, amount=amount) if amount else None


def _used(placement: LinkPlacement, site: Site) -> set[str]:
    """The ports at its ends, the wires it crosses and the switch ports between them."""
    wires = [site.wire[one] for one in placement.wires if one in site.wire]
    return {
        *(port for _, port in placement.ends),
        *placement.wires,
        *(port for wire in wires for port in wire.ports),
    }
