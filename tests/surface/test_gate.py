"""What is different since a release needs a record that says so: each row of the table breaks it."""

import copy
import json
from dataclasses import replace
from typing import Any

import pytest

from gcf_am.surface import am_v3
from gcf_am.surface.am_v3 import AM_3
from gcf_am.surface.elements import Argument, Element, Field, Method, Option
from gcf_am.surface.gate import undeclared_changes
from gcf_am.surface.lifecycle import (
    Lifecycle,
    Transition,
    changed,
    deprecated,
    extended,
    prototype,
    published,
)
from gcf_am.surface.registry import SURFACE, walk
from gcf_am.surface.releases import NEXT, RELEASES, Release
from gcf_am.surface.shapes import BOOLEAN as TRUTH
from gcf_am.surface.shapes import TEXT, Record
from gcf_am.surface.snapshot import released, snapshot, write
from gcf_am.surface.wire import BOOLEAN
from gcf_am.surface.wire import TEXT as WORDS

R1, R2 = Release(1, "1.0"), Release(2, "1.1")
BORN = published(R1, "It was new.")
OPTION = Option(name="geni_x", doc="It.", type=BOOLEAN, default=False, life=Lifecycle(BORN))
ARGUMENT = Argument(name="a", doc="It.", type=WORDS, life=Lifecycle(BORN))
FIELD = Field(name="f", doc="It.", shape=TEXT, optional=False, life=Lifecycle(BORN))
METHOD = Method(
    name="M",
    doc="It.",
    life=Lifecycle(BORN),
    arguments=(ARGUMENT,),
    options=(OPTION,),
    returns=Record(FIELD),
    errors=("SUCCESS", "BADARGS"),
    needs=("createsliver",),
)


def taken(*methods: Method, release: Release = R1) -> Any:
    return snapshot(dict(walk("am/3", methods)), release)


def complaints(*methods: Method) -> list[str]:
    return undeclared_changes(taken(METHOD), taken(*methods, release=R2))


def grown(element: Any, *records: Transition, **changes: Any) -> Any:
    """The element with more records, and other members."""
    life = Lifecycle(*element.life.transitions, *records)
    return replace(element, life=life, **changes)


EXTENDED = extended(R2, "It does more.")
CHANGED = changed(R2, "It does something else.", "Do so.")


# ------------------------------------------------------------------------ the last release's


def test_this_surface_has_a_record_for_all_that_changed() -> None:
    last = released()
    assert (last is None) == (len(RELEASES) == 1)
    assert undeclared_changes(last or snapshot(), snapshot()) == []


def test_a_snapshot_is_json_with_a_line_for_each_element() -> None:
    text = write(snapshot())
    assert json.loads(text) == snapshot()
    assert len(text.splitlines()) == len(SURFACE) + 2
    assert text == write(snapshot())


def test_deleting_a_declaration_is_refused() -> None:
    # checklist 64
    assert complaints() == [
        f"am/3/{one} is gone: declare it, and mark it removed"
        for one in ("M", "M/a", "M/f", "M/geni_x")
    ]


def test_editing_a_record_that_is_out_is_refused() -> None:
    # checklist 63
    for edited in (
        Lifecycle(published(R1, "It was good.")),
        Lifecycle(published(R2, "It was new.")),
        Lifecycle(prototype(R1, "It was new."), published(R2, "It works.")),
    ):
        assert complaints(replace(METHOD, life=edited)) == [
            "am/3/M: a record that is out was edited; add another"
        ]


def test_a_new_record_names_the_release_that_is_made() -> None:
    # checklist 65
    assert complaints(grown(METHOD, extended(R1, "It does more."))) == [
        "am/3/M: extended names 1.0, not 1.1"
    ]
    late = replace(OPTION, name="geni_y")
    assert complaints(replace(METHOD, options=(OPTION, late))) == [
        "am/3/M/geni_y is new: its records begin in 1.1"
    ]


def test_words_may_be_mended_at_any_time() -> None:
    assert complaints(replace(METHOD, doc="It is that.", spec="AM API draft")) == []


# ---------------------------------------------------------------------- what needs which record


def new(element: Any, **changes: Any) -> Any:
    return replace(element, life=Lifecycle(prototype(R2, "Try it.")), **changes)


FREE = [
    replace(METHOD, options=(OPTION, new(OPTION, name="geni_y"))),
    replace(METHOD, returns=Record(FIELD, new(FIELD, name="g"))),
    replace(METHOD, errors=("SUCCESS",)),
    grown(METHOD, deprecated(R2, "It is slow.", "am/3/N")),
]


@pytest.mark.parametrize("method", FREE, ids=["option", "field", "fewer codes", "deprecated"])
def test_what_needs_no_record_of_its_own(method: Method) -> None:
    assert complaints(method) == []


