"""A request RSpec for nodes whose places are chosen, and links between them."""

from collections.abc import Sequence
from dataclasses import dataclass

from lxml import etree

from gcf_am.rspec.names import RSPEC, SCHEMA_LOCATION, XSI, core

_REQUEST_XSD = f"{RSPEC}/request.xsd"


@dataclass(frozen=True, slots=True)
class ChosenNode:
    """A node on one component of one aggregate; what is None or empty is left to it."""

    client_id: str
    component_id: str
    manager: str
    exclusive: bool | None = None
    sliver_type: str = ""
    disk_image: str = ""
    hardware_type: str = ""


@dataclass(frozen=True, slots=True)
class ChosenLink:
    """A link between nodes by their client_ids; `capacity` in kbit/s, both ways, None: any."""

    client_id: str
    nodes: tuple[str, ...]
    capacity: int | None = None
    link_type: str = ""


def compose_request(nodes: Sequence[ChosenNode], links: Sequence[ChosenLink] = ()) -> str:
    """The request; valid against request.xsd for values that XML can hold (ValueError)."""
    root = etree.Element(core("rspec"), nsmap={None: RSPEC, "xsi": XSI})  # type: ignore[dict-item]
    root.set("type", "request")
    root.set(SCHEMA_LOCATION, f"{RSPEC} {_REQUEST_XSD}")
    for node in nodes:
        root.append(_node(node, [one for one in links if node.client_id in one.nodes]))
    for link in links:
        root.append(_link(link))
    return etree.tostring(root, encoding="UTF-8", xml_declaration=True).decode()


def _interface(node: str, link: ChosenLink) -> str:
    return f"{node}:{link.client_id}"


def _node(node: ChosenNode, links: Sequence[ChosenLink]) -> etree._Element:
    made = etree.Element(core("node"), client_id=node.client_id)
    made.set("component_id", node.component_id)
    made.set("component_manager_id", node.manager)
    if node.exclusive is not None:
        made.set("exclusive", "true" if node.exclusive else "false")
    if node.sliver_type or node.disk_image:
        kind = etree.SubElement(made, core("sliver_type"), name=node.sliver_type)
        if node.disk_image:
            etree.SubElement(kind, core("disk_image"), name=node.disk_image)
    if node.hardware_type:
        etree.SubElement(made, core("hardware_type"), name=node.hardware_type)
    for link in links:
        etree.SubElement(made, core("interface"), client_id=_interface(node.client_id, link))
    return made


def _link(link: ChosenLink) -> etree._Element:
    made = etree.Element(core("link"), client_id=link.client_id)
    ends = [_interface(node, link) for node in link.nodes]
    for end in ends:
        etree.SubElement(made, core("interface_ref"), client_id=end)
    if link.capacity is not None:
        for one in ends:
            for other in ends:
                if one != other:
                    words = {"source_id": one, "dest_id": other, "capacity": str(link.capacity)}
                    etree.SubElement(made, core("property"), words)
    if link.link_type:
        etree.SubElement(made, core("link_type"), name=link.link_type)
    return made
