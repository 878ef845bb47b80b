"""Slices and slivers as this aggregate knows them."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from gcf_am.model.states import AllocationState, OperationalState
from gcf_am.model.topology import Frame, Link, Node
from gcf_am.urn import Urn


@dataclass(frozen=True, slots=True)
class Slice:
    """A slice that calls have named: its URN and UUID together are its identity.

    `key` is the store's own number. The same URN with another UUID is another slice.
    """

    key: int
    urn: Urn
    uuid: str
    shut_down: bool = False


@dataclass(frozen=True, slots=True)
class Amount:
    """So much of one dimension of one component; the unit of every hold.

    `dimension` is one of `slots` (of a host; an exclusive hold takes them all), `port` (a port
    taken whole), `bandwidth` (kbit/s of a port or wire, or within a host), `vlan` (the tag stands
    in `component`), or `feature:` and the name of a feature that adds up (thousandths of it).
    """

    component: str
    dimension: str
    amount: int


@dataclass(frozen=True, slots=True)
class NodePlacement:
    """Where a node is put: the host, and the sliver type and image it is made of."""

    component_id: str
    sliver_type: str
    disk_image: str | None
    exclusive: bool


@dataclass(frozen=True, slots=True)
class LinkPlacement:
    """How a link runs: its tag, its ends, the wires it crosses, the bandwidth it holds in kbit/s.

    `ends` are (client_id of an interface, component_id of the port it uses); an end without a
    port (its link stays within one host) is absent. The link holds the ports, not the node.
    `within` is the host that a link between several interfaces does not leave.
    """

    vlan: int | None = None
    ends: tuple[tuple[str, str], ...] = ()
    wires: tuple[str, ...] = ()
    capacity: int = 0
    within: str | None = None


Placement = NodePlacement | LinkPlacement


@dataclass(frozen=True, slots=True)
class Contents:
    """What a sliver is made of: the resource, where it was put, what it holds, its frame."""

    resource: Node | Link
    placement: Placement
    holds: tuple[Amount, ...]
    frame: Frame


@dataclass(frozen=True, slots=True)
class Login:
    """An account on a node: the experimenter's URN, the login name, SSH public keys."""

    urn: str
    name: str
    keys: tuple[str, ...]


class Step(StrEnum):
    """What a driver still owes a sliver.

    To prepare and to change are one to a driver; afterwards what is to run is started anew, or
    brought up only as far as it does not run. To reload is to begin anew with a fresh disk.
    What is up may still owe its services before it is ready: what a node's request wants done in
    it; for a link, what is wanted in its ends.
    """

    PREPARE = "prepare"
    CHANGE = "change"
    START = "start"
    STOP = "stop"
    RESTART = "restart"
    RELOAD = "reload"
    SERVICES = "services"
    UPDATE_USERS = "update_users"
    FREEZE = "freeze"
    THAW = "thaw"
    DESTROY = "destroy"


@dataclass(frozen=True, slots=True)
class Access:
    """How to log in to a node, as its driver reported it."""

    hostname: str
    port: int


@dataclass(frozen=True, slots=True)
class Sliver:
    """A node or link of one slice at this aggregate.

    `contents` is what is provisioned, or for an allocated sliver what is reserved. While it is
    updating, `pending` is what the next Provision makes of it, or None if that removes it.
    `step` is what the driver owes; it is None when wanted and real agree. `error` is the last
    failure in words. A sliver whose allocation is unallocated is a record only: no call shows it,
    its holds last until the driver has destroyed it, and its URN is never used again.
    """

    urn: Urn
    slice_key: int
    contents: Contents
    allocation: AllocationState
    operational: OperationalState
    expires: datetime
    pending: Contents | None = None
    step: Step | None = None
    error: str = ""
    logins: tuple[Login, ...] = ()
    access: Access | None = None
    # True once a driver may have made something for it: then only the driver ends its holds.
    touched: bool = False
    # Rises with each change that concerns the driver; results of older generations are dropped.
    generation: int = 0

    @property
    def client_id(self) -> str:
        """The experimenter's name for it (of what it becomes, while it is updating)."""
        return (self.pending or self.contents).resource.client_id

    @property
    def kind(self) -> str:
        """`node` or `link`."""
        return "node" if isinstance(self.contents.resource, Node) else "link"

    def expired(self, now: datetime) -> bool:
        """Whether its time is up at `now`."""
        return self.expires <= now
