"""What there is to choose from: candidates, the network between them, what others said of them.

Pure values, made by `inventory`, read by `solve`; they can be sent to another process.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

Scalar = str | int | float | bool
Value = Scalar | tuple[Scalar, ...]


@dataclass(frozen=True, slots=True)
class Point:
    """A place on earth in degrees."""

    latitude: float
    longitude: float


@dataclass(frozen=True, slots=True)
class Candidate:
    """A place where a demand may live.

    `id` is an advertised node's component_id (cloud) or a sliver's URN (service); `provider` the
    inventory that told of it. `location_id` is the component manager's URN. `zones` by category:
    without a value a zone constraint is never met. `capacity` is how many demands may share it
    (None: any number).
    `attachment` is its node in the network graph. `rehome` is None when the demand lives nowhere
    yet, False when it lives here already. `passthrough` is what the template wants told again.
    `unique`: in no two recommendations.
    """

    id: str
    inventory_type: str
    provider: str
    location_id: str
    location_type: str = "geni-am"
    point: Point | None = None
    host_id: str = ""
    service_resource_id: str = ""
    cost: float = 0.0
    attributes: Mapping[str, Value] = field(default_factory=dict)
    zones: Mapping[str, str] = field(default_factory=dict)
    capacity: int | None = None
    attachment: str = ""
    rehome: bool | None = None
    passthrough: Mapping[str, object] = field(default_factory=dict)
    unique: bool = False

    def attribute(self, name: str) -> Value | None:
        """An attribute, or under its name in a template one of the fields; None: not told."""
        if name in self.attributes:
            return self.attributes[name]
        own: dict[str, Value] = {
            "candidate_id": self.id,
            "inventory_type": self.inventory_type,
            "inventory_provider": self.provider,
            "location_id": self.location_id,
            "location_type": self.location_type,
            "host_id": self.host_id,
            "cost": self.cost,
            "region": self.zones.get("region", ""),
        }
        return own.get(name) or None


@dataclass(frozen=True, slots=True)
class Edge:
    """A link between two nodes: kbit/s, milliseconds, kilometres; None: not known."""

    ends: tuple[str, str]
    capacity: float | None = None
    latency: float | None = None
    length: float | None = None


@dataclass(frozen=True, slots=True)
class Graph:
    """The advertised network: nodes with their places, and links."""

    points: Mapping[str, Point | None] = field(default_factory=dict)
    edges: tuple[Edge, ...] = ()


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a controller says of a candidate, and why not."""

    fits: bool
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Removal:
    """A candidate of a demand that is out, and why; `by` names the constraint, or the
    demand's own condition like `attributes` or `required_candidates`.
    """

    demand: str
    candidate: str
    by: str
    reason: str


@dataclass(frozen=True, slots=True)
class Stock:
    """All that a template can be solved with.

    `candidates` are by demand, `points` by location. `verdicts` are by constraint and candidate
    id (instance_fit, region_fit), `seats` by license constraint: how many are free. `removed` are
    candidates that did not meet their demand's own conditions; `failures` say which inventories
    or aggregates gave no answer.
    """

    candidates: Mapping[str, tuple[Candidate, ...]]
    points: Mapping[str, Point] = field(default_factory=dict)
    graph: Graph = field(default_factory=Graph)
    groups: Mapping[str, frozenset[str]] = field(default_factory=dict)
    verdicts: Mapping[str, Mapping[str, Verdict]] = field(default_factory=dict)
    seats: Mapping[str, int] = field(default_factory=dict)
    removed: tuple[Removal, ...] = ()
    failures: tuple[str, ...] = ()
