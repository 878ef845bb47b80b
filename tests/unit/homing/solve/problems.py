"""Templates and stocks made of numbers, and what a search through everything finds."""

import itertools
import math
import random
from collections.abc import Iterable, Mapping
from dataclasses import replace

from gcf_am.homing.finding import Where
from gcf_am.homing.solve.filters import judge_of
from gcf_am.homing.solve.network import Network, Start
from gcf_am.homing.sphere import distance
from gcf_am.homing.stock import Candidate, Edge, Graph, Point, Stock
from gcf_am.homing.terms import (
    Constraint,
    Demand,
    DistanceRule,
    GroupRule,
    NetworkRule,
    Objective,
    Rule,
    Template,
    Term,
    ZoneRule,
)
from gcf_am.homing.threshold import Dimension, read_threshold

HERE = Where("test")


def km(text: str) -> DistanceRule:
    return DistanceRule(read_threshold(text, Dimension.DISTANCE))


def near(text: str, location: str) -> DistanceRule:
    return replace(km(text), location=location)


def constraint(name: str, demands: Iterable[str], rule: Rule) -> Constraint:
    return Constraint(name, type(rule).__name__, tuple(demands), rule, HERE)


def template(
    demands: Iterable[str],
    constraints: Iterable[Constraint] = (),
    objective: Objective | None = None,
) -> Template:
    made = {name: Demand(name, (), HERE) for name in demands}
    return Template("2017-10-10", {}, {}, made, tuple(constraints), (), objective)


def between(one: str, other: str, weight: float = 1.0, function: str = "distance_between") -> Term:
    return Term(weight, function, (one, other), HERE)


def candidate(
    name: str, place: tuple[float, float] | None = (0.0, 0.0), **more: object
) -> Candidate:
    point = None if place is None else Point(*place)
    made = Candidate(name, "cloud", "test", "urn:publicid:IDN+a+authority+am", point=point)
    return replace(made, **more)  # type: ignore[arg-type]


def sites(
    kind: str, demands: int, sites_: int, seed: int, *, places: int | None = None
) -> tuple[Template, Stock]:
    """The problems that the original was measured with, in a box around the United States.

    easy: all within 1500 km of one place; chain and tight: each near a place of its own and no
    further than 900 or 250 km from its neighbour; always at different sites.
    """
    numbers = random.Random(seed)

    def place() -> tuple[float, float]:
        return (numbers.uniform(25, 49), numbers.uniform(-124, -67))

    found = [place() for _ in range(places or sites_)]
    names = [f"d{at}" for at in range(demands)]
    candidates = tuple(
        candidate(
            f"c{at:04}", found[at % len(found)], zones={"complex": str(at % len(found))}, capacity=1
        )
        for at in range(sites_)
    )
    points = {f"l{at}": Point(*place()) for at in range(demands)}
    wanted = [constraint("different", names, ZoneRule(same=False, category="complex"))]
    if kind == "easy":
        points = {"l0": Point(39, -95)}
        wanted.append(constraint("near", names, near("< 1500 km", "l0")))
        terms = [between("l0", name) for name in names]
    else:
        most = {"chain": "< 900 km", "tight": "< 250 km"}[kind]
        wanted += [
            constraint(f"link {at}", pair, km(most))
            for at, pair in enumerate(itertools.pairwise(names))
        ]
        terms = [between(f"l{at}", name) for at, name in enumerate(names)]
    asked = template(names, wanted, Objective(tuple(terms)))
    return asked, Stock(dict.fromkeys(names, candidates), points)


