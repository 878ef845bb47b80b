"""Slivers to a manifest RSpec."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import cast

from lxml import etree

from gcf_am.clock import format_time
from gcf_am.model.sliver import Contents, LinkPlacement, NodePlacement, Sliver
from gcf_am.model.topology import Frame, Interface, Link, Node, Resource
from gcf_am.rspec.access import add_access
from gcf_am.rspec.canonical import alone, indent, strip_space, tree_of
from gcf_am.rspec.locations import with_schemas
from gcf_am.rspec.names import MANIFEST_XSD, PRESERVE, RSPEC, SCHEMA_LOCATION, XSI, core
from gcf_am.rspec.ownership import is_ours
from gcf_am.rspec.reduction import without_access, without_preserve
from gcf_am.urn import Urn


@dataclass(frozen=True, slots=True)
class Entry:
    """A sliver to show, as these contents (what it is, or what Update makes of it).

    `preserve` is what Update guarantees for it: geni_none, geni_persistent_state,
    geni_dynamic_state or geni_no_disruption.
    """

    sliver: Sliver
    contents: Contents
    preserve: str | None = None


def write_manifest(
    entries: Sequence[Entry],
    *,
    manager: Urn,
    links: Sequence[Contents] = (),
    foreign: bool = True,
) -> str:
    """Write the manifest of these slivers; of none it is an empty one.

    What the experimenter wrote is kept: order, prefixes, extensions. `links` are all links of
    the slice, from which the nodes' interfaces know their ports. Slivers from several requests
    stand request by request; what those held for others is shown iff `foreign`.

    The result is valid against manifest.xsd, declares UTF-8, and `read_request` reads it back.
    Source: AM API v3, Manifest RSpecs; decision 21; R153, R154, R261 to R270.
    """
    frames: dict[Frame, list[Entry]] = {}
    for entry in entries:
        frames.setdefault(entry.contents.frame, []).append(entry)
    root = etree.Element(core("rspec"), nsmap=_namespaces(frames))
    root.set("type", "manifest")
    if entries:
        root.set("expires", format_time(min(entry.sliver.expires for entry in entries)))
    _set_attributes(root, frames)
    ports = _ports([*links, *(entry.contents for entry in entries)])
    for frame, group in frames.items():
        shown = [(one.position, tree_of(one.xml)) for one in frame.foreign if foreign]
        shown += [(one.contents.resource.position, _element(one, manager, ports)) for one in group]
        root.extend(element for _, element in sorted(shown, key=lambda pair: pair[0]))
    for link in root.iter(core("link")):
        # manifest.xsd wants one on every link, others' too (R261); R153: no more is touched
        if "vlantag" not in link.attrib:
            link.set("vlantag", "")
    indent(root)
    text: bytes = etree.tostring(root, encoding="UTF-8", xml_declaration=True)
    return text.decode() + "\n"


def _namespaces(frames: Iterable[Frame]) -> dict[str, str]:
    """The requests' prefixes; where they differ the first request's stands on the root."""
    found: dict[str | None, str] = {None: RSPEC, "xsi": XSI}
    for frame in frames:
        for prefix, uri in frame.namespaces:
            if prefix:
                found.setdefault(prefix, uri)
    return cast("dict[str, str]", found)  # lxml-stubs do not know the default namespace


def _set_attributes(root: etree._Element, frames: Iterable[Frame]) -> None:
    locations = ""
    for frame in frames:
        for name, value in frame.attributes:
            if name == SCHEMA_LOCATION:
                locations += f" {value}"
            elif name not in root.attrib:
                root.set(name, value)
    root.set(SCHEMA_LOCATION, with_schemas(locations, {RSPEC: MANIFEST_XSD}))


def _ports(contents: Iterable[Contents]) -> dict[str, str]:
    """The port that each interface of a link uses, by the interface's client_id."""
    return {
        interface: port
        for one in contents
        if isinstance(one.placement, LinkPlacement)
        for interface, port in one.placement.ends
    }


