"""A request without its XML: nodes, interfaces and links as an experimenter wants them."""

from dataclasses import dataclass

from gcf_am.model.features import Feature


@dataclass(frozen=True, slots=True)
class Address:
    """An IP address wished for an interface; the texts are as the request spelled them."""

    address: str
    netmask: str | None = None
    kind: str | None = None


@dataclass(frozen=True, slots=True)
class Interface:
    """An attachment point of a node; `client_id` is unique over the request.

    `mac` is the address that the aggregate chose for it, where interfaces are real.
    """

    client_id: str
    component_id: str | None = None
    addresses: tuple[Address, ...] = ()
    mac: str | None = None


@dataclass(frozen=True, slots=True)
class Property:
    """One direction of a link: client_ids of interfaces, kbit/s, ms, fraction lost."""

    source: str
    dest: str
    capacity: int | None = None
    latency: float | None = None
    packet_loss: float | None = None


@dataclass(frozen=True, slots=True)
class Queue:
    """How what waits in a pipe is queued; None where the request leaves it to the default.

    `limit` counts packets, or bytes with `in_bytes`. With `red` (random early detection) drops
    begin at an average of `thresh` and reach 1/`linterm` at `maxthresh`; `weight` is that of the
    newest sample in the average. Source: RSpec extension delay/1.
    """

    limit: int | None = None
    in_bytes: bool | None = None
    red: bool | None = None
    gentle: bool | None = None
    thresh: int | None = None
    maxthresh: int | None = None
    linterm: int | None = None
    weight: float | None = None


@dataclass(frozen=True, slots=True)
class Pipe:
    """One direction through a node that shapes what passes, between two of its interfaces."""

    way: Property
    queue: Queue = Queue()


@dataclass(frozen=True, slots=True)
class Script:
    """What runs on a node when it has booted for the first time; `kind` says how it is read.

    Source: RSpec extension postBootScript/1.
    """

    kind: str
    text: str


@dataclass(frozen=True, slots=True)
class Node:
    """A node wished for, or held.

    `component_id` is given when the request binds it to a component; `exclusive` is None where
    the request leaves it open. `xml` is the element as it came, with every namespace it needs
    declared on it, the source of its manifest; `position` is its place in its document.
    `desires` are for features of its host, `pipes` shape what passes through it, and
    `blockstore` names storage that it is to have beside its own.
    """

    client_id: str
    xml: str
    position: int = 0
    line: int = 0
    sliver_id: str | None = None
    component_id: str | None = None
    exclusive: bool | None = None
    sliver_type: str | None = None
    disk_image: str | None = None
    hardware_types: tuple[str, ...] = ()
    interfaces: tuple[Interface, ...] = ()
    desires: tuple[Feature, ...] = ()
    pipes: tuple[Pipe, ...] = ()
    boot_script: Script | None = None
    blockstore: str | None = None


@dataclass(frozen=True, slots=True)
class Link:
    """A link or LAN wished for, or held; `interfaces` are client_ids of its ends."""

    client_id: str
    xml: str
    position: int = 0
    line: int = 0
    sliver_id: str | None = None
    interfaces: tuple[str, ...] = ()
    link_type: str | None = None
    properties: tuple[Property, ...] = ()
    vlan: str | None = None
    shared_vlan: str | None = None

    @property
    def capacity(self) -> int:
        """The bandwidth it needs, in kbit/s; 0 where the request asks for none."""
        return max((p.capacity for p in self.properties if p.capacity is not None), default=0)


Resource = Node | Link


@dataclass(frozen=True, slots=True)
class Foreign:
    """A child of `rspec` that is not ours to act on: carried as it came, at its place."""

    position: int
    xml: str


@dataclass(frozen=True, slots=True)
class Frame:
    """What surrounds the resources of a document: prefixes, attributes, foreign children.

    Every sliver keeps the frame of the document that it came from, so that its manifest keeps
    what the experimenter wrote beside it.
    """

    namespaces: tuple[tuple[str, str], ...] = ()
    attributes: tuple[tuple[str, str], ...] = ()
    foreign: tuple[Foreign, ...] = ()


@dataclass(frozen=True, slots=True)
class Topology:
    """A request RSpec (or a manifest given to Update) as it was read.

    `nodes` and `links` are those for this aggregate, in document order; `foreign_interfaces` are
    the client_ids of interfaces on other aggregates' nodes, which links may name.
    """

    nodes: tuple[Node, ...]
    links: tuple[Link, ...]
    frame: Frame
    foreign_interfaces: frozenset[str] = frozenset()

    @property
    def resources(self) -> tuple[Resource, ...]:
        """Nodes and links together, in document order."""
        return tuple(sorted((*self.nodes, *self.links), key=lambda one: one.position))
