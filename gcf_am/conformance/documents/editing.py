"""Requests made of other requests; each function takes a document and returns another."""

from collections.abc import Callable, Iterable, Mapping
from copy import deepcopy
from typing import Final

from lxml import etree

from gcf_am.conformance.documents.reading import RSPEC, Element, core
from gcf_am.rspec.canonical import tree_of

# A namespace that no aggregate can know: the name is reserved for being nobody's (RFC 2606).
UNKNOWN: Final = "http://conformance.invalid/rspec/ext/unknown/1"
SHARED_VLAN: Final = "http://www.geni.net/resources/rspec/ext/shared-vlan/1"
OTHER_MANAGER: Final = "urn:publicid:IDN+other.invalid+authority+am"
_KINDS: Final = (core("node"), core("link"))


def names(request: str) -> list[str]:
    """The client_ids of the nodes, in their order."""
    return [one.get("client_id", "") for one in tree_of(request).findall(core("node"))]


def nodes_of(request: str) -> list[str]:
    """Each node as a request of its own."""
    return [only(request, name) for name in names(request)]


def only(request: str, *kept: str) -> str:
    """With no other nodes and links than those with these client_ids."""

    def change(root: Element) -> None:
        for one in root.findall("*"):
            if one.tag in _KINDS and one.get("client_id") not in kept:
                root.remove(one)

    return _changed(request, change)


def without(request: str, *names: str) -> str:
    """Without the nodes and links with these client_ids."""

    def change(root: Element) -> None:
        for one in root.findall("*"):
            if one.tag in _KINDS and one.get("client_id") in names:
                root.remove(one)

    return _changed(request, change)


def without_links(request: str) -> str:
    """With no link."""
    return only(request, *names(request))


def renamed(request: str, old: str, new: str) -> str:
    """With another client_id for a node or link."""

    def change(root: Element) -> None:
        for one in root.iterchildren(*_KINDS):
            if one.get("client_id") == old:
                one.set("client_id", new)

    return _changed(request, change)


def nameless(request: str) -> str:
    """With the first node's client_id left out."""

    def change(root: Element) -> None:
        del _first(root).attrib["client_id"]

    return _changed(request, change)


def doubled(request: str) -> str:
    """With the first node twice."""

    def change(root: Element) -> None:
        root.append(deepcopy(_first(root)))

    return _changed(request, change)


def together(*requests: str) -> str:
    """One request of what is in several."""
    root = tree_of(requests[0])
    for one in requests[1:]:
        root.extend(child for child in tree_of(one) if child.tag in _KINDS)
    return _text(root)


def identified(request: str, slivers: Mapping[str, str]) -> str:
    """With the sliver_ids of these client_ids, as Update wants them."""

    def change(root: Element) -> None:
        for one in root.iterchildren(*_KINDS):
            urn = slivers.get(one.get("client_id", ""))
            if urn is not None:
                one.set("sliver_id", urn)

    return _changed(request, change)


def with_attribute(request: str, name: str, value: str | None) -> str:
    """With an attribute of each node set, or taken away (None)."""

    def change(root: Element) -> None:
        for node in root.findall(core("node")):
            if value is None:
                node.attrib.pop(name, "")
            else:
                node.set(name, value)

    return _changed(request, change)


def with_sliver_type(request: str, name: str) -> str:
    """With nothing but a sliver type of that name in the first node's sliver types."""

    def change(root: Element) -> None:
        node = _first(root)
        for one in node.findall(core("sliver_type")):
            node.remove(one)
        etree.SubElement(node, core("sliver_type"), {"name": name})

    return _changed(request, change)


def with_shared_vlan(request: str, name: str) -> str:
    """With each link on the shared VLAN of that name."""

    def change(root: Element) -> None:
        for link in root.findall(core("link")):
            etree.SubElement(link, f"{{{SHARED_VLAN}}}link_shared_vlan", {"name": name})

    return _changed(request, change)


def with_root_attribute(request: str, name: str, value: str) -> str:
    """With an attribute of the root."""
    return _changed(request, lambda root: root.set(name, value))


def with_interface(request: str, node: str, name: str) -> str:
    """With one more interface on a node."""

    def change(root: Element) -> None:
        for one in root.findall(core("node")):
            if one.get("client_id") == node:
                etree.SubElement(one, core("interface"), {"client_id": name})

    return _changed(request, change)


def without_interfaces(request: str) -> str:
    """With no link, and no interface on any node."""

    def change(root: Element) -> None:
        for node in root.findall(core("node")):
            for one in node.findall(core("interface")):
                node.remove(one)

    return _changed(without_links(request), change)


