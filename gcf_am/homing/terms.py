"""What a template says: demands, locations, constraints, reservations, an objective.

Everything is resolved (get_param, get_file) and judged; each part knows where it stands, for
messages that come later. Source: Homing template guide, version 2017-10-10.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from gcf_am.homing.condition import Condition
from gcf_am.homing.finding import Finding, Where
from gcf_am.homing.stock import Candidate, Point
from gcf_am.homing.threshold import Threshold
from gcf_am.rspec.needs import NodeNeed


class InventoryType(StrEnum):
    """What a candidate is: a node where a sliver can be made, or a sliver that exists.

    The others are of later Conductors (network slices); only lists of people's own hold them.
    """

    CLOUD = "cloud"
    SERVICE = "service"
    NSSI = "nssi"
    NSI = "nsi"
    NST = "nst"


class LocationKind(StrEnum):
    """How a location is told."""

    COORDINATES = "coordinates"
    HOST_NAME = "host_name"
    CLLI_CODE = "clli_code"
    PLACEMARK = "placemark"


@dataclass(frozen=True, slots=True)
class Location:
    """A named place. `point` is there for coordinates alone; the other kinds say in `words` what
    a resolver is to look up: `host_name`, `clli_code`, or a placemark's keys.
    """

    name: str
    kind: LocationKind
    where: Where
    point: Point | None = None
    words: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Requirement:
    """One entry of a demand; a demand's candidates are those of all its entries.

    `provider` is the inventory's name as written. `attributes` must all hold.
    `defaults` are values of attributes that a candidate
    does not tell. `required` (when not None) are the only candidate ids, `excluded` never, `existing` is where
    the demand lives now. `candidates` are told in the template and need no provider. With
    `unique` no candidate stands in two recommendations.
    """

    provider: str
    inventory_type: InventoryType
    where: Where
    attributes: tuple[tuple[str, Condition], ...] = ()
    passthrough: Mapping[str, object] = field(default_factory=dict)
    defaults: Mapping[str, object] = field(default_factory=dict)
    service_types: tuple[str, ...] = ()
    service_ids: tuple[str, ...] = ()
    default_cost: float = 0.0
    required: frozenset[str] | None = None
    excluded: frozenset[str] = frozenset()
    existing: frozenset[str] = frozenset()
    candidates: tuple[Candidate, ...] | None = None
    unique: bool = False


@dataclass(frozen=True, slots=True)
class Demand:
    """What wants a home."""

    name: str
    requirements: tuple[Requirement, ...]
    where: Where


@dataclass(frozen=True, slots=True)
class AttributeRule:
    """Each demand's candidate has these attributes (types attribute and threshold)."""

    conditions: tuple[tuple[str, Condition, Where], ...]


@dataclass(frozen=True, slots=True)
class DistanceRule:
    """Great-circle kilometres: of each demand to a location, or, without one, of every pair."""

    distance: Threshold
    location: str | None = None


@dataclass(frozen=True, slots=True)
class NetworkRule:
    """Along the network, of each demand to a location or of every pair: Mbit/s, km, ms."""

    bandwidth: Threshold | None = None
    distance: Threshold | None = None
    latency: Threshold | None = None
    location: str | None = None


@dataclass(frozen=True, slots=True)
class ZoneRule:
    """Every pair lies in the `same` or in different zones of a category (disaster, region,
    complex, time, maintenance, country).
    """

    same: bool
    category: str


@dataclass(frozen=True, slots=True)
class GroupRule:
    """All demands' candidates lie in one group that the inventory knows."""


@dataclass(frozen=True, slots=True)
class FitRule:
    """A controller is asked for each candidate of one inventory type; others pass
    (instance_fit: service, region_fit: cloud).
    """

    controller: str
    request: Mapping[str, object]
    applies_to: InventoryType


@dataclass(frozen=True, slots=True)
class LicenseRule:
    """A licence has a seat for each demand."""

    id: str
    key: str


@dataclass(frozen=True, slots=True)
class CapabilityRule:
    """Each demand's node can hold what one of `nodes` asks for.

    Read from a Heat template's servers or an RSpec fragment's nodes: one of them is for a demand
    of its own name, else every one must fit.
    """

    specification: str
    nodes: tuple[NodeNeed, ...]


Rule = (
    AttributeRule
    | DistanceRule
    | NetworkRule
    | ZoneRule
    | GroupRule
    | FitRule
    | LicenseRule
    | CapabilityRule
)


@dataclass(frozen=True, slots=True)
class Constraint:
    """A named condition on demands, in the template's own `type` word."""

    name: str
    type: str
    demands: tuple[str, ...]
    rule: Rule
    where: Where


@dataclass(frozen=True, slots=True)
class Reservation:
    """Resources of the chosen candidates to be reserved by a controller.

    `request` is checked for its shape only: its keys are the controller's business
    (`request_where` is where it stands).
    """

    name: str
    demands: tuple[str, ...]
    controller: str
    request: Mapping[str, object]
    where: Where
    request_where: Where


@dataclass(frozen=True, slots=True)
class Term:
    """`weight` times a function: `distance_between` or `latency_between` two names (a location
    or a demand each), `cost` of a demand, or `attribute` of a demand (its name and the
    attribute's).
    """

    weight: float
    function: str
    operands: tuple[str, ...]
    where: Where


@dataclass(frozen=True, slots=True)
class Objective:
    """What to minimise (or to maximise): a constant and a sum of terms."""

    terms: tuple[Term, ...]
    constant: float = 0.0
    maximize: bool = False


@dataclass(frozen=True, slots=True)
class Template:
    """A whole template. `warnings` are what was understood in a way its author may not expect."""

    version: str
    parameters: Mapping[str, object]
    locations: Mapping[str, Location]
    demands: Mapping[str, Demand]
    constraints: tuple[Constraint, ...] = ()
    reservations: tuple[Reservation, ...] = ()
    objective: Objective | None = None
    warnings: tuple[Finding, ...] = ()