def _element(entry: Entry, manager: Urn, ports: Mapping[str, str]) -> etree._Element:
    contents = entry.contents
    element = tree_of(contents.resource.xml)
    strip_space(element)
    element.set("sliver_id", entry.sliver.urn.text)
    if isinstance(contents.placement, NodePlacement):
        _describe_node(element, contents.placement, manager)
        _describe_interfaces(element, contents.resource, ports)
        without_access(element)
        if entry.sliver.access is not None:
            add_access(element, entry.sliver.access, entry.sliver.logins)
    else:
        _drop_ends(element, contents.resource)
        _describe_link(element, contents.placement, manager)
    if entry.preserve is not None:
        without_preserve(element)
        tag = f"{{{PRESERVE}}}preserve"
        etree.SubElement(element, tag, {"guarantee": entry.preserve}, {"preserve": PRESERVE})
    # once more alone, so that a manifest made of this manifest is the same text
    return tree_of(alone(element))


def _describe_node(node: etree._Element, placement: NodePlacement, manager: Urn) -> None:
    node.set("component_id", placement.component_id)
    node.set("component_manager_id", manager.text)
    node.set("exclusive", "true" if placement.exclusive else "false")
    sliver_type = _child(node, "sliver_type")
    sliver_type.set("name", placement.sliver_type)
    if placement.disk_image is not None:
        _child(sliver_type, "disk_image").set("name", placement.disk_image)


def _describe_interfaces(
    node: etree._Element, resource: Resource, ports: Mapping[str, str]
) -> None:
    interfaces = resource.interfaces if isinstance(resource, Node) else ()
    chosen = {one.client_id: one for one in interfaces}
    for interface in node.findall(core("interface")):
        name = interface.get("client_id", "")
        if name in ports:
            interface.set("component_id", ports[name])
        if name in chosen:
            _describe_addresses(interface, chosen[name])


def _describe_addresses(element: etree._Element, interface: Interface) -> None:
    """Say which addresses the aggregate chose; those that were asked for stand there already."""
    if interface.mac is not None:
        element.set("mac_address", interface.mac)
    if element.find(core("ip")) is not None:
        return
    for one in interface.addresses:
        said = {"address": one.address, "netmask": one.netmask, "type": one.kind}
        given = {name: text for name, text in said.items() if text is not None}
        etree.SubElement(element, core("ip"), given)


def _describe_link(link: etree._Element, placement: LinkPlacement, manager: Urn) -> None:
    link.set("vlantag", "" if placement.vlan is None else str(placement.vlan))
    managers = [one.get("name", "") for one in link.findall(core("component_manager"))]
    if not any(is_ours(Urn.parse(name), manager) for name in managers if name.strip()):
        # decision 21: a link tells its managers in children, never in attributes
        etree.SubElement(link, core("component_manager"), {"name": manager.text})
    ports = dict(placement.ends)
    for reference in link.findall(core("interface_ref")):
        port = ports.get(reference.get("client_id", ""))
        if port is not None:
            reference.set("component_id", port)


def _drop_ends(link: etree._Element, resource: Resource) -> None:
    """Take off the ends that the link lost when their node went (decision 8)."""
    ends = resource.interfaces if isinstance(resource, Link) else ()
    references = link.findall(core("interface_ref"))
    gone = {one.get("client_id", "") for one in references}.difference(ends)
    for reference in references:
        if reference.get("client_id", "") in gone:
            link.remove(reference)
    for one in link.findall(core("property")):
        if gone & {one.get("source_id", ""), one.get("dest_id", "")}:
            link.remove(one)


def _child(element: etree._Element, name: str) -> etree._Element:
    """The first child of that name, made where there is none."""
    found = element.find(core(name))
    return etree.SubElement(element, core(name)) if found is None else found
