"""What an aggregate offers: the nodes and links of any advertisement, ours or another's.

Unlike an inventory of ours, nothing is wanted of it but that it can be read: what a node does not
tell, or tells in another form, is not known.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Final

from lxml import etree

from gcf_am.errors import XmlRefused
from gcf_am.model.site import Host, Wire
from gcf_am.rspec.components import numbered_slots, port_capacities, read_host, read_wire
from gcf_am.rspec.inventory import LIMIT
from gcf_am.rspec.names import RSPEC, RSPEC_2, core
from gcf_am.rspec.numbers import number_in
from gcf_am.safexml import parse
from gcf_am.urn import Urn

_TRUE: Final = frozenset({"true", "1"})
_NO_COUNTRY: Final = frozenset({"", "unknown", "unspecified", "n/a", "none"})


@dataclass(frozen=True, slots=True)
class Offer:
    """A node and where it is, in degrees; `manager` is the URN of the aggregate that has it.

    `slots` is how many slivers it takes now, None where a shared one does not say. `hostname` is
    what it is called on the Internet. `usable`: slivers can be made on it, now.
    """

    host: Host
    manager: str
    slots: int | None
    usable: bool
    latitude: float | None = None
    longitude: float | None = None
    country: str = ""
    hostname: str = ""


@dataclass(frozen=True, slots=True)
class Door:
    """Where a network leaves its aggregate: an interface of a node, and the one that it leads to,
    which another aggregate has; `capacity` in kbit/s. Source: RSpec extension stitching 0.1.
    """

    interface: str
    node: str
    other: str
    capacity: float | None


@dataclass(frozen=True, slots=True)
class Offers:
    """A whole advertisement. Links may lead to interfaces that another aggregate advertises."""

    nodes: tuple[Offer, ...]
    links: tuple[Wire, ...]
    doors: tuple[Door, ...] = ()


def read_offers(data: bytes | str) -> Offers:
    """Read an advertisement of version 3 or ProtoGENI's version 2; raises XmlRefused.

    A node without a component_id cannot be asked for, and is left out; of two with the same
    one the first counts.
    """
    root = parse(data, limit=LIMIT)
    if root.tag == f"{{{RSPEC_2}}}rspec":
        _as_version_3(root)
    if root.tag != core("rspec"):
        raise XmlRefused(f"it is no <rspec> of {RSPEC}", 1)
    if (root.get("type") or "").strip() not in {"advertisement", "advert"}:
        raise XmlRefused('it is no advertisement: its type is not "advertisement"', 1)
    links = root.findall(core("link"))
    capacities = port_capacities(links)
    nodes: dict[str, Offer] = {}
    for node in root.findall(core("node")):
        name = node.get("component_id", "").strip()
        if name and name not in nodes:
            nodes[name] = _offer(node, capacities)
    wires = tuple(read_wire(one, _nobody) for one in links)
    return Offers(tuple(nodes.values()), wires, tuple(_doors(root)))


@dataclass(frozen=True, slots=True)
class Held:
    """A node of a manifest that is a sliver, and the host that it is on."""

    client_id: str
    sliver_urn: str
    component_id: str
    manager: str
    sliver_type: str


def read_held(manifest: bytes | str) -> tuple[Held, ...]:
    """The slivers of a manifest that are nodes; raises XmlRefused."""
    root = parse(manifest, limit=LIMIT)
    if root.tag != core("rspec"):
        raise XmlRefused(f"it is no <rspec> of {RSPEC}", 1)
    return tuple(_held(one) for one in root.findall(core("node")) if one.get("sliver_id"))


def _held(node: etree._Element) -> Held:
    sliver_type = node.find(core("sliver_type"))
    component_id = node.get("component_id", "")
    return Held(
        client_id=node.get("client_id", ""),
        sliver_urn=node.get("sliver_id", ""),
        component_id=component_id,
        manager=node.get("component_manager_id", "") or _manager_of(component_id),
        sliver_type="" if sliver_type is None else sliver_type.get("name", ""),
    )


def _nobody(_element: Any, _reason: str) -> None:
    """Nobody is told: the advertisement is another's."""


def _offer(node: etree._Element, capacities: dict[str, int]) -> Offer:
    host = read_host(node, capacities, _nobody)
    shared = None if not numbered_slots(node) else host.slots
    location = node.find(core("location"))
    latitude, longitude = _degrees(location, "latitude", 90), _degrees(location, "longitude", 180)
    country = "" if location is None else location.get("country", "").strip()
    named = node.find(core("host"))
    return Offer(
        host=host,
        manager=node.get("component_manager_id", "").strip() or _manager_of(host.component_id),
        slots=1 if host.exclusive else shared,
        usable=host.available and not host.switch and node.find(core("cloud")) is None,
        latitude=None if longitude is None else latitude,
        longitude=None if latitude is None else longitude,
        country="" if country.lower() in _NO_COUNTRY else country,
        hostname="" if named is None else named.get("name", ""),
    )


def _doors(root: etree._Element) -> Iterator[Door]:
    for node in root.iterfind("{*}stitching/{*}aggregate/{*}node"):
        for link in node.iterfind("{*}port/{*}link"):
            other = (link.findtext("{*}remoteLinkId") or "").strip()
            interface = link.get("id", "").strip()
            if interface and other:
                yield Door(interface, node.get("id", "").strip(), other, _capacity(link))


def _capacity(link: etree._Element) -> float | None:
    try:
        return number_in(link.findtext("{*}capacity") or "", "capacity")
    except ValueError:
        return None


def _degrees(location: etree._Element | None, name: str, most: float) -> float | None:
    try:
        number = float("" if location is None else location.get(name, ""))
    except ValueError:
        return None
    return number if -most <= number <= most else None


def _manager_of(component_id: str) -> str:
    try:
        return Urn.of(Urn.parse(component_id).authority, "authority", "am").text
    except ValueError:
        return ""


def _as_version_3(root: etree._Element) -> None:
    """The same elements in version 3's namespace; whether a node is available was a text."""
    prefix = f"{{{RSPEC_2}}}"
    for element in _elements(root):
        if element.tag.startswith(prefix):
            element.tag = core(element.tag.removeprefix(prefix))
        if element.tag == core("available") and "now" not in element.attrib:
            element.set("now", "true" if (element.text or "").strip().lower() in _TRUE else "false")


def _elements(root: etree._Element) -> Iterable[Any]:
    return root.iter("*")
