"""Everything that a template can be solved with, asked of whoever knows it."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace

from gcf_am.homing.condition import Condition
from gcf_am.homing.finding import Finding, TemplateErrors, nearest
from gcf_am.homing.inventory.network import merged
from gcf_am.homing.inventory.places import Places
from gcf_am.homing.inventory.provider import Context, Fitting, Inventory, Unavailable
from gcf_am.homing.stock import Candidate, Graph, Point, Removal, Stock, Value, Verdict
from gcf_am.homing.terms import (
    AttributeRule,
    Demand,
    FitRule,
    LicenseRule,
    Location,
    NetworkRule,
    Requirement,
    Template,
)

# How many seats of a licence (its id and key) are free.
Seats = Callable[[str, str], int]


def no_seats(_id: str, _key: str) -> int:
    """Nobody keeps licences."""
    return 0


def gather(
    template: Template,
    inventories: Mapping[str, Inventory],
    controllers: Mapping[str, Fitting],
    context: Context,
    *,
    places: Places | None = None,
    seats: Seats = no_seats,
) -> Stock:
    """Ask inventories for candidates, places and the network, and controllers for verdicts.

    `inventories` are by the names that templates use; one may have several. `places` is asked for
    locations before them. Inventories that give no answer are told of in the stock.

    Raises TemplateErrors for what a template names and nobody knows, Unavailable when no
    inventory has answered.
    """
    asked = _Asked(template, inventories, context)
    asked.prepare()
    candidates = {
        name: asked.candidates_of(demand) for name, demand in sorted(template.demands.items())
    }
    points = {
        name: point
        for name, one in template.locations.items()
        if (point := asked.point_of(one, places or Places())) is not None
    }
    asked.check_attributes()
    verdicts = {
        one.name: _verdicts(one.demands, one.rule, candidates, controllers, context)
        for one in template.constraints
        if isinstance(one.rule, FitRule)
    }
    if asked.findings:
        raise TemplateErrors(asked.findings)
    return Stock(
        candidates,
        points,
        asked.network(),
        asked.groups(),
        verdicts,
        {
            one.name: seats(one.rule.id, one.rule.key)
            for one in template.constraints
            if isinstance(one.rule, LicenseRule)
        },
        tuple(asked.removed),
        tuple(asked.failures),
    )


@dataclass(slots=True)
class _Asked:
    """What was answered so far."""

    template: Template
    inventories: Mapping[str, Inventory]
    context: Context
    removed: list[Removal] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    _ready: list[Inventory] = field(default_factory=list)
    _seen: dict[str, list[Candidate]] = field(default_factory=dict)

    def prepare(self) -> None:
        """Ask the inventories that demands name, and those that may know a location."""
        named = {
            one.provider
            for demand in self.template.demands.values()
            for one in demand.requirements
            if one.candidates is None
        }
        if any(one.point is None for one in self.template.locations.values()):
            named |= set(self.inventories)
        down: list[Unavailable] = []
        for inventory in _once(
            self.inventories[name] for name in sorted(named & set(self.inventories))
        ):
            try:
                self.failures += inventory.prepare(self.context)
                self._ready.append(inventory)
            except Unavailable as error:
                down.append(error)
                self.failures.append(str(error))
        if down and not self._ready:
            raise down[0]

    def candidates_of(self, demand: Demand) -> tuple[Candidate, ...]:
        """A demand's candidates, each id once, and what its own conditions take out."""
        found: dict[str, Candidate] = {}
        for requirement in demand.requirements:
            for one in self._told(requirement):
                made = _completed(one, requirement)
                self._seen.setdefault(demand.name, []).append(made)
                why = _own_conditions(made, requirement, self.context)
                if why is None:
                    found.setdefault(made.id, made)
                else:
                    self.removed.append(Removal(demand.name, made.id, *why))
        # what one entry refuses another may take
        self.removed = [
            one for one in self.removed if one.demand != demand.name or one.candidate not in found
        ]
        return tuple(sorted(found.values(), key=lambda one: one.id))

    def point_of(self, location: Location, places: Places) -> Point | None:
        """Where a location is."""
        if location.point is not None:
            return location.point
        try:
            point = places.resolve(location)
            for inventory in self._ready:
                point = point or inventory.resolve(location, self.context)
        except ValueError as error:
            self.findings.append(Finding.at(location.where, str(error)))
            return None
        if point is None:
            told = ", ".join(f"{name} {word}" for name, word in location.words.items())
            self.findings.append(Finding.at(location.where, f"nobody knows where {told[:120]} is"))
        return point

    def check_attributes(self) -> None:
        """Refuse names of attributes that no candidate has: they are misspelled."""
        for constraint in self.template.constraints:
            if not isinstance(constraint.rule, AttributeRule):
                continue
            seen = [one for name in constraint.demands for one in self._seen.get(name, ())]
            known = sorted({name for one in seen for name in one.attributes})
            for name, _condition, where in constraint.rule.conditions:
                if seen and all(one.attribute(name) is None for one in seen):
                    message = f"no candidate of {', '.join(constraint.demands)} has an attribute {name[:60]!r}"
                    self.findings.append(Finding.at(where, message, nearest(name, known)))

    def network(self) -> Graph:
        """The network, if anything asks for it."""
        terms = self.template.objective.terms if self.template.objective else ()
        wanted = any(isinstance(one.rule, NetworkRule) for one in self.template.constraints)
        if not wanted and all(one.function != "latency_between" for one in terms):
            return Graph()
        return merged(one.network(self.context) for one in self._ready)

    def groups(self) -> dict[str, frozenset[str]]:
        """All groups; those of one name are one."""
        found: dict[str, frozenset[str]] = {}
        for inventory in self._ready:
            for name, ids in inventory.groups(self.context).items():
                found[name] = found.get(name, frozenset()) | ids
        return found

    def _told(self, requirement: Requirement) -> Iterable[Candidate]:
        if requirement.candidates is not None:
            return requirement.candidates
        inventory = self.inventories.get(requirement.provider)
        if inventory is None:
            message = f"there is no inventory provider {requirement.provider[:60]!r}"
            hint = nearest(requirement.provider, self.inventories)
            self.findings.append(Finding.at(requirement.where, message, hint))
            return ()
        return inventory.candidates(requirement, self.context) if inventory in self._ready else ()


