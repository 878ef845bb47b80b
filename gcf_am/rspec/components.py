"""The nodes and links of an inventory, element by element."""

from collections.abc import Iterable
from typing import Final

from lxml import etree

from gcf_am.model.site import DiskImage, Host, Port, SliverType, Wire
from gcf_am.rspec.features import Complain, read_features
from gcf_am.rspec.names import ALIAS, EMULAB, core
from gcf_am.rspec.numbers import number_of

# A shared node that does not say how many slivers it takes.
DEFAULT_SLOTS: Final = 10

_NODE_TYPE: Final = f"{{{EMULAB}}}node_type"
_LOOPBACK: Final = f"{{{EMULAB}}}trivial_bandwidth"
_TRUE: Final = frozenset({"true", "1"})


def read_host(node: etree._Element, capacities: dict[str, int], complain: Complain) -> Host:
    """Read a node; `capacities` are those of ports, in kbit/s."""
    component_id = node.get("component_id", "")
    exclusive = node.get("exclusive", "").strip() in _TRUE
    hardware_types = tuple(one.get("name", "") for one in node.findall(core("hardware_type")))
    switch = "switch" in hardware_types
    sliver_types = tuple(_sliver_type(one) for one in node.findall(core("sliver_type")))
    if not sliver_types and not switch and node.find(core("cloud")) is None:
        complain(node, "it offers no sliver_type; name at least one")
    available = node.find(core("available"))
    return Host(
        component_id=component_id,
        name=node.get("component_name") or component_id.split("+")[-1],
        exclusive=exclusive,
        slots=1 if exclusive else _slots(node, complain),
        hardware_types=hardware_types,
        sliver_types=sliver_types,
        ports=tuple(
            # a switch's port is as fast as each of its wires
            _port(one, {} if switch else capacities)
            for one in node.findall(core("interface"))
        ),
        available=available is None or available.get("now", "").strip() in _TRUE,
        switch=switch,
        aliases=_aliases(node),
        loopback=read_loopback(node, complain),
        features=read_features(node, complain),
    )


def read_wire(link: etree._Element, complain: Complain) -> Wire:
    """Read a link between ports; of several properties the worst counts."""
    found = [
        {name: _told(one, name, complain) for name in ("capacity", "latency", "packet_loss")}
        for one in link.findall(core("property"))
    ]
    capacities = [one["capacity"] for one in found if one["capacity"] is not None]
    return Wire(
        component_id=link.get("component_id", ""),
        ports=tuple(one.get("component_id", "") for one in link.findall(core("interface_ref"))),
        capacity=int(min(capacities)) if capacities else None,
        latency=_worst(one["latency"] for one in found),
        packet_loss=_worst(one["packet_loss"] for one in found),
    )


def port_capacities(links: Iterable[etree._Element]) -> dict[str, int]:
    """What each port can carry: as much as the fastest property of a link that names it."""
    found: dict[str, int] = {}
    for link in links:
        for one in link.findall(core("property")):
            try:
                capacity = int(number_of(one, "capacity") or 0)
            except ValueError:
                continue  # read_wire complains
            for name in ("source_id", "dest_id"):
                port = one.get(name, "")
                if capacity:
                    found[port] = max(capacity, found.get(port, 0))
    return found


def numbered_slots(node: etree._Element) -> list[etree._Element]:
    """The node_type elements that say in a number how many slivers the node takes."""
    return [
        one
        for one in node.iterfind(f"{core('hardware_type')}/{_NODE_TYPE}")
        if one.get("type_slots", "").strip() not in {"", "unlimited"}
    ]


def _slots(node: etree._Element, complain: Complain) -> int:
    """The most that any of its hardware types takes; unlimited ones are no nodes but LANs."""
    most: list[int] = []
    for one in numbered_slots(node):
        text = one.get("type_slots", "").strip()
        if text.isascii() and text.isdigit() and len(text) < 9:
            most.append(int(text))
        else:
            complain(one, f"type_slots {text[:40]!r} is neither a number like 20 nor unlimited")
    return max(most, default=DEFAULT_SLOTS)


def read_loopback(node: etree._Element, complain: Complain) -> int | None:
    """What links between slivers of the node share, in kbit/s; None where it does not say."""
    found = node.find(_LOOPBACK)
    capacity = None if found is None else _told(found, "value", complain)
    return None if capacity is None else int(capacity)


def _sliver_type(element: etree._Element) -> SliverType:
    images: dict[str, DiskImage] = {}
    for one in element.findall(core("disk_image")):
        name = one.get("name", "")
        # some aggregates advertise an image twice
        images.setdefault(
            name, DiskImage(name, one.get("os"), one.get("default", "").strip() in _TRUE)
        )
    return SliverType(element.get("name", ""), tuple(images.values()))


def _port(element: etree._Element, capacities: dict[str, int]) -> Port:
    name = element.get("component_id", "")
    return Port(name, element.get("role"), capacities.get(name), _aliases(element))


def _aliases(element: etree._Element) -> tuple[str, ...]:
    return tuple((element.get(ALIAS) or "").split())


def _told(element: etree._Element, name: str, complain: Complain) -> float | None:
    try:
        return number_of(element, name)
    except ValueError as error:
        complain(element, str(error))
        return None


def _worst(numbers: Iterable[float | None]) -> float | None:
    return max((one for one in numbers if one is not None), default=None)
