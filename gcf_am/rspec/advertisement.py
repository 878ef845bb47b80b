"""The site and what holds leave of it, as an advertisement RSpec."""

from collections.abc import Mapping

from lxml import etree

from gcf_am.model.site import Host, Site
from gcf_am.rspec.canonical import indent
from gcf_am.rspec.components import numbered_slots
from gcf_am.rspec.inventory import LIMIT
from gcf_am.rspec.locations import with_schemas
from gcf_am.rspec.names import AD_XSD, OPSTATE, OPSTATE_XSD, RSPEC, SCHEMA_LOCATION, core
from gcf_am.rspec.opstate import opstate_block
from gcf_am.safexml import parse


def advertise(site: Site, held: Mapping[tuple[str, str], int], *, only_available: bool) -> str:
    """Write the advertisement.

    `held` are sums of holds by (component, dimension). A node is available while the inventory
    says so and holds leave a slot; a shared node's `type_slots` become what is left. With
    `only_available` nodes that are not available, and links to them, are left out.
    The result is valid against ad.xsd and declares UTF-8.

    Source: AM API v3, ListResources; decision 2 (holds count, not the slivers' states).
    """
    root = parse(site.xml, limit=LIMIT)
    root.set(
        SCHEMA_LOCATION,
        with_schemas(root.get(SCHEMA_LOCATION, ""), {RSPEC: AD_XSD, OPSTATE: OPSTATE_XSD}),
    )
    lost: set[str] = set()
    for node in root.findall(core("node")):
        host = site.host[node.get("component_id", "")]
        left = host.slots - held.get((host.component_id, "slots"), 0)
        free = host.available and (host.switch or left > 0)
        if only_available and not free:
            lost.update(port.component_id for port in host.ports)
            root.remove(node)
        else:
            _tell(node, host, left=max(left, 0), free=free)
    if lost:
        _cut_links(root, lost)
    names = {one.name: None for host in site.hosts for one in host.sliver_types}
    block = opstate_block(site.manager, names)
    root.insert(0, block)
    indent(root)
    etree.indent(block, level=1)
    text: bytes = etree.tostring(root, encoding="UTF-8", xml_declaration=True)
    return text.decode() + "\n"


def _tell(node: etree._Element, host: Host, *, left: int, free: bool) -> None:
    available = node.find(core("available"))
    if available is None:
        available = etree.SubElement(node, core("available"))
    available.set("now", "true" if free else "false")
    for kind in node.findall(core("sliver_type")):
        _add_images(kind, host)
    if not host.exclusive:
        for one in numbered_slots(node):
            if one.get("type_slots", "").strip() == str(host.slots):
                one.set("type_slots", str(left))


def _add_images(element: etree._Element, host: Host) -> None:
    """Tell the images of a sliver type that the inventory does not tell."""
    name = element.get("name", "")
    added = [
        image
        for kind in host.sliver_types
        if kind.name == name
        for image in kind.images
        if image.added
    ]
    for one in added:
        told = {"name": one.name, "os": one.os, "description": one.description}
        attributes = {key: value for key, value in told.items() if value}
        etree.SubElement(element, core("disk_image"), attributes)


def _cut_links(root: etree._Element, lost: set[str]) -> None:
    """Take lost interfaces off the links; a link that joins nothing any more goes too."""
    for link in root.findall(core("link")):
        for tag, names in (
            ("interface_ref", ("component_id",)),
            ("property", ("source_id", "dest_id")),
        ):
            for one in link.findall(core(tag)):
                if any(one.get(name) in lost for name in names):
                    link.remove(one)
        if len(link.findall(core("interface_ref"))) < 2:
            root.remove(link)
