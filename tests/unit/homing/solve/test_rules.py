"""What each constraint and the objective mean."""

import math
from dataclasses import replace
from typing import Any

import pytest

from gcf_am.homing.condition import Condition
from gcf_am.homing.solve import solving
from gcf_am.homing.solve.budget import Budget, Spent
from gcf_am.homing.solve.network import Network, Start
from gcf_am.homing.solve.solving import solve
from gcf_am.homing.sphere import distance
from gcf_am.homing.stock import Edge, Graph, Point, Removal, Stock
from gcf_am.homing.terms import (
    AttributeRule,
    CapabilityRule,
    GroupRule,
    NetworkRule,
    Objective,
    Term,
    ZoneRule,
)
from gcf_am.homing.threshold import Dimension, read_threshold
from gcf_am.rspec.needs import NodeNeed, read_needs
from tests.unit.homing.solve.problems import (
    HERE,
    between,
    candidate,
    constraint,
    km,
    near,
    sites,
    template,
)
from tests.unit.homing.solve.test_exact import needs_cpsat


def homes(asked: Any, stock: Stock, limit: int = 1) -> list[list[str]]:
    found = solve(asked, stock, limit=limit).recommendations
    return [[one.choices[name].id for name in sorted(one.choices)] for one in found]


def network(**asked: str) -> NetworkRule:
    dimensions = {
        "bandwidth": Dimension.THROUGHPUT, "distance": Dimension.DISTANCE, "latency": Dimension.TIME,
    }  # fmt: skip
    return NetworkRule(
        **{name: read_threshold(text, dimensions[name]) for name, text in asked.items()}  # type: ignore[arg-type]
    )


def test_distances_are_the_haversines_of_a_sphere_of_6371_km() -> None:
    assert distance(Point(0, 0), Point(0, 180)) == pytest.approx(math.pi * 6371.0)
    dallas, new_york = Point(32.89748, -97.040443), Point(40.6413, -73.7781)
    # by the law of cosines
    one, other = math.radians(dallas.latitude), math.radians(new_york.latitude)
    turn = math.radians(new_york.longitude - dallas.longitude)
    angle = math.acos(
        math.sin(one) * math.sin(other) + math.cos(one) * math.cos(other) * math.cos(turn)
    )
    assert distance(dallas, new_york) == pytest.approx(6371.0 * angle, abs=0.001)
    assert distance(Point(5, 5), Point(5, 5)) == 0


def test_a_sum_of_two_distances_is_that_computed_by_hand() -> None:
    places = {"w": (0.0, 0.0), "x": (0.0, 1.0), "y": (0.0, 2.0), "z": (0.0, 5.0)}
    stock = Stock(
        {
            name: tuple(candidate(one, place) for one, place in places.items())
            for name in ("a", "b")
        },
        {"me": Point(0, 0)},
    )
    degree = math.pi * 6371.0 / 180
    apart = constraint("apart", "ab", km("> 150 km"))
    asked = template("ab", [apart], Objective((between("me", "a"), between("me", "b", 3))))
    solution = solve(asked, stock, limit=2)
    assert solution.optimal
    assert solution.objective == pytest.approx(2 * degree)
    assert homes(asked, stock, 2) == [["y", "w"], ["w", "y"]] or homes(asked, stock, 2)[0] == [
        "y",
        "w",
    ]


def test_a_weight_changes_the_objective() -> None:
    stock = Stock({"a": (candidate("c", (0, 1)),)}, {"me": Point(0, 0)})
    one = solve(template("a", (), Objective((between("me", "a"),))), stock)
    ten = solve(template("a", (), Objective((between("me", "a", 10),))), stock)
    assert one.objective is not None
    assert ten.objective == pytest.approx(one.objective * 10)


def test_zones_all_different_are_as_many_as_demands() -> None:
    stock = Stock(
        dict.fromkeys(
            "abc", tuple(candidate(f"c{at}", zones={"region": str(at % 3)}) for at in range(6))
        )
    )
    rule = constraint("apart", "abc", ZoneRule(same=False, category="region"))
    (found,) = homes(template("abc", [rule]), stock)
    assert len({name[1:] for name in found}) == 3
    two = replace(
        stock,
        candidates=dict.fromkeys(
            "abc", tuple(candidate(f"c{at}", zones={"region": str(at % 2)}) for at in range(400))
        ),
    )
    solution = solve(template("abc", [rule]), two)
    assert solution.infeasible is not None
    assert solution.infeasible.conflict == ("apart",)


