"""What the node half of the host driver asks of its network half.

A tag names one node or one link of this aggregate: ten characters of [a-z0-9], made of the
sliver's URN, so that interface names (15 bytes) can be made of it. One network belongs to one
owner, six such characters, of which there may be several on a machine: nothing of another owner
is ever touched. What stands lies in one private namespace, the fabric, which exists only while
there is a node or a link; the machine's own namespace gets no interface, address, route or rule.

Every method is idempotent, may be called from several threads and processes at once (the caller
works on one tag at a time), finds by names what a process that was killed has left half made, and
raises DriverError. `fabric.Fabric(owner)` makes one. All of it outlives the process and is gone after a boot of the machine.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Ids:
    """The range of the machine's user and group ids that a node sees as 0, 1, 2..."""

    first: int
    count: int = 65536


@dataclass(frozen=True, slots=True)
class Namespaces:
    """Where a node's namespaces are pinned (bind mounts); `user` owns `net`."""

    net: Path
    user: Path


@dataclass(frozen=True, slots=True)
class Nic:
    """A node's interface: `name` inside the node, addresses as `10.0.0.1/24` or `fd00::1/64`."""

    name: str
    mac: str
    addresses: tuple[str, ...] = ()
    mtu: int = 1500


@dataclass(frozen=True, slots=True, order=True)
class End:
    """One end of a link: a node's tag and the name of its interface."""

    node: str
    nic: str


@dataclass(frozen=True, slots=True)
class Way:
    """What frames from `source` to `dest` meet: kbit/s, ms, fraction lost; None: nothing."""

    source: End
    dest: End
    capacity: int | None = None
    latency: float | None = None
    packet_loss: float | None = None
    jitter: float | None = None


@dataclass(frozen=True, slots=True)
class LinkShape:
    """What a link is like beyond joining its ends: its ways, each direction for itself."""

    ways: tuple[Way, ...] = ()


@dataclass(frozen=True, slots=True)
class Features:
    """By which mechanism this kernel does it, in words; the empty string: it cannot."""

    veth: str
    bridge: str
    capacity: str
    packet_loss: str
    latency: str
    jitter: str
    mtu: int


@dataclass(frozen=True, slots=True)
class Found:
    """What stands of this owner: nodes' tags, and links' tags with the ends they really join."""

    nodes: frozenset[str]
    links: Mapping[str, frozenset[End]]


class Network(Protocol):
    """Makes nodes' namespaces and what joins them."""

    def features(self) -> Features:
        """What the kernel can do, tried once in a namespace of its own that is gone afterwards."""
        ...

    def lacks(self) -> Sequence[str]:
        """What keeps it from working on this machine at all, in words; empty when it works."""
        ...

    def check(self, shape: LinkShape) -> None:
        """Refuse, naming the property, what this kernel cannot do; at once, no side effects."""
        ...

    def open_node(self, tag: str, ids: Ids) -> Namespaces:
        """A node's namespaces, made where missing and pinned; its `lo` is up.

        The network namespace belongs to a user namespace of that range, so that root in the node
        may configure it and nothing else.
        """
        ...

    def close_node(self, tag: str) -> None:
        """Remove a node's namespaces and what is plugged into it; returns when it is gone."""
        ...

    def plug(self, tag: str, nic: Nic) -> None:
        """Give the node this interface, up; one of that name which differs becomes like it."""
        ...

    def unplug(self, tag: str, nic: str) -> None:
        """Take the interface away."""
        ...

    def plugged(self, tag: str) -> frozenset[str]:
        """The names of the interfaces the node was given."""
        ...

    def join(self, tag: str, ends: Sequence[End], shape: LinkShape) -> None:
        """Make the link join exactly these ends in this shape, whatever it joined before."""
        ...

    def part(self, tag: str) -> None:
        """Remove the link; the interfaces at its ends stay, joined to nothing."""
        ...

    def found(self) -> Found:
        """What stands now."""
        ...