def _completed(one: Candidate, requirement: Requirement) -> Candidate:
    """The candidate with what its demand's entry says of it."""
    defaults: dict[str, Value] = {
        name: value
        for name, value in requirement.defaults.items()
        if isinstance(value, str | int | float) and name not in one.attributes
    }
    return replace(
        one,
        # an inventory that tells no price tells 0
        cost=one.cost or requirement.default_cost,
        attributes={**defaults, **one.attributes},
        passthrough=requirement.passthrough,
        rehome=one.id not in requirement.existing if requirement.existing else None,
        unique=requirement.unique,
    )


def _own_conditions(
    one: Candidate, requirement: Requirement, context: Context
) -> tuple[str, str] | None:
    """What of the demand's entry takes the candidate out, and why."""
    if one.id in context.excluded or one.location_id in context.excluded:
        return "an earlier attempt", "it refused this plan before"
    if requirement.required is not None and one.id not in requirement.required:
        return "required_candidates", "it is not among them"
    if one.id in requirement.excluded:
        return "excluded_candidates", "it is among them"
    for name, condition in requirement.attributes:
        if reason := _unmet(one, name, condition):
            return "attributes", reason
    return None


def _unmet(one: Candidate, name: str, condition: Condition) -> str:
    value = one.attribute(name)
    if value is None:
        return f"it has no {name}"
    if condition.holds(value):
        return ""
    told = ", ".join(map(str, value)) if isinstance(value, tuple) else str(value)
    return f"its {name} is {told[:80]}, not {condition}"


def _verdicts(
    demands: Iterable[str],
    rule: FitRule,
    candidates: Mapping[str, tuple[Candidate, ...]],
    controllers: Mapping[str, Fitting],
    context: Context,
) -> Mapping[str, Verdict]:
    """What the controller says of each candidate of the type that it judges."""
    asked = {
        one.id: one
        for name in demands
        for one in candidates.get(name, ())
        if one.inventory_type == rule.applies_to
    }
    controller = controllers.get(rule.controller)
    if controller is None:
        reason = f"there is no controller {rule.controller[:60]}"
        return {name: Verdict(fits=False, reason=reason) for name in asked}
    return controller.fits(tuple(asked.values()), rule.request, context) if asked else {}


def _once(inventories: Iterable[Inventory]) -> list[Inventory]:
    """Each of them once, though it may have several names."""
    found: list[Inventory] = []
    for one in inventories:
        if all(one is not other for other in found):
            found.append(one)
    return found