DEMANDED = replace(OPTION, required=True)
# the change; the element that has to tell of it, and how little is enough
TABLE: list[tuple[str, Any, str, str]] = [
    ("an error code is added", {"errors": (*METHOD.errors, "BUSY")}, "am/3/M", "extended"),
    ("options may be missing", {"optional_options": True}, "am/3/M", "extended"),
    ("another right will do", {"needs": ("createsliver", "other")}, "am/3/M", "extended"),
    ("another right is needed", {"needs": ("other",)}, "am/3/M", "changed"),
    ("a right is needed", {"needs": None}, "am/3/M", "changed"),
    ("a hint is given", {"hint": Record(new(FIELD, name="h"))}, "am/3/M", "extended"),
    ("another shape", {"returns": TRUTH}, "am/3/M", "changed"),
    (
        "an argument is added",
        {"arguments": (ARGUMENT, new(ARGUMENT, name="b"))},
        "am/3/M",
        "changed",
    ),
    (
        "an option is demanded that is new",
        {"options": (OPTION, new(DEMANDED, name="geni_y"))},
        "am/3/M",
        "changed",
    ),
    ("a default", {"options": (replace(OPTION, default=True),)}, "am/3/M/geni_x", "changed"),
    ("an option's type", {"options": (replace(OPTION, type=WORDS),)}, "am/3/M/geni_x", "changed"),
    ("an option is demanded", {"options": (DEMANDED,)}, "am/3/M/geni_x", "changed"),
    (
        "an argument's type",
        {"arguments": (replace(ARGUMENT, type=BOOLEAN),)},
        "am/3/M/a",
        "changed",
    ),
    ("a field is optional", {"returns": Record(replace(FIELD, optional=True))}, "am/3/M/f", "changed"),
    ("a field's type", {"returns": Record(replace(FIELD, shape=TRUTH))}, "am/3/M/f", "changed"),
]  # fmt: skip


def with_record(method: Method, where: str, record: Transition) -> Method:
    """The method where that element has one record more."""

    def one(identity: str, element: Any) -> Any:
        return grown(element, record) if identity == where else element

    shape = method.returns
    found: Method = one(
        "am/3/M",
        replace(
            method,
            arguments=tuple(one(f"am/3/M/{x.name}", x) for x in method.arguments),
            options=tuple(one(f"am/3/M/{x.name}", x) for x in method.options),
            returns=Record(*(one(f"am/3/M/{x.name}", x) for x in shape.members()))
            if isinstance(shape, Record)
            else shape,
        ),
    )
    return found


@pytest.mark.parametrize(("_what", "changes", "where", "enough"), TABLE, ids=[x[0] for x in TABLE])
def test_each_row_of_the_table(_what: str, changes: Any, where: str, enough: str) -> None:
    # checklist 62
    method = replace(METHOD, **changes)
    told = [one for one in complaints(method) if not one.endswith("mark it removed")]
    assert len(told) == 1
    assert told[0].startswith(f"{where}: ")
    assert told[0].endswith(f"needs a record: {enough} in 1.1")
    # a record that is too small
    small = [] if enough == "extended" else [EXTENDED]
    for record in small:
        assert set(told) <= set(complaints(with_record(method, where, record)))
    for record in (EXTENDED, CHANGED)[0 if enough == "extended" else 1 :]:
        after = complaints(with_record(method, where, record))
        assert [one for one in after if not one.endswith("mark it removed")] == []


def test_what_was_demanded_and_no_longer_is_is_an_extension() -> None:
    before = taken(replace(METHOD, options=(DEMANDED,)))
    [told] = undeclared_changes(before, taken(METHOD, release=R2))
    assert told.endswith("needs a record: extended in 1.1")


def test_a_field_that_is_always_there_now_surprises_nobody() -> None:
    before = taken(replace(METHOD, returns=Record(replace(FIELD, optional=True))))
    assert undeclared_changes(before, taken(METHOD, release=R2)) == []


def test_an_id_stays_what_it_is() -> None:
    before = taken(METHOD)
    after = copy.deepcopy(taken(METHOD, release=R2))
    after["elements"]["am/3/M/a"]["kind"] = "Option"
    assert undeclared_changes(before, after) == [
        "am/3/M/a was a Argument and is a Option: take another id"
    ]


# ---------------------------------------------------------------- the whole surface as it will be


def after_release(surface: dict[str, Element]) -> list[str]:
    """What the gate says after this release is out and another is open."""
    later = Release(NEXT.place + 1, "99.0")
    return undeclared_changes(snapshot(), snapshot(surface, later))


def test_a_prototype_after_the_release_passes_and_a_missing_element_does_not() -> None:
    later = Release(NEXT.place + 1, "99.0")
    trial = Lifecycle(prototype(later, "Try it."))
    option = Option(name="gcfam_try", doc="It.", type=BOOLEAN, life=trial)
    method = replace(am_v3.STATUS, options=(*am_v3.STATUS.options, option))
    methods = tuple(method if one is am_v3.STATUS else one for one in AM_3.methods)
    more = {**SURFACE, **dict(walk("am", (replace(AM_3, methods=methods),)))}
    assert after_release(more) == []
    less = {identity: one for identity, one in SURFACE.items() if identity != "code/17"}
    assert after_release(less) == ["code/17 is gone: declare it, and mark it removed"]
