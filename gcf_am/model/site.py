"""What the aggregate has: hosts, interfaces and the links between them."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, TypeVar

from gcf_am.model.alike import Alike
from gcf_am.model.features import Feature
from gcf_am.urn import Urn

if TYPE_CHECKING:
    from gcf_am.model.cables import Cables


@dataclass(frozen=True, slots=True)
class DiskImage:
    """An image a sliver type can be started from.

    One that was `added` to the inventory's is for who asks for it; nobody gets it unasked.
    """

    name: str
    os: str | None = None
    default: bool = False
    description: str = ""
    added: bool = False


@dataclass(frozen=True, slots=True)
class SliverType:
    """A kind of node that a host offers, and the images for it."""

    name: str
    images: tuple[DiskImage, ...] = ()


@dataclass(frozen=True, slots=True)
class Port:
    """A host's interface; `capacity` in kbit/s is what the links through it share, None for any.

    `aliases` are URNs that name it too: those from before its inventory was imported.
    """

    component_id: str
    role: str | None = None
    capacity: int | None = None
    aliases: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Host:
    """A component of type node.

    An `exclusive` host is given to one sliver whole; a shared one to as many slivers as it has
    `slots`. `available` is what the inventory says, not what holds leave. A host without
    sliver types takes no slivers: a switch, which joins links, or a cloud, which stands for a
    network elsewhere. `aliases` are URNs that name it too, see Port. `loopback` in kbit/s is
    what links within it share, None for any; `features` are what nodes may desire.
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
    aliases: tuple[str, ...] = ()
    loopback: int | None = None
    features: tuple[Feature, ...] = ()


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
    inventory does; `template` is the advertisement that it was read from, deflated, with holes for
    what changes (`rspec.ad_template`).
    """

    manager: Urn
    hosts: tuple[Host, ...]
    wires: tuple[Wire, ...]
    version: str
    template: bytes = field(repr=False, default=b"")

    @cached_property
    def host(self) -> dict[str, Host]:
        """Hosts by component_id."""
        return {one.component_id: one for one in self.hosts}

    @cached_property
    def host_of_port(self) -> dict[str, Host]:
        """The host that has a port, by the port's component_id."""
        return {port.component_id: one for one in self.hosts for port in one.ports}

    @cached_property
    def features(self) -> dict[str, dict[str, Feature]]:
        """Features by name, by their host's component_id."""
        return {host.component_id: {one.name: one for one in host.features} for host in self.hosts}

    @cached_property
    def costly(self) -> dict[str, tuple[Feature, ...]]:
        """The features that cost when they are not desired, by their host's component_id."""
        return {
            host.component_id: tuple(
                one for one in host.features if one.weight > 0 and not one.adds
            )
            for host in self.hosts
        }

    @cached_property
    def cables(self) -> "Cables":
        """What its hosts and wires come to."""
        from gcf_am.model.cables import Cables  # it knows the components above

        return Cables(self.hosts, self.wires)

    def host_named(self, component: str) -> Host | None:
        """The host of this component_id or alias; the authority's letter case does not matter."""
        return self._hosts_by_name.get(_key(component))

    def port_named(self, interface: str) -> Port | None:
        """The port of this component_id or alias; the authority's letter case does not matter."""
        return self._ports_by_name.get(_key(interface))

    @cached_property
    def _hosts_by_name(self) -> dict[object, Host]:
        return _by_name(self.hosts)

    @cached_property
    def _ports_by_name(self) -> dict[object, Port]:
        return _by_name(port for host in self.hosts for port in host.ports)

    def narrowed(
        self, held: Mapping[tuple[str, str], int], *, most: int, needed: Collection[str]
    ) -> "Site":
        """The site without hosts of which `most` others, that are alike in what is held, are left.

        `needed` are the component_ids of hosts that stay. Whatever so many nodes can have here
        they can have there.
        """
        few = self._alike.few(held, most, needed)
        return replace(self, hosts=few.hosts, wires=few.wires, template=b"")

    @cached_property
    def _alike(self) -> Alike:
        return Alike(self.hosts, self.wires)

    @cached_property
    def wire(self) -> dict[str, Wire]:
        """Wires by component_id."""
        return {one.component_id: one for one in self.wires}


_Named = TypeVar("_Named", Host, Port)


def _by_name(components: Iterable[_Named]) -> dict[object, _Named]:
    """Components by what names them; a component's own name goes before another's alias."""
    found: dict[object, _Named] = {}
    everything = tuple(components)
    for one in everything:
        found.setdefault(_key(one.component_id), one)
    for one in everything:
        for alias in one.aliases:
            found.setdefault(_key(alias), one)
    return found


def _key(component: str) -> object:
    """What two spellings of a component's name have in common (decision 27)."""
    try:
        return Urn.parse(component).key
    except ValueError:
        return component
