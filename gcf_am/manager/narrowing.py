"""The part of a large site among which a request is placed first."""

from collections.abc import Iterator, Sequence

from gcf_am.manager.placing import Held
from gcf_am.model.placement import Wish
from gcf_am.model.site import Site
from gcf_am.model.sliver import Contents, LinkPlacement, NodePlacement
from gcf_am.model.topology import Node


def narrowed(site: Site, wishes: Sequence[Wish], *, held: Held, beside: Sequence[Contents]) -> Site:
    """Without hosts that are like others of which there are as many as nodes are wished for.

    Those stay that wishes are bound to, and where the slice's slivers are.
    """
    nodes = [one.resource for one in wishes if isinstance(one.resource, Node)]
    there = [*beside, *(one.keep for one in wishes if one.keep is not None)]
    needed = {*_bound(site, nodes), *(home for one in there for home in _homes(site, one))}
    return site.narrowed(held, most=len(nodes), needed=needed)


def _bound(site: Site, nodes: Sequence[Node]) -> Iterator[str]:
    for node in nodes:
        host = None if node.component_id is None else site.host_named(node.component_id)
        if host is not None:
            yield host.component_id
        for interface in node.interfaces:
            named = interface.component_id
            port = None if named is None else site.port_named(named)
            if port is not None:
                yield site.host_of_port[port.component_id].component_id


def _homes(site: Site, contents: Contents) -> Iterator[str]:
    placement = contents.placement
    if isinstance(placement, NodePlacement):
        yield placement.component_id
    elif isinstance(placement, LinkPlacement):
        for _, port in placement.ends:
            if port in site.host_of_port:
                yield site.host_of_port[port].component_id
        if placement.within is not None:
            yield placement.within
