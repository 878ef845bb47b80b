"""Requests written, and manifests read, without a line of the server's code."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from lxml import etree

from tests.properties.verbs.wishes import (
    HOSTS,
    PORT_KBPS,
    WIRE_AT,
    Contents,
    Host,
    Link,
    Node,
    Wish,
)

RSPEC = "http://www.geni.net/resources/rspec/3"
EMULAB = "http://www.protogeni.net/resources/rspec/ext/emulab/1"
PRESERVE = "http://www.geni.net/resources/rspec/ext/preserve/1"
URN = "urn:publicid:IDN+gcf.local+"
MANAGER = f"{URN}authority+am"


@dataclass(frozen=True)
class Item:
    """A resource in a request; `urn` is its sliver_id."""

    wish: Wish
    urn: str | None = None


def write_request(items: Iterable[Item]) -> str:
    root = etree.Element(f"{{{RSPEC}}}rspec", {"type": "request"})
    for item in items:
        wish = item.wish
        element = _node(root, wish) if isinstance(wish, Node) else _link(root, wish)
        if item.urn is not None:
            element.set("sliver_id", item.urn)
    return etree.tostring(root, encoding="unicode")


def _node(root: etree._Element, wish: Node) -> etree._Element:
    node = etree.SubElement(root, f"{{{RSPEC}}}node", {"client_id": wish.name})
    if wish.exclusive is not None:
        node.set("exclusive", "true" if wish.exclusive else "false")
    if wish.host is not None:
        node.set("component_id", f"{URN}node+{wish.host}")
    ports = dict(wish.ports)
    for name in wish.interfaces:
        interface = etree.SubElement(node, f"{{{RSPEC}}}interface", {"client_id": name})
        if name in ports:
            interface.set("component_id", f"{URN}interface+{ports[name]}")
    return node


def _link(root: etree._Element, wish: Link) -> etree._Element:
    link = etree.SubElement(root, f"{{{RSPEC}}}link", {"client_id": wish.name})
    for end in wish.ends:
        etree.SubElement(link, f"{{{RSPEC}}}interface_ref", {"client_id": end})
    if wish.capacity:
        for source in wish.ends:
            for dest in wish.ends:
                if source != dest:
                    _property(link, source, dest, wish.capacity)
    return link


def _property(link: etree._Element, source: str, dest: str, capacity: int) -> None:
    attributes = {"source_id": source, "dest_id": dest, "capacity": str(capacity)}
    etree.SubElement(link, f"{{{RSPEC}}}property", attributes)


@dataclass(frozen=True)
class Shown:
    """A sliver in a manifest: what was placed, and the guarantee of preserve/1."""

    kind: str
    name: str
    interfaces: frozenset[str]
    host: str
    ports: tuple[tuple[str, str], ...]
    tag: str
    guarantee: str | None

    def of(self, wish: Wish) -> Contents:
        """The wish, placed as the manifest shows it."""
        assert self.kind == ("node" if isinstance(wish, Node) else "link")
        contents = Contents(wish, self.host, () if self.kind == "node" else self.ports, self.tag)
        self.check(contents)
        return contents

    def check(self, contents: Contents) -> None:
        """The manifest shows these contents, and nothing else."""
        assert self.name == contents.wish.name
        assert self.interfaces == contents.interfaces
        if isinstance(contents.wish, Node):
            assert self.host == contents.host
        else:
            assert (sorted(self.ports), self.tag) == (sorted(contents.ports), contents.tag)


def read_manifest(text: str) -> dict[str, Shown]:
    """What a manifest shows, by sliver URN."""
    root = etree.XML(text.encode())
    assert root.tag == f"{{{RSPEC}}}rspec"
    assert root.get("type") == "manifest"
    found: dict[str, Shown] = {}
    for element in root:
        kind = etree.QName(element).localname
        if kind not in {"node", "link"}:
            continue
        inner = "interface" if kind == "node" else "interface_ref"
        ends = [
            (one.get("client_id", ""), one.get("component_id"))
            for one in element.iterfind(f"{{{RSPEC}}}{inner}")
        ]
        preserve = element.find(f"{{{PRESERVE}}}preserve")
        urn = element.get("sliver_id", "")
        assert urn not in found
        found[urn] = Shown(
            kind,
            element.get("client_id", ""),
            frozenset(name for name, _ in ends),
            _short(element.get("component_id"), "node") if kind == "node" else "",
            tuple((name, _short(port, "interface")) for name, port in ends if port is not None),
            element.get("vlantag", ""),
            None if preserve is None else preserve.get("guarantee"),
        )
    return found


def _short(urn: str | None, kind: str) -> str:
    assert urn is not None
    assert urn.startswith(f"{URN}{kind}+"), urn
    return urn.removeprefix(f"{URN}{kind}+")


def write_site() -> str:
    """The inventory: the hosts and a switch between them."""
    wires = [(port, f"sw:{port.replace(':', '-')}") for one in HOSTS.values() for port in one.ports]
    switch = Host("sw", exclusive=True, slots=1, port_count=0)
    return (
        f'<rspec xmlns="{RSPEC}" xmlns:emulab="{EMULAB}" type="advertisement">'
        + _host(switch, "switch", [port for _, port in wires])
        + "".join(_host(one, "pc", one.ports) for one in HOSTS.values())
        + "".join(_wire(*one) for one in wires)
        + "</rspec>"
    )


def _host(host: Host, hardware: str, ports: Iterable[str]) -> str:
    sliver_type = (
        ""
        if hardware == "switch"
        else f'<sliver_type name="{"raw-pc" if host.exclusive else "vm"}"/>'
    )
    return (
        f'<node component_id="{URN}node+{host.name}" component_manager_id="{MANAGER}"'
        f' component_name="{host.name}" exclusive="{str(host.exclusive).lower()}">'
        f'<hardware_type name="{hardware}"><emulab:node_type type_slots="{host.slots}"/></hardware_type>'
        f'<available now="true"/>{sliver_type}'
        + "".join(f'<interface component_id="{URN}interface+{one}"/>' for one in ports)
        + "</node>"
    )


def _wire(*ports: str) -> str:
    ends = [f"{URN}interface+{one}" for one in ports]
    return (
        f'<link component_id="{URN}link+{WIRE_AT[ports[0]]}">'
        f'<component_manager name="{MANAGER}"/>'
        + "".join(f'<interface_ref component_id="{one}"/>' for one in ends)
        + "".join(
            f'<property source_id="{one}" dest_id="{other}" capacity="{PORT_KBPS}"/>'
            for one, other in (ends, ends[::-1])
        )
        + '<link_type name="lan"/></link>'
    )
