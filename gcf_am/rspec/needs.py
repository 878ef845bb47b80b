"""What the nodes of a request, or of a piece of one, need of the host they are put on."""

from dataclasses import dataclass

from lxml import etree

from gcf_am.errors import XmlRefused
from gcf_am.rspec.names import RSPEC
from gcf_am.safexml import parse

_LIMIT = 1024 * 1024
_TRUTHS = {"true": True, "1": True, "false": False, "0": False}


@dataclass(frozen=True, slots=True)
class NodeNeed:
    """What a node must be offered; what is None or 0 does not matter.

    `flavor` is met by a hardware type or a sliver type of that name.
    """

    name: str
    hardware_type: str | None = None
    sliver_type: str | None = None
    flavor: str | None = None
    disk_image: str | None = None
    exclusive: bool | None = None
    interfaces: int = 0


def read_needs(text: str) -> tuple[NodeNeed, ...]:
    """Read a request RSpec, or `<node>` elements alone, with or without the namespace.

    Raises XmlRefused, also when there is no node in it.
    """
    try:
        root = parse(text, limit=_LIMIT)
    except XmlRefused as refused:
        try:
            # several nodes beside one another are no document
            root = parse(f"<rspec>{text}</rspec>", limit=_LIMIT)
        except XmlRefused:
            raise refused from None
    nodes = [one for one in root.iter("*") if one.tag in {"node", f"{{{RSPEC}}}node"}]
    if not nodes:
        raise XmlRefused("it has no element node; give one, like <node><hardware_type .../></node>")
    return tuple(_need(one, number) for number, one in enumerate(nodes, 1))


def _need(node: etree._Element, number: int) -> NodeNeed:
    sliver_type = _child(node, "sliver_type")
    image = None if sliver_type is None else _child(sliver_type, "disk_image")
    return NodeNeed(
        name=node.get("client_id") or f"node {number}",
        hardware_type=_name(_child(node, "hardware_type")),
        sliver_type=_name(sliver_type),
        disk_image=_name(image),
        exclusive=_TRUTHS.get((node.get("exclusive") or "").strip().lower()),
        interfaces=sum(one.tag in {"interface", f"{{{RSPEC}}}interface"} for one in node),
    )


def _child(element: etree._Element, name: str) -> etree._Element | None:
    found = element.find(f"{{{RSPEC}}}{name}")
    return element.find(name) if found is None else found


def _name(element: etree._Element | None) -> str | None:
    return None if element is None else element.get("name") or None
