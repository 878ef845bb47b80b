"""What the aggregate has: hosts, interfaces and the links between them."""

from dataclasses import dataclass, field
from functools import cached_property

from gcf_am.urn import Urn


@dataclass(frozen=True, slots=True)
class DiskImage:
    """An image a sliver type can be started from."""

    name: str
    os: str | None = None
    default: bool = False


@dataclass(frozen=True, slots=True)
class SliverType:
    """A kind of node that a host offers, and the images for it."""

    name: str
    images: tuple[DiskImage, ...] = ()


@dataclass(frozen=True, slots=True)
class Port:
    """A host's interface; `capacity` in kbit/s is what the links through it share, None for any."""

    component_id: str
    role: str | None = None
    capacity: int | None = None


@dataclass(frozen=True, slots=True)
class Host:
    """A component of type node.

    An `exclusive` host is given to one sliver whole; a shared one to as many slivers as it has
    `slots`. `available` is what the inventory says, not what holds leave.
    """

    component_id: str
    name: str
    exclusive: bool
    slots: int
    hardware_types: tuple[str, ...]
    sliver_types: tuple[SliverType, ...]
    ports: tuple[Port, ...] = ()
    available: bool = True
    switch: bool = False


@dataclass(frozen=True, slots=True)
class Wire:
    """A component of type link: joins two or more ports (`capacity` in kbit/s, None for any)."""

    component_id: str
    ports: tuple[str, ...]
    capacity: int | None = None
    latency: float | None = None
    packet_loss: float | None = None


@dataclass(frozen=True)
class Site:
    """The whole inventory.

    `manager` is the aggregate's own URN (`...+authority+am`); `version` changes whenever the
    inventory does; `xml` is the advertisement it was read from, without reserved state.
    """

    manager: Urn
    hosts: tuple[Host, ...]
    wires: tuple[Wire, ...]
    version: str
    xml: bytes = field(repr=False, default=b"")

    @cached_property
    def host(self) -> dict[str, Host]:
        """Hosts by component_id."""
        return {one.component_id: one for one in self.hosts}

    @cached_property
    def host_of_port(self) -> dict[str, Host]:
        """The host that has a port, by the port's component_id."""
        return {port.component_id: one for one in self.hosts for port in one.ports}

    @cached_property
    def wire(self) -> dict[str, Wire]:
        """Wires by component_id."""
        return {one.component_id: one for one in self.wires}