def test_a_candidate_without_a_zone_is_never_chosen() -> None:
    told, silent = candidate("told", zones={"time": "UTC+1"}), candidate("silent")
    for same in (True, False):
        rule = constraint("k", "ab", ZoneRule(same=same, category="time"))
        found = solve(template("ab", [rule]), Stock(dict.fromkeys("ab", (silent, told))))
        assert Removal("a", "silent", "k", "it tells no time zone") in found.removals
        assert found.status == ("solved" if same else "not found")


def test_a_candidate_without_a_place_is_usable_where_no_distance_matters() -> None:
    stock = Stock({"a": (candidate("lost", None),)}, {"me": Point(0, 0)})
    assert homes(template("a"), stock) == [["lost"]]
    for asked in (
        template("a", [constraint("k", "a", near("< 5 km", "me"))]),
        template("a", (), Objective((between("me", "a"),))),
    ):
        solution = solve(asked, stock)
        assert solution.removals[0].reason == "it tells no latitude and longitude"
        assert solution.status == "not found"


def test_exclusive_nodes_serve_one_demand_and_shared_ones_as_many_as_they_have_slots() -> None:
    stock = Stock(
        dict.fromkeys("abc", (candidate("one", capacity=1), candidate("two", capacity=2)))
    )
    (found,) = homes(template("abc"), stock)
    assert sorted(found) == ["one", "two", "two"]
    crowd = Stock(dict.fromkeys("abcd", stock.candidates["a"]))
    solution = solve(template("abcd"), crowd)
    assert "not enough candidates for all demands at once" in solution.message


def test_alike_nodes_are_one_in_the_search_and_several_in_the_answer() -> None:
    nodes = tuple(candidate(f"n{at:03}", capacity=1) for at in range(300))
    found = homes(template("abcdefgh"), Stock(dict.fromkeys("abcdefgh", nodes)), 3)
    assert len(found) == 3
    assert all(len(set(one)) == 8 for one in found)


def test_groups_hold_all_demands() -> None:
    stock = Stock(
        dict.fromkeys("abc", tuple(candidate(one) for one in "xyz")),
        groups={"g": frozenset("xy"), "h": frozenset("yz"), "i": frozenset("xz")},
    )
    rule = constraint("k", "abc", GroupRule())
    found = homes(template("abc", [rule]), stock, 100)
    # pairs of different groups are not enough
    assert all(set(one) < set("xyz") for one in found)
    assert len(found) == 21


def test_capability() -> None:
    needs = read_needs(
        '<node client_id="a" exclusive="true"><hardware_type name="pc"/><interface/></node><node client_id="z"/>'
    )
    fits = candidate(
        "fits", attributes={"hardware_type": ("pc",), "exclusive": True, "interfaces": 2}
    )
    lacks = candidate(
        "lacks", attributes={"hardware_type": ("vm",), "exclusive": True, "interfaces": 2}
    )
    solution = solve(
        template("a", [constraint("k", "a", CapabilityRule("rspec", needs))]),
        Stock({"a": (fits, lacks)}),
    )
    assert solution.recommendations[0].choices["a"].id == "fits"
    assert solution.removals[0].reason == "a: it offers no hardware_type pc"
    flavor = CapabilityRule("heat", (NodeNeed("web", flavor="pc", disk_image="debian"),))
    image = candidate(
        "image",
        attributes={"sliver_type": ("pc",), "disk_image": ("urn:publicid:IDN+a+image+os//debian",)},
    )
    assert homes(template("a", [constraint("k", "a", flavor)]), Stock({"a": (fits, image)})) == [
        ["image"]
    ]


LINE = Graph(
    {"w": Point(0, 0), "x": Point(0, 1), "y": Point(0, 2), "z": None},
    (
        Edge(("w", "x"), 1e6, 1.0),
        Edge(("x", "y"), 1e6, 1.0),
        Edge(("w", "y"), 1e4, 0.5),
        Edge(("y", "z"), 1e6, None),
    ),
)