def addressed(request: str) -> str:
    """With an IPv4 address of a private network on each interface."""

    def change(root: Element) -> None:
        ports = root.findall(f"{core('node')}/{core('interface')}")
        for number, one in enumerate(ports, start=1):
            told = {"address": f"10.99.1.{number}", "netmask": "255.255.255.0", "type": "ipv4"}
            etree.SubElement(one, core("ip"), told)

    return _changed(request, change)


def linked(request: str, name: str, ends: Iterable[str], capacity: str = "") -> str:
    """With a link between one new interface on each of these nodes, called `NODE:NAME`."""
    interfaces = [(node, f"{node}:{name}") for node in ends]
    for node, interface in interfaces:
        request = with_interface(request, node, interface)

    def change(root: Element) -> None:
        link = etree.SubElement(root, core("link"), {"client_id": name})
        for _, interface in interfaces:
            etree.SubElement(link, core("interface_ref"), {"client_id": interface})
        if capacity:
            for (_, one), (_, other) in (interfaces[:2], interfaces[1::-1]):
                told = {"source_id": one, "dest_id": other, "capacity": capacity}
                etree.SubElement(link, core("property"), told)

    return _changed(request, change)


def dangling(request: str) -> str:
    """With a link to an interface that no node has."""

    def change(root: Element) -> None:
        link = etree.SubElement(root, core("link"), {"client_id": "to-nowhere"})
        for name in ("nobody:0", "nobody:1"):
            etree.SubElement(link, core("interface_ref"), {"client_id": name})

    return _changed(request, change)


def with_extension(request: str, text: str = " two  blanks ") -> str:
    """With an extension's element on the root, each node and each link."""

    def change(root: Element) -> None:
        for place in (root, *root.iterchildren(*_KINDS)):
            mark = etree.SubElement(place, f"{{{UNKNOWN}}}mark", {"of": "all"})
            etree.SubElement(mark, f"{{{UNKNOWN}}}inner", {"n": "1"}).text = text

    return _changed(request, change)


def with_mark(request: str, namespace: str, name: str, told: Mapping[str, str]) -> str:
    """With an extension's element without content on each node."""

    def change(root: Element) -> None:
        for node in root.findall(core("node")):
            etree.SubElement(node, f"{{{namespace}}}{name}", dict(told))

    return _changed(request, change)


def with_foreign_attribute(request: str) -> str:
    """With an extension's attribute on each node."""
    return with_attribute(request, f"{{{UNKNOWN}}}tag", "kept")


def with_service(request: str) -> str:
    """With an archive to install and a command to execute on each node; neither does anything."""

    def change(root: Element) -> None:
        for node in root.findall(core("node")):
            services = node.find(core("services"))
            if services is None:
                services = etree.SubElement(node, core("services"))
            told = {"url": "http://conformance.invalid/empty.tgz", "install_path": "/tmp"}  # noqa: S108 in the node
            etree.SubElement(services, core("install"), told)
            told = {"shell": "sh", "command": "true"}
            etree.SubElement(services, core("execute"), told)

    return _changed(request, change)


def with_others(request: str) -> str:
    """With a node of another aggregate, one of a third, and a link between the two."""

    def change(root: Element) -> None:
        for number in ("1", "2"):
            manager = OTHER_MANAGER.replace("other", f"other{number}")
            node = etree.SubElement(
                root,
                core("node"),
                {
                    "client_id": f"theirs{number}",
                    "component_manager_id": manager,
                    "component_id": f"urn:publicid:IDN+other{number}.invalid+node+n",
                    "exclusive": "true",
                },
            )
            etree.SubElement(node, core("sliver_type"), {"name": "theirs-only"})
            etree.SubElement(node, core("interface"), {"client_id": f"theirs{number}:0"})
            etree.SubElement(node, f"{{{UNKNOWN}}}mark").text = "theirs"
        link = etree.SubElement(root, core("link"), {"client_id": "theirs"})
        for number in ("1", "2"):
            manager = OTHER_MANAGER.replace("other", f"other{number}")
            etree.SubElement(link, core("component_manager"), {"name": manager})
            etree.SubElement(link, core("interface_ref"), {"client_id": f"theirs{number}:0"})

    return _changed(request, change)


def prefixed(request: str) -> str:
    """The same with a prefix for the RSpec namespace."""
    old = tree_of(request)
    root = etree.Element(old.tag, nsmap={"r": RSPEC})
    for name, value in old.attrib.items():
        root.set(name, value)
    root.extend(old)
    etree.cleanup_namespaces(root, top_nsmap={"r": RSPEC})
    return _text(root)


def _first(root: Element) -> Element:
    node = root.find(core("node"))
    assert node is not None  # the kit's requests have nodes
    return node


def _changed(request: str, change: Callable[[Element], object]) -> str:
    root = tree_of(request)
    change(root)
    return _text(root)


def _text(root: Element) -> str:
    return etree.tostring(root, encoding="unicode")
