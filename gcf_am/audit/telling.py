"""What a change tells of a sliver, so that its holds and its end can be read from the log alone."""

from collections.abc import Iterable
from typing import Any

from gcf_am.model.sliver import Amount, NodePlacement, Sliver
from gcf_am.model.topology import Node


def told(sliver: Sliver, holds: Iterable[Amount], *, holding: bool) -> dict[str, Any]:
    """All that the log keeps of a sliver beside its states, as JSON values.

    `holds` are [component, dimension, amount]; `addresses` are the IP and MAC addresses of its
    interfaces, `access` is host:port of its login. One that is not `holding` has none of them.
    """
    both = [one for one in (sliver.contents, sliver.pending) if one is not None]
    placement = sliver.contents.placement
    of_node = placement if isinstance(placement, NodePlacement) else None
    return {
        "kind": sliver.kind,
        "client_id": sliver.client_id,
        "expires": sliver.expires.isoformat(timespec="microseconds"),
        "step": "" if sliver.step is None else sliver.step.value,
        "holds": sorted([one.component, one.dimension, one.amount] for one in holds),
        "addresses": sorted(set(_addresses(one.resource for one in both))) if holding else [],
        "access": _access(sliver) if holding else "",
        "type": "" if of_node is None else of_node.sliver_type,
        "image": "" if of_node is None else of_node.disk_image or "",
    }


def difference(before: dict[str, Any] | None, after: dict[str, Any]) -> dict[str, Any]:
    """What of `after` is not in `before`; all of it where there was nothing."""
    if before is None:
        return after
    return {key: value for key, value in after.items() if value != before[key]}


def _addresses(resources: Iterable[object]) -> Iterable[str]:
    for one in resources:
        for interface in one.interfaces if isinstance(one, Node) else ():
            yield from (ip.address for ip in interface.addresses)
            if interface.mac:
                yield interface.mac


def _access(sliver: Sliver) -> str:
    return "" if sliver.access is None else f"{sliver.access.hostname}:{sliver.access.port}"
