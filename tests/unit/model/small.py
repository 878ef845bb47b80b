"""Small sites and requests for the placement tests."""

from collections.abc import Mapping, Sequence
from typing import Any

from gcf_am.model.placement import Wish, place
from gcf_am.model.site import DiskImage, Host, Port, Site, SliverType, Wire
from gcf_am.model.sliver import Contents, LinkPlacement, NodePlacement
from gcf_am.model.topology import Frame, Interface, Link, Node, Property
from gcf_am.urn import Urn

MANAGER = Urn.parse("urn:publicid:IDN+gcf.local+authority+am")
IMAGE = "urn:publicid:IDN+gcf.local+image+debian"
VM = SliverType("vm", (DiskImage("alpine"), DiskImage(IMAGE, default=True)))
RAW = SliverType("raw", (DiskImage("alpine"),))
FRAME = Frame()
GIGABIT = 1_000_000


def urn(kind: str, name: str) -> str:
    return f"urn:publicid:IDN+gcf.local+{kind}+{name}"


def ports(host: str, number: int, capacity: int | None = GIGABIT) -> tuple[Port, ...]:
    return tuple(Port(urn("interface", f"{host}:{n}"), None, capacity) for n in range(number))


def shared(name: str, slots: int = 2, number: int = 1, **others: Any) -> Host:
    fields: dict[str, Any] = {
        "hardware_types": ("pc",),
        "sliver_types": (VM,),
        "ports": ports(name, number),
    }
    return Host(urn("node", name), name, exclusive=False, slots=slots, **(fields | others))


def exclusive(name: str, number: int = 2, **others: Any) -> Host:
    fields: dict[str, Any] = {
        "hardware_types": ("server",),
        "sliver_types": (RAW,),
        "ports": ports(name, number),
    }
    return Host(urn("node", name), name, exclusive=True, slots=3, **(fields | others))


def switch(name: str, number: int, capacity: int | None = None) -> Host:
    return Host(
        urn("node", name),
        name,
        False,
        1,
        ("switch",),
        (),
        ports(name, number, capacity),
        switch=True,
    )


def wire(name: str, *ends: str, capacity: int | None = GIGABIT) -> Wire:
    return Wire(urn("link", name), tuple(urn("interface", one) for one in ends), capacity)


def site_of(*parts: Host | Wire) -> Site:
    return Site(
        MANAGER,
        tuple(one for one in parts if isinstance(one, Host)),
        tuple(one for one in parts if isinstance(one, Wire)),
        "1",
    )


def star(*hosts: Host, capacity: int | None = GIGABIT) -> Site:
    """All ports of the hosts, each with a wire to one switch."""
    named = [port.component_id.rpartition("+")[2] for host in hosts for port in host.ports]
    wires = [wire(f"w{n}", one, f"sw:{n}", capacity=capacity) for n, one in enumerate(named)]
    return site_of(*hosts, switch("sw", len(named)), *wires)


def node(
    name: str, count: int = 1, *, interfaces: tuple[Interface, ...] = (), **others: Any
) -> Node:
    mine = interfaces or tuple(Interface(f"{name}:{n}") for n in range(count))
    return Node(name, "<node/>", interfaces=mine, **others)


def raw(name: str, count: int = 1, **others: Any) -> Node:
    return node(name, count, exclusive=True, **others)


def link(name: str, *ends: str, capacity: int | None = None, **others: Any) -> Link:
    properties = (Property(ends[0], ends[-1], capacity),) if capacity is not None else ()
    return Link(name, "<link/>", interfaces=ends, properties=properties, **others)


def put(
    site: Site,
    *resources: Node | Link | Wish,
    held: Mapping[tuple[str, str], int] | None = None,
    beside: Sequence[Contents] = (),
    foreign: frozenset[str] = frozenset(),
    tags: range = range(100, 4001),
) -> list[Contents]:
    return place(
        [one if isinstance(one, Wish) else Wish(one) for one in resources],
        site=site,
        held=held or {},
        beside=beside,
        frame=FRAME,
        foreign_interfaces=foreign,
        tags=tags,
    )


def holds(contents: Sequence[Contents]) -> dict[tuple[str, str], int]:
    """What all of these hold together."""
    total: dict[tuple[str, str], int] = {}
    for one in contents:
        for amount in one.holds:
            key = (amount.component, amount.dimension)
            total[key] = total.get(key, 0) + amount.amount
    return total


def host_of(contents: Contents) -> str:
    assert isinstance(contents.placement, NodePlacement)
    return contents.placement.component_id.rpartition("+")[2]


def way_of(contents: Contents) -> LinkPlacement:
    assert isinstance(contents.placement, LinkPlacement)
    return contents.placement
