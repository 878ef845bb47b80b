"""What Provision keeps of an updating sliver: the guarantees of preserve/1.

Source: Change Set C, State Guarantees.
"""

from dataclasses import replace
from enum import StrEnum

from gcf_am.model.sliver import Contents, NodePlacement
from gcf_am.model.topology import Link, Node, Resource


class Guarantee(StrEnum):
    """How much of a sliver's state survives the next Provision."""

    NONE = "geni_none"
    PERSISTENT_STATE = "geni_persistent_state"
    DYNAMIC_STATE = "geni_dynamic_state"
    NO_DISRUPTION = "geni_no_disruption"


def guarantee(old: Contents, new: Contents) -> Guarantee:
    """What is kept at least, by every driver, when `old` becomes `new`.

    Nothing is asked of a driver when both mean the same, so nothing is disturbed. A node that
    changes may have to be started anew: its disk is kept while host, sliver type and image stay.
    A link has no state of its own: while its ends stay, its nodes lose no more than frames.
    """
    if same(old, new):
        return Guarantee.NO_DISRUPTION
    before, after = old.placement, new.placement
    if isinstance(before, NodePlacement) and isinstance(after, NodePlacement):
        kept = replace(before, exclusive=after.exclusive) == after
        return Guarantee.PERSISTENT_STATE if kept else Guarantee.NONE
    if isinstance(old.resource, Link) and isinstance(new.resource, Link):
        ends = set(old.resource.interfaces) == set(new.resource.interfaces)
        return Guarantee.DYNAMIC_STATE if ends else Guarantee.NONE
    return Guarantee.NONE


def same(old: Contents, new: Contents) -> bool:
    """Whether both mean the same to a driver, however their XML is written."""
    return old.placement == new.placement and _meaning(old.resource) == _meaning(new.resource)


def _meaning(resource: Resource) -> Resource:
    """The resource without its spelling, and without wishes that its placement answers."""
    if isinstance(resource, Node):
        return Node(
            resource.client_id,
            xml="",
            interfaces=tuple(
                replace(one, component_id=None)
                for one in sorted(resource.interfaces, key=lambda one: one.client_id)
            ),
            pipes=tuple(sorted(resource.pipes, key=lambda one: (one.way.source, one.way.dest))),
            boot_script=resource.boot_script,
        )
    return replace(
        resource,
        xml="",
        position=0,
        line=0,
        sliver_id=None,
        vlan=None,
        link_type=None,
        interfaces=tuple(sorted(resource.interfaces)),
        properties=tuple(sorted(resource.properties, key=lambda one: (one.source, one.dest))),
    )
