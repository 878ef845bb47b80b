"""Orders: what a driver is told about a sliver and, for a link, about its ends."""

from collections.abc import Sequence

from gcf_am.manager.ports import Order
from gcf_am.model.sliver import Contents, Slice, Sliver
from gcf_am.model.states import AllocationState, OperationalState
from gcf_am.model.topology import Link, Node


def order_of(sliver: Sliver, in_slice: Slice, beside: Sequence[Sliver]) -> Order:
    """The order for a sliver; `beside` are the slivers of its slice, needed for a link's ends."""
    ends = []
    if isinstance(sliver.contents.resource, Link):
        for interface in sliver.contents.resource.interfaces:
            node = _node_with(interface, beside)
            ends.append((interface, None if node is None else node.urn))
    return Order(
        sliver.urn, in_slice.urn, sliver.contents, sliver.generation, sliver.logins, tuple(ends)
    )


def startable(sliver: Sliver, beside: Sequence[Sliver]) -> bool:
    """Whether a driver may bring it up: a link waits until each end here is ready (decision 8).

    Ends at other aggregates, and ends that are gone, are not waited for.
    """
    resource = sliver.contents.resource
    if isinstance(resource, Node):
        return True
    ends = [(one, _node_with(one, beside)) for one in resource.interfaces]
    return all(
        node.operational is OperationalState.READY and _has(node.contents, interface)
        for interface, node in ends
        if node is not None
    )


def ends_on(link: Sliver, node: Sliver) -> bool:
    """Whether the link has an end on the node."""
    resource = link.contents.resource
    return isinstance(resource, Link) and any(
        _has(node.contents, interface) for interface in resource.interfaces
    )


def _node_with(interface: str, beside: Sequence[Sliver]) -> Sliver | None:
    """The live node that has the interface, or will have it after its next Provision."""
    for sliver in beside:
        if sliver.allocation is not AllocationState.UNALLOCATED and any(
            _has(contents, interface) for contents in (sliver.contents, sliver.pending)
        ):
            return sliver
    return None


def _has(contents: Contents | None, interface: str) -> bool:
    resource = None if contents is None else contents.resource
    return isinstance(resource, Node) and any(
        one.client_id == interface for one in resource.interfaces
    )