def small(seed: int) -> tuple[Template, Stock]:
    """A small problem with any mixture of constraints, scarce nodes and objectives."""
    numbers = random.Random(seed)
    names = [f"d{at}" for at in range(numbers.randint(1, 4))]
    places = [(numbers.uniform(0, 10), numbers.uniform(0, 10)) for _ in range(5)]
    pool = [
        candidate(
            f"c{at}",
            numbers.choice(places),
            zones={"region": numbers.choice("abc"), "complex": numbers.choice("xyz")},
            capacity=numbers.choice([1, 1, 2, None]),
            cost=float(numbers.randint(0, 3)),
            attachment=f"n{numbers.randint(0, 4)}",
        )
        for at in range(numbers.randint(2, 7))
    ]
    candidates = {
        name: tuple(
            sorted(numbers.sample(pool, numbers.randint(1, len(pool))), key=lambda one: one.id)
        )
        for name in names
    }
    graph = Graph(
        {f"n{at}": Point(*place) for at, place in enumerate(places)},
        tuple(
            Edge((f"n{one}", f"n{other}"), numbers.choice([1e5, 1e6]), numbers.uniform(1, 9))
            for one, other in itertools.combinations(range(5), 2)
            if numbers.random() < 0.5
        ),
    )
    groups = {
        name: frozenset(one.id for one in pool if numbers.random() < 0.6) for name in ("g1", "g2")
    }
    points = {"me": Point(5, 5), "you": Point(1, 9)}
    kinds: list[Rule] = [
        ZoneRule(same=numbers.random() < 0.3, category=numbers.choice(["region", "complex"])),
        km(f"{numbers.choice(['<', '>', '<='])} {numbers.randint(100, 900)} km"),
        near(f"< {numbers.randint(300, 900)} km", "me"),
        NetworkRule(read_threshold(">= 500", Dimension.THROUGHPUT)),
        NetworkRule(latency=read_threshold("< 9 ms", Dimension.TIME)),
    ]
    kinds += [GroupRule()] if len(names) > 1 else []
    wanted = [
        constraint(
            f"k{at}",
            sorted(numbers.sample(names, numbers.randint(min(2, len(names)), len(names)))),
            rule,
        )
        for at, rule in enumerate(numbers.sample(kinds, numbers.randint(0, 3)))
    ]
    terms = [Term(1.0, "cost", (name,), HERE) for name in names if numbers.random() < 0.5]
    terms += [
        between("me", name, numbers.choice([1.0, 2.5])) for name in names if numbers.random() < 0.7
    ]
    terms += [
        between(one, other, 0.5)
        for one, other in itertools.combinations(names, 2)
        if numbers.random() < 0.4
    ]
    objective = Objective(tuple(terms), 7.0, maximize=numbers.random() < 0.3)
    asked = template(names, wanted, numbers.choice([objective, objective, None]))
    return asked, Stock(candidates, points, graph, groups)


def everything(asked: Template, stock: Stock) -> list[float]:
    """The objectives of all combinations that keep every constraint, the best first."""
    names = sorted(asked.demands)
    found = []
    for chosen in itertools.product(*(stock.candidates[name] for name in names)):
        homes = dict(zip(names, chosen, strict=True))
        if _room(chosen) and all(_holds(one, homes, stock) for one in asked.constraints):
            found.append(_objective(asked, homes, stock))
    goes_up = asked.objective is None or not asked.objective.maximize
    return sorted(found, reverse=not goes_up)


def _room(chosen: Iterable[Candidate]) -> bool:
    told = list(chosen)
    return all(
        one.capacity is None or sum(other.id == one.id for other in told) <= one.capacity
        for one in told
    )


def _holds(asked: Constraint, homes: Mapping[str, Candidate], stock: Stock) -> bool:
    judge = judge_of(asked, stock)
    if judge is not None and any(judge(name, homes[name]) for name in asked.demands):
        return False
    mine = [homes[name] for name in asked.demands]
    if isinstance(asked.rule, GroupRule):
        return any(all(one.id in group for one in mine) for group in stock.groups.values())
    for one, other in itertools.combinations(mine, 2):
        match asked.rule:
            case DistanceRule(location=None, distance=threshold):
                if not threshold.holds(_apart(one, other)):
                    return False
            case NetworkRule(location=None) as rule:
                if not Network(stock.graph, rule).reaches(Start(one.attachment), other.attachment):
                    return False
            case ZoneRule(same=same, category=category):
                if (one.zones[category] == other.zones[category]) is not same:
                    return False
    return True


def _apart(one: Candidate, other: Candidate) -> float:
    assert one.point is not None
    assert other.point is not None
    return distance(one.point, other.point)


def _objective(asked: Template, homes: Mapping[str, Candidate], stock: Stock) -> float:
    if asked.objective is None:
        return math.fsum(one.cost for one in homes.values())
    total = asked.objective.constant
    for term in asked.objective.terms:
        if term.function == "cost":
            total += term.weight * homes[term.operands[0]].cost
            continue
        first, second = (
            stock.points[name] if name in stock.points else homes[name].point
            for name in term.operands
        )
        assert first is not None
        assert second is not None
        total += term.weight * distance(first, second)
    return total
