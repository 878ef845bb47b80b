"""Orders: what a driver is told about a sliver and, for a link, about its ends."""

from collections.abc import Mapping, Sequence
from typing import Final

from gcf_am.manager.ports import Order
from gcf_am.model.sliver import Contents, Slice, Sliver, Step
from gcf_am.model.states import AllocationState, OperationalState
from gcf_am.model.topology import Link, Node

_COMING: Final = frozenset(
    {OperationalState.CONFIGURING, OperationalState.READY, OperationalState.UPDATING_USERS}
)


def order_of(sliver: Sliver, in_slice: Slice, beside: Sequence[Sliver]) -> Order:
    """The order for a sliver; `beside` are the slivers of its slice, needed for a link's ends."""
    ends = _ends(sliver, _by_interface(beside)) if sliver.kind == "link" else ()
    at = tuple((interface, None if node is None else node.urn) for interface, node in ends)
    return Order(sliver.urn, in_slice.urn, sliver.contents, sliver.generation, sliver.logins, at)


def startable(sliver: Sliver, beside: Sequence[Sliver]) -> bool:
    """Whether its step may be done now, or waits for slivers beside it.

    A link is brought up when each end here is up, and is ready when they are (decision 8), or
    when their services failed. A node's services run when no link on it is coming up any more. A
    link whose ends will not all come up is not waited for, nor are ends at other aggregates, and
    ends that are gone.
    """
    nodes = _by_interface(beside)
    if sliver.kind == "node":
        return sliver.step is not Step.SERVICES or not any(
            ends_on(one, sliver) and _is_coming(one, nodes) for one in beside
        )
    ready = sliver.step is Step.SERVICES
    return all(
        _has(node.contents, interface)
        and (
            node.operational is OperationalState.READY
            or _runs_failed(node)
            or (not ready and _runs_services(node))
        )
        for interface, node in _ends(sliver, nodes)
        if node is not None
    )


def lost_end(sliver: Sliver, beside: Sequence[Sliver]) -> Sliver | None:
    """An end that failed and does not run, for which a link would wait in vain."""
    if sliver.kind == "node":
        return None
    failed = (
        node
        for _, node in _ends(sliver, _by_interface(beside))
        if node is not None and node.operational is OperationalState.FAILED
    )
    return next((node for node in failed if not _runs_failed(node)), None)


def ends_on(link: Sliver, node: Sliver) -> bool:
    """Whether the link has an end on the node."""
    resource = link.contents.resource
    return isinstance(resource, Link) and any(
        _has(node.contents, interface) for interface in resource.interfaces
    )


def _runs_services(node: Sliver) -> bool:
    """Whether it is up, and not yet ready."""
    return node.operational is OperationalState.CONFIGURING and node.step is Step.SERVICES


def _runs_failed(node: Sliver) -> bool:
    """Whether it is up though it failed: its services did, and one can log in to see why."""
    return node.operational is OperationalState.FAILED and node.access is not None


def _is_coming(link: Sliver, nodes: Mapping[str, Sliver]) -> bool:
    """Whether the link will be joined soon, if nothing fails."""
    return (
        link.operational is OperationalState.CONFIGURING
        and link.step is not Step.SERVICES
        and all(
            node is None
            or (
                (node.operational in _COMING or _runs_failed(node))
                and _has(node.contents, interface)
            )
            for interface, node in _ends(link, nodes)
        )
    )


def _ends(link: Sliver, nodes: Mapping[str, Sliver]) -> Sequence[tuple[str, Sliver | None]]:
    resource = link.contents.resource
    names = resource.interfaces if isinstance(resource, Link) else ()
    return [(one, nodes.get(one)) for one in names]


def _by_interface(beside: Sequence[Sliver]) -> Mapping[str, Sliver]:
    """The live node that has an interface, or will have it after its next Provision."""
    found: dict[str, Sliver] = {}
    for sliver in beside:
        if sliver.allocation is not AllocationState.UNALLOCATED:
            for contents in (sliver.contents, sliver.pending):
                for interface in _interfaces(contents):
                    found.setdefault(interface, sliver)
    return found


def _has(contents: Contents, interface: str) -> bool:
    return interface in _interfaces(contents)


def _interfaces(contents: Contents | None) -> Sequence[str]:
    resource = None if contents is None else contents.resource
    return [one.client_id for one in resource.interfaces] if isinstance(resource, Node) else ()
