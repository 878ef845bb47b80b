"""Thresholds, conditions and patterns."""

import pytest

from gcf_am.homing.condition import read_conditions
from gcf_am.homing.pattern import read_pattern
from gcf_am.homing.stock import Value
from gcf_am.homing.threshold import Dimension, read_threshold

KM, MS, MBPS = Dimension.DISTANCE, Dimension.TIME, Dimension.THROUGHPUT


@pytest.mark.parametrize(
    "text", ["< 100 km", "<100 km", "< 100km", "<100km", " < 100 km ", "<\xa0100\xa0km"]
)
def test_white_space_does_not_matter(text: str) -> None:
    assert read_threshold(text, KM) == read_threshold("< 100 km", KM)


@pytest.mark.parametrize("value", ["100", 100, 100.0, "= 100 km", "=100"])
def test_a_number_alone_is_equal_in_the_default_unit(value: object) -> None:
    assert read_threshold(value, KM) == read_threshold("= 100 km", KM)


@pytest.mark.parametrize("text", ["10-20 km", "10 - 20 km", "20-10 km", "10-20"])
def test_a_range_is_closed(text: str) -> None:
    found = read_threshold(text, KM)
    assert [found.holds(one) for one in (9.99, 10, 15, 20, 20.01)] == [
        False,
        True,
        True,
        True,
        False,
    ]


def test_zero_and_less() -> None:
    assert read_threshold("0-20 km", KM).holds(0)
    assert not read_threshold("> 0 km", KM).holds(0)
    assert read_threshold("0 km", KM).holds(0)
    assert not read_threshold("-5 km", KM).holds(0)


@pytest.mark.parametrize(
    ("text", "dimension", "value"),
    [
        ("1 mi", KM, 1.609344),
        ("1 sec", MS, 1000),
        ("1 Gbps", MBPS, 1000),
        ("1 Kbps", MBPS, 0.001),
        ("5 USD", Dimension.CURRENCY, 5),
    ],
)
def test_units(text: str, dimension: Dimension, value: float) -> None:
    assert read_threshold(text, dimension).low == pytest.approx(value)


@pytest.mark.parametrize(
    "value",
    ["< 100 ms", "< 10-20 km", "5 6 km", "!= 5 km", "< < 3", "", "far", None, True, [5], "1e999"],
)
def test_what_is_no_threshold_is_refused(value: object) -> None:
    with pytest.raises(ValueError, match="km"):
        read_threshold(value, KM)


@pytest.mark.parametrize(
    ("asked", "value", "holds"),
    [
        ("x", "x", True),
        ("x", ("y", "x"), True),
        (2.0, "2.0", True),
        ("2", 2, True),
        ("1.11.84", "1.11.84", True),
        (True, True, True),
        (True, "true", True),
        (True, 1, False),
        (["x", "y"], "y", True),
        ({"eq": 1, "ne": 2}, 1, True),
        ({"ne": "x"}, ("x", "y"), False),
        ({"gt": 1.0}, "1.1", True),
        ({"gt": "1.0"}, 1, False),
        ({"gte": 1, "lte": 1}, 1, True),
        ({"lt": 1}, "many", False),
        ({"any": ["x"]}, ("x", "y"), True),
        ({"all": ["x", "y"]}, ("x", "y", "z"), True),
        ({"all": ["x", "y"]}, "x", False),
        ({"regex": "/^SRIOV$/i"}, "sriov", True),
        ({"regex": "^SRIOV$"}, "sriov", False),
        ({"regex": "S.*V"}, "x" * 300 + "SRIOV", False),
    ],
)
def test_conditions(asked: object, value: Value, holds: bool) -> None:
    assert all(one.holds(value) for one in read_conditions(asked)) is holds


@pytest.mark.parametrize(
    "text",
    ["(a+)+$", "(a|aa)+$", "(a*)*b", "((a)?b*)+", "(x(a+))*", "a*a*a*a*b", r"(a)\1", "(?P<x>a)(?P=x)",
     "/a/q", "(", "*", "x" * 300, "(?:a{1,9}){1,9}", "((a|b))*", "(a|aa)" * 9, "a?" * 20],
)  # fmt: skip
def test_patterns_that_could_take_for_ever_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match="expression"):
        read_pattern(text)


@pytest.mark.parametrize(
    "text",
    [
        "^SRIOV$",
        "/pc[0-9]+/i",
        "(pc|vm)-.*",
        "[*+]?x",
        r"\(a\)+",
        "(?i:a)b?",
        "^(one|two|three|four|five)$",
        "a{3}",
    ],
)
def test_common_patterns_are_taken(text: str) -> None:
    assert read_pattern(text).pattern


def test_the_worst_that_is_taken_ends() -> None:
    assert read_pattern("a*a*" + "a?" * 3 + "b").search("a" * 256) is None
