import pytest

from gcf_am.surface.elements import Field
from gcf_am.surface.lifecycle import Change, Lifecycle, Transition, prototype
from gcf_am.surface.releases import R1_0
from gcf_am.surface.shapes import BOOLEAN, INT, TEXT, Many, Record, Shape, Table, Undeclared

GONE = Lifecycle(prototype(R1_0, "new"), Transition(Change.REMOVE, R1_0, "no", ("b",)))
RECORD = Record(
    Field(name="a", doc="It.", shape=TEXT),
    Field(name="b", doc="It.", shape=Many(INT), optional=True),
    Field(name="old", doc="It.", shape=TEXT, life=GONE),
)


@pytest.mark.parametrize(
    ("shape", "value"),
    [
        (TEXT, ""),
        (INT, 0),
        (BOOLEAN, True),
        (Many(TEXT), []),
        (Many(TEXT), ["a"]),
        (Table(INT), {"x": 1}),
        (RECORD, {"a": "x"}),
        (RECORD, {"a": "x", "b": [1]}),
    ],
)
def test_what_was_declared_may_be_sent(shape: Shape, value: object) -> None:
    shape.check(value, "am/3/X")


@pytest.mark.parametrize(
    ("shape", "value", "says"),
    [
        (TEXT, None, "am/3/X is declared as string, not NoneType"),
        (INT, True, "declared as int, not bool"),
        (BOOLEAN, 1, "declared as boolean, not int"),
        (Many(TEXT), "abc", "declared as array of string"),
        (Many(TEXT), ["a", 1], r"am/3/X\[1\] is declared as string"),
        (Table(TEXT), {1: "a"}, "a name in am/3/X"),
        (Table(TEXT), {"x": 1}, "am/3/X/x is declared as string"),
        (Table(TEXT), [], "declared as struct of string"),
        (RECORD, {}, "am/3/X/a is declared and missing"),
        (RECORD, {"a": "x", "c": ""}, "am/3/X/c is not declared"),
        (RECORD, {"a": "x", "old": ""}, "am/3/X/old is not declared"),
        (RECORD, {"a": "x", "b": ["1"]}, r"am/3/X/b\[0\]"),
        (RECORD, [], "declared as struct"),
    ],
)
def test_what_was_not_declared_may_not(shape: Shape, value: object, says: str) -> None:
    with pytest.raises(Undeclared, match=says):
        shape.check(value, "am/3/X")


def test_a_struct_declares_a_member_once() -> None:
    twice = Field(name="a", doc="It.", shape=TEXT)
    with pytest.raises(ValueError, match="twice"):
        Record(twice, twice)