@pytest.mark.parametrize(
    ("rule", "start", "end", "meets"),
    [
        (network(bandwidth=">= 1000 Mbps"), "w", "y", True),
        (network(bandwidth="> 1 Gbps"), "w", "y", False),
        (network(latency="< 1 ms"), "w", "y", True),
        # the fast link is too narrow
        (network(bandwidth=">= 1000 Mbps", latency="< 1 ms"), "w", "y", False),
        (network(bandwidth=">= 1000 Mbps", latency="<= 2 ms"), "w", "y", True),
        # along the path, by x
        (network(bandwidth=">= 1000 Mbps", distance="< 223 km"), "w", "y", True),
        (network(distance="< 222 km"), "w", "y", False),
        # one node meets all that is a most
        (network(bandwidth=">= 9 Gbps", latency="< 1 ms", distance="< 1 km"), "w", "w", True),
        # what a link does not tell it cannot prove
        (network(latency="< 999 ms"), "y", "z", False),
        (network(bandwidth=">= 1 Mbps"), "y", "z", True),
    ],
)  # fmt: skip
def test_paths(rule: NetworkRule, start: str, end: str, meets: bool) -> None:
    assert Network(LINE, rule).reaches(Start(start), end) is meets


def test_a_path_meets_latency_and_length_together() -> None:
    graph = Graph(
        {},
        (
            Edge(("a", "m"), 1e6, 1.0, 100.0), Edge(("m", "b"), 1e6, 1.0, 100.0),
            Edge(("a", "b"), 1e6, 9.0, 10.0),
        ),
    )  # fmt: skip
    assert Network(graph, network(latency="< 3 ms")).reaches(Start("a"), "b")
    assert Network(graph, network(distance="< 20 km")).reaches(Start("a"), "b")
    assert not Network(graph, network(latency="< 3 ms", distance="< 20 km")).reaches(
        Start("a"), "b"
    )
    assert Network(graph, network(latency="< 3 ms", distance="<= 200 km")).reaches(Start("a"), "b")
    # the shorter way is slower, and both are kept in mind
    assert Network(graph, network(latency="< 10 ms", distance="< 20 km")).reaches(Start("a"), "b")


def test_the_way_to_a_location_begins_at_the_nearest_node() -> None:
    nodes = tuple(candidate(name, (0, 0), attachment=name) for name in "wxy")
    stock = Stock({"a": nodes}, {"me": Point(0, -1)}, LINE)
    # 111 km of access take 0.56 ms
    rule = replace(network(latency="< 1.7 ms"), location="me")
    solution = solve(template("a", [constraint("k", "a", rule)]), stock, limit=3)
    assert [one.choices["a"].id for one in solution.recommendations] == ["w", "x", "y"]
    rule = replace(network(latency="< 1 ms"), location="me")
    assert homes(template("a", [constraint("k", "a", rule)]), stock, 3) == [["w"]]


def test_latency_can_be_minimised() -> None:
    nodes = tuple(candidate(name, None, attachment=name, capacity=1) for name in "wxy")
    stock = Stock({"a": nodes, "b": nodes}, {"me": Point(0, 0)}, LINE)
    terms = (
        between("me", "a", function="latency_between"),
        between("a", "b", function="latency_between"),
    )
    assert homes(template("ab", (), Objective(terms)), stock) == [["w", "y"]]


def test_without_an_objective_the_cheapest_is_chosen_and_the_same_each_time() -> None:
    stock = Stock(
        dict.fromkeys(
            "ab", (candidate("x", cost=2), candidate("y", cost=1), candidate("z", cost=1))
        )
    )
    assert {str(homes(template("ab"), stock)) for _ in range(10)} == {"[['y', 'y']]"}


