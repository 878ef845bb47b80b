"""What solving answers, and how the API tells it."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from gcf_am.homing.stock import Candidate, Removal


@dataclass(frozen=True, slots=True)
class Recommendation:
    """A home for every demand, and what the objective is with it."""

    choices: Mapping[str, Candidate]
    objective: float


@dataclass(frozen=True, slots=True)
class Infeasible:
    """Why there is no solution.

    `conflict` are names of constraints that cannot hold together although every proper subset of
    them can; empty when there are not enough candidates, whatever the constraints.
    """

    conflict: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Solution:
    """The best recommendations first, each objective no better than the one before.

    `status` is `solved` or `not found`. `optimal`: proven that none is better; else `bound` is
    what no solution can beat and `gap` the relative distance to it. `timed_out`: the
    budget was spent before the end. `engine` is `branch and bound` or `cp-sat`. `removed` counts
    by demand and constraint (or own condition) what each took out, `left` what remained of each
    demand; `removals` are some of those taken out, with reasons.
    """

    status: str
    recommendations: tuple[Recommendation, ...] = ()
    optimal: bool = False
    objective: float | None = None
    bound: float | None = None
    gap: float | None = None
    timed_out: bool = False
    engine: str = "branch and bound"
    message: str = ""
    infeasible: Infeasible | None = None
    removed: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    left: Mapping[str, int] = field(default_factory=dict)
    removals: tuple[Removal, ...] = ()
    warnings: tuple[str, ...] = ()

    def to_json(self) -> dict[str, object]:
        """For the store and the API, beside the recommendations: objective, bound, gap, ..."""
        told: dict[str, object] = {
            "status": self.status,
            "optimal": self.optimal,
            "objective": self.objective,
            "bound": self.bound,
            "gap": self.gap,
            "timed_out": self.timed_out,
            "engine": self.engine,
            "message": self.message,
            "warnings": list(self.warnings),
            "recommendations": [recommendation_to_json(one) for one in self.recommendations],
        }
        if self.infeasible is not None:
            told["infeasible"] = {
                "removed": {name: dict(one) for name, one in self.removed.items()},
                "left": dict(self.left),
                "conflict": list(self.infeasible.conflict),
            }
        return told


def recommendation_to_json(one: Recommendation) -> dict[str, object]:
    """A recommendation as the plan's answer shows it: by demand.

    Source: Homing API v1, Show plan details; a cloud's candidate_id is told too, since our
    location is an aggregate and the node would be unknown without it.
    """
    return {demand: _choice(candidate) for demand, candidate in one.choices.items()}


def _choice(candidate: Candidate) -> dict[str, object]:
    told: dict[str, object] = {
        "candidate_id": candidate.id,
        "inventory_type": candidate.inventory_type,
        "location_type": candidate.location_type,
        "location_id": candidate.location_id,
    }
    if candidate.host_id:
        told["host_id"] = candidate.host_id
    attributes: dict[str, object] = {
        name: list(value) if isinstance(value, tuple) else value
        for name, value in candidate.attributes.items()
    }
    if candidate.point is not None:
        attributes["latitude"] = candidate.point.latitude
        attributes["longitude"] = candidate.point.longitude
    attributes["cost"] = candidate.cost
    if candidate.rehome is not None:
        attributes["is_rehome"] = candidate.rehome
    attributes.update(candidate.passthrough)
    return {
        "inventory_provider": candidate.provider,
        "service_resource_id": candidate.service_resource_id,
        "candidate": told,
        "attributes": attributes,
    }
