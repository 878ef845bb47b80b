"""One node or link element of a request: what it asks for."""

import ipaddress
from collections import Counter
from typing import Final

from lxml import etree

from gcf_am.model.topology import Address, Interface, Link, Node, Script
from gcf_am.rspec.canonical import alone
from gcf_am.rspec.features import read_features
from gcf_am.rspec.names import BOOT_SCRIPT, EMULAB, SHARED_VLANS, core
from gcf_am.rspec.position import refusal
from gcf_am.rspec.shaping import read_pipes, read_way
from gcf_am.safexml import line_of

# It is kept with the sliver and told to the driver with every order.
LONGEST_SCRIPT: Final = 64 * 1024
# Every one is looked for on every host.
MOST_DESIRES: Final = 20
_LONGEST_ID: Final = 255
_SCRIPT: Final = f"{{{BOOT_SCRIPT}}}services_post_boot_script"
_BLOCKSTORE: Final = f"{{{EMULAB}}}blockstore"


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
    desires = read_features(element, _refuse)
    if len(desires) > MOST_DESIRES:
        raise refusal(element, f"it desires {len(desires)} features; {MOST_DESIRES} is the most")
    interfaces = tuple(_interface(one) for one in element.findall(core("interface")))
    names = frozenset(one.client_id for one in interfaces)
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
        interfaces=interfaces,
        desires=desires,
        pipes=tuple(read_pipes(sliver_types[0], names)) if sliver_types else (),
        boot_script=_script(element),
        blockstore=_blockstore(element),
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
        properties=tuple(
            read_way(one, ("source_id", "dest_id"), names, "its link")
            for one in element.findall(core("property"))
        ),
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


def _script(element: etree._Element) -> Script | None:
    """What runs when the node has booted; raises BadArgs for several, or one too long."""
    scripts = element.findall(f"{core('services')}/{_SCRIPT}")
    if len(scripts) > 1:
        raise refusal(element, "it has several post-boot scripts; give it one")
    for one in scripts:
        text = str(one.xpath("string()"))
        if len(text) > LONGEST_SCRIPT:
            raise refusal(one, f"it has more than {LONGEST_SCRIPT} characters")
        if text.strip():
            return Script(one.get("type", ""), text)
    return None


def _blockstore(element: etree._Element) -> str | None:
    found = element.find(_BLOCKSTORE)
    return None if found is None else found.get("name", "")


def _refuse(element: etree._Element, reason: str) -> None:
    raise refusal(element, reason)