def test_costs_are_no_kilometres() -> None:
    near_, far = candidate("near", (0, 0), cost=1e5), candidate("far", (0, 9), cost=0)
    stock = Stock({"a": (near_, far)}, {"me": Point(0, 0)})
    assert homes(template("a", (), Objective((between("me", "a"),))), stock) == [["near"]]
    cost = Term(1.0, "cost", ("a",), HERE)
    assert homes(template("a", (), Objective((cost,))), stock) == [["far"]]
    assert homes(template("a", (), Objective((cost,), maximize=True)), stock) == [["near"]]


def test_all_there_are_when_there_are_fewer_than_asked_for() -> None:
    stock = Stock({"a": (candidate("x"), candidate("y"))})
    solution = solve(template("a"), stock, limit=9)
    assert len(solution.recommendations) == 2
    assert (solution.optimal, solution.gap, solution.bound) == (True, 0.0, 0.0)


def test_unique_candidates_stand_in_one_recommendation() -> None:
    stock = Stock(
        {"a": (candidate("x", unique=True), candidate("y", unique=True)), "b": (candidate("z"),)}
    )
    assert homes(template("ab"), stock, 5) == [["x", "z"], ["y", "z"]]


def test_a_conflict_is_minimal() -> None:
    stock = Stock(
        dict.fromkeys(
            "ab",
            (
                candidate("x", (0, 0), attributes={"k": 1}),
                candidate("y", (0, 9), attributes={"k": 2}),
            ),
        ),
        {"me": Point(0, 0)},
    )
    rules = [
        constraint("harmless", "ab", AttributeRule((("k", Condition("gt", (0,)), HERE),))),
        constraint("here", "a", near("< 5 km", "me")),
        constraint("there", "b", near("> 5 km", "me")),
        constraint("together", "ab", km("< 5 km")),
    ]
    solution = solve(template("ab", rules), stock)
    assert solution.infeasible is not None
    assert solution.infeasible.conflict == ("here", "there", "together")
    assert solution.removed == {"a": {"here": 1}, "b": {"there": 1}}
    for out in solution.infeasible.conflict:
        left = [one for one in rules if one.name != out]
        assert solve(template("ab", left), stock).status == "solved"


def test_what_is_not_finished_in_time_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(solving, "installed", lambda: False)
    solution = solve(*sites("tight", 4, 200, 3), budget=-1)
    assert (solution.status, solution.timed_out, solution.infeasible) == ("not found", True, None)
    assert solution.message == "timed out before a solution was found"


def test_time_over_with_a_solution_in_hand(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(solving, "installed", lambda: False)
    monkeypatch.setattr(solving, "Budget", _Steps)
    asked, stock = _hard()
    solution = solve(asked, stock, budget=1500)
    assert (solution.status, solution.timed_out, solution.optimal) == ("solved", True, False)
    assert solution.bound is not None
    assert solution.objective is not None
    assert solution.bound <= solution.objective
    assert solution.gap is not None


class _Steps(Budget):
    """As many steps as it has seconds."""

    def __init__(self, seconds: float) -> None:
        super().__init__(3600)
        self._steps = seconds

    def check(self) -> None:
        self._steps -= 1
        if self._steps < 0:
            raise Spent


def _hard() -> tuple[Any, Stock]:
    """Far from one another, and each near to the others' places: no bound sees that."""
    names = [f"d{at}" for at in range(12)]
    nodes = tuple(
        candidate(f"c{at:03}", ((at * 37) % 50, (at * 61) % 90), capacity=1) for at in range(60)
    )
    terms = tuple(
        between(one, other, 1.0 + (at % 3))
        for at, one in enumerate(names)
        for other in names[at + 1 :]
    )
    return template(names, (), Objective(terms)), Stock(dict.fromkeys(names, nodes))


@needs_cpsat
def test_cp_sat_takes_over(monkeypatch: pytest.MonkeyPatch) -> None:
    exact = solve(*sites("tight", 4, 50, 1))
    monkeypatch.setattr(solving, "_FIRST", -1.0)
    other = solve(*sites("tight", 4, 50, 1))
    assert other.engine == "cp-sat"
    assert other.optimal
    assert other.objective == pytest.approx(exact.objective, abs=0.01)
    solution = solve(
        template("ab", [constraint("k", "ab", km("> 5 km"))]),
        Stock(dict.fromkeys("ab", (candidate("x"),))),
    )
    assert solution.infeasible is not None
