"""A template and a stock as what a search needs: options, relations, costs.

Candidates that nothing tells apart are one option, however many nodes a site has.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

from gcf_am.homing.solve.costs import Costs, Pair, PairCost
from gcf_am.homing.solve.filters import judge_of
from gcf_am.homing.solve.option import Option
from gcf_am.homing.solve.relations import Relation, relation_of
from gcf_am.homing.sphere import vector
from gcf_am.homing.stock import Candidate, Removal, Stock
from gcf_am.homing.terms import Constraint, GroupRule, NetworkRule, Objective, Template, ZoneRule


@dataclass(frozen=True, slots=True)
class Problem:
    """`demands` in the order of their names; `domains` are indices of `options` by demand.

    `relations` and `pair_costs` are by pairs (first < second) of demands. `groups` are sets of
    demands whose options must have a group in common, `different` demands that must lie in
    different zones of a category (which relations say, too).
    """

    demands: tuple[str, ...]
    options: tuple[Option, ...]
    domains: tuple[tuple[int, ...], ...]
    relations: Mapping[Pair, tuple[Relation, ...]]
    pair_costs: Mapping[Pair, tuple[PairCost, ...]]
    constant: float
    maximize: bool
    groups: tuple[tuple[int, ...], ...] = ()
    different: tuple[tuple[str, tuple[int, ...]], ...] = ()
    removals: tuple[Removal, ...] = ()

    def objective(self, value: float) -> float:
        """What the template's objective is, of a value that was minimised."""
        return self.constant - value if self.maximize else self.constant + value

    def fair(self, choice: Sequence[Option]) -> bool:
        """Whether a whole choice keeps what no pair shows: groups in common."""
        return all(
            frozenset.intersection(*(choice[one].groups for one in group)) for group in self.groups
        )


def compile_problem(
    template: Template, stock: Stock, constraints: Sequence[Constraint] | None = None
) -> Problem:
    """Compile, with all of the template's constraints or with these alone.

    1. Candidates that a constraint or the objective takes out.
    2. What tells the others apart.
    3. Constraints on pairs.
    4. The objective.
    """
    kept = template.constraints if constraints is None else tuple(constraints)
    kept = tuple(sorted(kept, key=lambda one: one.name))
    demands = tuple(sorted(template.demands))
    number = {name: index for index, name in enumerate(demands)}
    objective = template.objective or Objective(())
    # 1.
    judged, removals = _judge(demands, kept, stock)
    book = Costs(template.objective, stock)
    costs: dict[str, dict[str, float]] = {}
    for demand in demands:
        costs[demand] = {}
        for one in judged[demand]:
            cost, reason = book.unary(demand, one)
            if reason:
                removals.append(Removal(demand, one.id, "optimization", reason))
            else:
                costs[demand][one.id] = cost
    # 2.
    options = tuple(_options(demands, judged, costs, _Interest(kept, objective, stock)))
    domains = tuple(
        tuple(at for at, option in enumerate(options) if option.costs[index] is not None)
        for index in range(len(demands))
    )
    # 3.
    relations: dict[Pair, list[Relation]] = {}
    groups: list[tuple[int, ...]] = []
    different: list[tuple[str, tuple[int, ...]]] = []
    for constraint in kept:
        relation = relation_of(constraint, stock)
        indices = sorted(number[name] for name in constraint.demands)
        if relation is not None:
            for pair in combinations(indices, 2):
                relations.setdefault(pair, []).append(relation)
        if isinstance(constraint.rule, GroupRule) and len(indices) > 2:
            groups.append(tuple(indices))
        if isinstance(constraint.rule, ZoneRule) and not constraint.rule.same:
            different.append((constraint.rule.category, tuple(indices)))
    # 4.
    return Problem(
        demands,
        options,
        domains,
        {pair: tuple(found) for pair, found in relations.items()},
        book.pairs(number),
        objective.constant,
        objective.maximize,
        tuple(groups),
        tuple(different),
        tuple(removals),
    )


def _judge(
    demands: Sequence[str], constraints: Sequence[Constraint], stock: Stock
) -> tuple[dict[str, list[Candidate]], list[Removal]]:
    """The candidates that each demand keeps, and what took out the others."""
    removals: list[Removal] = []
    for constraint in constraints:
        judge = judge_of(constraint, stock)
        if judge is None:
            continue
        for demand in constraint.demands:
            removals += [
                Removal(demand, one.id, constraint.name, reason)
                for one in stock.candidates.get(demand, ())
                if (reason := judge(demand, one))
            ]
    out = {(one.demand, one.candidate) for one in removals}
    return {
        demand: [one for one in stock.candidates.get(demand, ()) if (demand, one.id) not in out]
        for demand in demands
    }, removals


@dataclass(frozen=True, slots=True)
class _Interest:
    """What of a candidate matters to the constraints and the objective."""

    constraints: Sequence[Constraint]
    objective: Objective
    stock: Stock

    def categories(self) -> tuple[str, ...]:
        """The zones' categories."""
        rules = (one.rule for one in self.constraints)
        return tuple(sorted({one.category for one in rules if isinstance(one, ZoneRule)}))

    def network(self) -> bool:
        """Whether it matters where in the network a candidate is."""
        return any(isinstance(one.rule, NetworkRule) for one in self.constraints) or any(
            one.function == "latency_between" for one in self.objective.terms
        )

    def groups_of(self) -> dict[str, frozenset[str]]:
        """The groups of each candidate, if any constraint asks."""
        if not any(isinstance(one.rule, GroupRule) for one in self.constraints):
            return {}
        found: dict[str, set[str]] = {}
        for name, members in self.stock.groups.items():
            for one in members:
                found.setdefault(one, set()).add(name)
        return {one: frozenset(names) for one, names in found.items()}


def _options(
    demands: Sequence[str],
    judged: Mapping[str, Sequence[Candidate]],
    costs: Mapping[str, Mapping[str, float]],
    interest: _Interest,
) -> Iterator[Option]:
    """The options in the order of their first members."""
    categories, networked, groups = interest.categories(), interest.network(), interest.groups_of()
    seen: dict[str, Candidate] = {}
    for demand in demands:
        for one in judged[demand]:
            if one.id in costs[demand]:
                seen.setdefault(one.id, one)
    alike: dict[tuple[object, ...], list[str]] = {}
    for name, one in sorted(seen.items()):
        alike.setdefault(
            (
                one.point,
                tuple(one.zones.get(category, "") for category in categories),
                one.attachment if networked else "",
                groups.get(name, frozenset()),
                one.capacity,
                tuple(costs[demand].get(name) for demand in demands),
            ),
            [],
        ).append(name)
    for members in alike.values():
        one = seen[members[0]]
        yield Option(
            tuple(members),
            one.capacity,
            tuple(costs[demand].get(one.id) for demand in demands),
            one.point,
            None if one.point is None else vector(one.point),
            {category: one.zones.get(category, "") for category in categories},
            one.attachment if networked else "",
            groups.get(one.id, frozenset()),
        )
