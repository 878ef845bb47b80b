"""What the model knows of resources: what was asked for, where it went, what it takes.

The site is four hosts on one switch, each port with a wire of its own; it is small, so that
slices are in each other's way.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace

# (a host, "slots"), (a port, "port" or "bandwidth"), (a wire, "bandwidth"), (a tag, "vlan") -> how
# much
Holds = Mapping[tuple[str, str], int]

PORT_KBPS = 1_000_000


@dataclass(frozen=True)
class Host:
    """An exclusive host has one slot, and its ports carry one link each."""

    name: str
    exclusive: bool
    slots: int
    port_count: int

    @property
    def ports(self) -> tuple[str, ...]:
        return tuple(f"{self.name}:eth{number}" for number in range(self.port_count))


HOSTS = {
    one.name: one
    for one in (
        Host("pc1", exclusive=True, slots=1, port_count=2),
        Host("pc2", exclusive=True, slots=1, port_count=2),
        Host("vm1", exclusive=False, slots=3, port_count=1),
        Host("vm2", exclusive=False, slots=2, port_count=1),
    )
}
HOST_OF_PORT = {port: host for host in HOSTS.values() for port in host.ports}
WIRE_AT = {port: f"{port}.wire" for port in HOST_OF_PORT}
SITE: Holds = {
    **{(host.name, "slots"): host.slots for host in HOSTS.values()},
    **{(one, "bandwidth"): PORT_KBPS for wire in WIRE_AT.items() for one in wire},
    **{(port, "port"): 1 for port, host in HOST_OF_PORT.items() if host.exclusive},
}


@dataclass(frozen=True)
class Node:
    """A node as a request words it; `ports` binds interfaces, as a manifest does."""

    name: str
    interfaces: tuple[str, ...] = ()
    exclusive: bool | None = None
    host: str | None = None
    ports: tuple[tuple[str, str], ...] = ()

    @property
    def names(self) -> frozenset[tuple[str, str]]:
        return frozenset({("node", self.name), *(("interface", one) for one in self.interfaces)})


@dataclass(frozen=True)
class Link:
    """A link as a request words it; `capacity` in kbit/s."""

    name: str
    ends: tuple[str, ...]
    capacity: int = 0

    @property
    def names(self) -> frozenset[tuple[str, str]]:
        return frozenset({("link", self.name)})


Wish = Node | Link


@dataclass(frozen=True)
class Contents:
    """A wish and where it went, as a manifest told: a node's host, a link's ports and tag."""

    wish: Wish
    host: str = ""
    ports: tuple[tuple[str, str], ...] = ()
    tag: str = ""

    @property
    def interfaces(self) -> frozenset[str]:
        """A node's interfaces, or a link's ends."""
        wish = self.wish
        return frozenset(wish.interfaces if isinstance(wish, Node) else wish.ends)

    @property
    def holds(self) -> Holds:
        """What it takes of the site."""
        if isinstance(self.wish, Node):
            return {(self.host, "slots"): 1}
        taken = {(self.tag, "vlan"): 1}
        if len({port for _, port in self.ports}) > 1:
            for _, port in self.ports:
                taken[WIRE_AT[port], "bandwidth"] = self.wish.capacity
        for _, port in self.ports:
            taken[port, "bandwidth"] = self.wish.capacity
            if HOST_OF_PORT[port].exclusive:
                taken[port, "port"] = taken.get((port, "port"), 0) + 1
        return taken

    def without(self, gone: Collection[str]) -> Contents:
        """A link without the ends whose interfaces are gone."""
        assert isinstance(self.wish, Link)
        ends = tuple(one for one in self.wish.ends if one not in gone)
        ports = tuple(one for one in self.ports if one[0] not in gone)
        return replace(self, wish=replace(self.wish, ends=ends), ports=ports)


def most(*contents: Contents | None) -> dict[tuple[str, str], int]:
    """The larger of what each takes, in each dimension (decision 3)."""
    taken: dict[tuple[str, str], int] = {}
    for one in contents:
        for key, amount in one.holds.items() if one else ():
            taken[key] = max(taken.get(key, 0), amount)
    return taken
