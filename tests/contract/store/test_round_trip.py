"""Whatever the model can hold comes back from the store as it was."""

import json
import types
import typing
from dataclasses import fields, is_dataclass, replace
from datetime import UTC, datetime
from enum import Enum
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gcf_am.errors import DatabaseError
from gcf_am.model.sliver import Contents, LinkPlacement, Login, Sliver
from gcf_am.model.topology import Frame, Link
from gcf_am.store.rows import (
    VERSION,
    read_contents,
    read_frame,
    read_logins,
    write_contents,
    write_frame,
    write_logins,
)
from gcf_am.urn import Urn
from tests.contract.store.conftest import Place
from tests.contract.store.samples import FRAME, link_contents, node, node_contents, slice_key, slots

# What XML can hold, and so every text that comes from a request.
TEXT = st.text(st.characters(exclude_categories=("Cs", "Cc")), max_size=8)
PLAIN: dict[Any, st.SearchStrategy[Any]] = {
    str: TEXT,
    int: st.integers(0, 2**40),
    float: st.floats(allow_nan=False),
    bool: st.booleans(),
    type(None): st.none(),
    datetime: st.datetimes(timezones=st.just(UTC)),
}


def anything(hint: Any) -> st.SearchStrategy[Any]:
    """Every field of a dataclass is drawn, so one that the rows forget is noticed."""
    arguments = typing.get_args(hint)
    if hint in PLAIN:
        return PLAIN[hint]
    if is_dataclass(hint):
        hints = typing.get_type_hints(hint)
        return st.builds(
            typing.cast("type[Any]", hint),
            **{one.name: anything(hints[one.name]) for one in fields(hint)},
        )
    if typing.get_origin(hint) is tuple and arguments[-1] is Ellipsis:
        return st.lists(anything(arguments[0]), max_size=3).map(tuple)
    if typing.get_origin(hint) is tuple:
        return st.tuples(*map(anything, arguments))
    if typing.get_origin(hint) in {typing.Union, types.UnionType}:
        return st.one_of(*map(anything, arguments))
    assert issubclass(hint, Enum)
    return st.sampled_from(hint)


@settings(derandomize=True, deadline=None, max_examples=150)
@given(anything(Contents))
def test_contents(contents: Contents) -> None:
    assert read_contents(write_contents(contents), contents.frame) == contents


@settings(derandomize=True, deadline=None, max_examples=50)
@given(anything(Frame), anything(tuple[Login, ...]))
def test_frames_and_logins(frame: Frame, logins: tuple[Login, ...]) -> None:
    assert read_frame(write_frame(frame)) == frame
    assert read_logins(write_logins(logins)) == logins


def slivers() -> st.SearchStrategy[Sliver]:
    hints = typing.get_type_hints(Sliver)
    drawn = {one.name: anything(hints[one.name]) for one in fields(Sliver) if one.name != "urn"}
    return st.builds(Sliver, urn=st.just(Urn.of("gcf.local", "sliver", "x")), **drawn)


@settings(
    derandomize=True,
    deadline=None,
    max_examples=60,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(one=slivers(), other=slivers())
def test_slivers_added_and_saved(place: Place, one: Sliver, other: Sliver) -> None:
    store = place.opened[0] if place.opened else place.open()
    with store.write() as unit:
        key = slice_key(unit)
        one = replace(one, urn=unit.new_urns(1)[0], slice_key=key)
        unit.add([one])
    other = replace(other, urn=one.urn, slice_key=key)
    for expected in (one, other):
        with store.write() as unit:
            unit.save([expected])
        with store.read() as unit:
            found = unit.named([expected.urn])[expected.urn]
        assert found == expected
        assert found.urn.text == expected.urn.text
        assert found.expires.tzinfo is UTC


def test_what_a_driver_said_is_kept_as_far_as_it_is_text(place: Place) -> None:
    store = place.open()
    with store.write() as unit:
        one = replace(node(unit, slice_key(unit)), error="it said \udcff\0 and died")
        unit.add([one])
    with store.read() as unit:
        assert unit.named([one.urn])[one.urn].error == "it said ? and died"


def test_a_frame_is_stored_once(place: Place) -> None:
    store = place.open()
    with store.write() as unit:
        key = slice_key(unit)
        unit.add([node(unit, key, f"n{number}") for number in range(5)])
    with store.write() as unit:
        unit.add([node(unit, key, "later"), node(unit, key, "other", frame=Frame())])
    (rows,) = change(place, "SELECT count(*) FROM frames")
    assert rows == (2,)


# A later release may add keys, an earlier one may lack them.
def test_unknown_keys_are_ignored_and_missing_ones_have_the_models_default() -> None:
    row = json.loads(write_contents(node_contents("alpha", slots("pc1"))))
    row["colour"] = row["resource"]["colour"] = row["placement"]["colour"] = "green"
    for name in ("position", "line", "sliver_id", "hardware_types", "interfaces", "exclusive"):
        del row["resource"][name]
    assert read_contents(json.dumps(row), FRAME) == node_contents("alpha", slots("pc1"))
    bare = {
        "version": 1,
        "resource": {"type": "link", "client_id": "lan", "xml": "<link/>"},
        "placement": {"type": "link"},
        "holds": [],
    }
    assert read_contents(json.dumps(bare), FRAME) == Contents(
        Link("lan", "<link/>"), LinkPlacement(), (), FRAME
    )


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", '{"version":1}', '{"version":"x"}', "null"])
def test_a_damaged_row_is_a_database_error(text: str) -> None:
    with pytest.raises(DatabaseError, match="cannot be read"):
        read_contents(text, FRAME)


def test_a_row_of_a_newer_release_says_so() -> None:
    row = json.loads(write_contents(link_contents("lan"))) | {"version": VERSION + 1}
    with pytest.raises(DatabaseError, match="newer release"):
        read_contents(json.dumps(row), FRAME)


@pytest.mark.parametrize(
    "damage", ["allocation = 'lost'", "spelling = 'x'", "contents = '{'", "step = '?'"]
)
def test_a_damaged_sliver_is_a_database_error(place: Place, damage: str) -> None:
    store = place.open()
    with store.write() as unit:
        one = node(unit, slice_key(unit))
        unit.add([one])
    change(place, f"UPDATE slivers SET {damage} RETURNING 1")
    with store.read() as unit, pytest.raises(DatabaseError, match="read"):
        unit.named([one.urn])


def change(place: Place, statement: str) -> list[Any]:
    engine = sa.create_engine(place.url)
    try:
        with engine.begin() as connection:
            return [tuple(row) for row in connection.execute(sa.text(statement))]
    finally:
        engine.dispose()
