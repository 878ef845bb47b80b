"""One node or link element of a request: what it asks for."""

import ipaddress
import math
from collections import Counter
from collections.abc import Container
from typing import Final

from lxml import etree

from gcf_am.model.topology import Address, Interface, Link, Node, Property
from gcf_am.rspec.canonical import alone
from gcf_am.rspec.names import SHARED_VLANS, core
from gcf_am.rspec.numbers import number_of
from gcf_am.rspec.position import refusal
from gcf_am.safexml import line_of

_LONGEST_ID: Final = 255


def client_id_of(element: etree._Element) -> str:
    """The experimenter's name for it; raises BadArgs when there is none to speak of."""
    name = element.get("client_id")
    if name is None or not name.strip():
        raise refusal(element, "its client_id is empty; give it a name that is unique")
    if len(name) > _LONGEST_ID:
        raise refusal(element, f"its client_id has more than {_LONGEST_ID} characters")
    return name


def read_node(element: etree._Element, position: int, sliver_id: str | None) -> Node:
    """Read a node that is ours; raises BadArgs."""
    sliver_types = element.findall(core("sliver_type"))
    if len(sliver_types) > 1:
        raise refusal(element, "it asks for several sliver types; ask for one")
    images = sliver_types[0].findall(core("disk_image")) if sliver_types else []
    if len(images) > 1:
        raise refusal(element, "its sliver_type has several disk images; ask for one")
    exclusive = element.get("exclusive")
    return Node(
        client_id=client_id_of(element),
        xml=alone(element),
        position=position,
        line=line_of(element),
        sliver_id=sliver_id,
        component_id=element.get("component_id") or None,
        exclusive=None if exclusive is None else exclusive.strip() in {"true", "1"},
        sliver_type=sliver_types[0].get("name") if sliver_types else None,
        disk_image=images[0].get("name") if images else None,
        hardware_types=tuple(one.get("name", "") for one in element.findall(core("hardware_type"))),
        interfaces=tuple(_interface(one) for one in element.findall(core("interface"))),
    )


def read_link(element: etree._Element, position: int, sliver_id: str | None) -> Link:
    """Read a link that is ours; raises BadArgs."""
    ends = tuple(client_id_of(one) for one in element.findall(core("interface_ref")))
    for end, times in Counter(ends).items():
        if times > 1:
            raise refusal(element, f"it names the interface {end!r} more than once")
    names = frozenset(ends)
    link_types = element.findall(core("link_type"))
    if len(link_types) > 1:
        raise refusal(element, "it has several link types; ask for one")
    shared = next(
        (one for name in SHARED_VLANS for one in element.findall(f"{{{name}}}link_shared_vlan")),
        None,
    )
    return Link(
        client_id=client_id_of(element),
        xml=alone(element),
        position=position,
        line=line_of(element),
        sliver_id=sliver_id,
        interfaces=ends,
        link_type=link_types[0].get("name") if link_types else None,
        properties=tuple(_property(one, names) for one in element.findall(core("property"))),
        vlan=None if shared is None else shared.get("vlantag"),
        shared_vlan=None if shared is None else shared.get("name", ""),
    )


def _interface(element: etree._Element) -> Interface:
    return Interface(
        client_id=client_id_of(element),
        component_id=element.get("component_id") or None,
        addresses=tuple(_address(one) for one in element.findall(core("ip"))),
    )


def _address(element: etree._Element) -> Address:
    text = element.get("address", "").strip()
    try:
        ipaddress.ip_address(text)
    except ValueError:
        raise refusal(
            element, f"the address {text[:60]!r} is no IPv4 or IPv6 address like 10.10.1.1"
        ) from None
    return Address(text, element.get("netmask"), element.get("type"))


def _property(element: etree._Element, ends: Container[str]) -> Property:
    source, dest = element.get("source_id", ""), element.get("dest_id", "")
    for name, end in (("source_id", source), ("dest_id", dest)):
        if end not in ends:
            raise refusal(element, f"its {name} {end[:80]!r} is no interface of its link")
    try:
        capacity = number_of(element, "capacity")
        latency, loss = number_of(element, "latency"), number_of(element, "packet_loss")
    except ValueError as error:
        raise refusal(element, str(error)) from None
    return Property(
        source=source,
        dest=dest,
        capacity=None if capacity is None else math.ceil(capacity),
        latency=latency,
        packet_loss=loss,
    )
