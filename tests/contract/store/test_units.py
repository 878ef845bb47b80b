from collections.abc import Callable
from dataclasses import replace

import pytest
import sqlalchemy as sa

from gcf_am.errors import DatabaseError
from gcf_am.manager.ports import Store, Unit
from gcf_am.model.sliver import Sliver
from tests.contract.store.conftest import Place
from tests.contract.store.samples import NOW, event, node, slice_key, slice_urn, slots


def test_what_a_unit_did_is_seen_when_it_ended_well_and_not_before(place: Place) -> None:
    store, beside = place.open(), place.open()
    with store.write() as unit:
        unit.add([node(unit, slice_key(unit), "alpha", slots("pc1"))])
        with beside.read() as other, store.read() as own:
            assert other.find_slice(slice_urn(), "uuid of lovelace") is None
            assert own.held() == other.held() == {}
        assert len(unit.slivers(slice_key(unit))) == 1
    with beside.read() as other:
        assert len(other.held()) == 1


def test_an_exception_undoes_the_whole_unit(store: Store) -> None:
    def fails() -> None:
        with store.write() as unit:
            unit.add([node(unit, slice_key(unit), "alpha", slots("pc1"))])
            unit.record([event("x")])
            unit.shut_down(slice_key(unit, "other"), on=True)
            raise KeyError("mine")

    with pytest.raises(KeyError, match="mine"):
        fails()
    with store.read() as unit:
        assert unit.slices_named(slice_urn()) == unit.slices_named(slice_urn("other")) == ()
        assert unit.held() == {}


def test_a_reader_sees_one_moment(place: Place) -> None:
    store, beside = place.open(), place.open()
    with store.write() as unit:
        key = slice_key(unit)
        unit.add([node(unit, key, "alpha", slots("pc1"))])
    with store.read() as reader:
        before = reader.slivers(key), dict(reader.held())
        with beside.write() as unit:
            unit.add([node(unit, key, "beta", slots("pc1"))])
            unit.shut_down(key, on=True)
        with store.read() as later:
            assert len(later.slivers(key)) == 2
        assert (reader.slivers(key), dict(reader.held())) == before
        assert not reader.slice_of(key).shut_down


@pytest.mark.parametrize(
    "write",
    [
        lambda unit: unit.lock_slice(slice_urn(), "u"),
        lambda unit: unit.new_urns(1)[0],
        lambda unit: unit.lock_components(["c"]),
        lambda unit: unit.record([event("x")]),
    ],
)
def test_a_unit_that_reads_cannot_write(store: Store, write: Callable[[Unit], object]) -> None:
    with store.read() as unit, pytest.raises(TypeError, match="asked to write"):
        write(unit)


def test_a_unit_is_over_when_its_block_is(store: Store) -> None:
    with store.write() as unit:
        key = slice_key(unit)
    with pytest.raises(DatabaseError):
        unit.slivers(key)


def _swallowing(store: Store) -> None:
    """A caller that goes on where it should not."""
    with store.write() as unit:
        twice = node(unit, slice_key(unit))
        unit.record([event("before")])
        with pytest.raises(DatabaseError):
            _add_and_ask(unit, twice, twice)
        with pytest.raises(DatabaseError, match="earlier"):
            unit.record([event("after")])


def _add_and_ask(unit: Unit, *slivers: Sliver) -> None:
    unit.add(slivers)
    # whoever asks next hears of what failed, at the latest
    unit.slivers(slivers[0].slice_key)


def test_a_unit_in_which_a_statement_failed_leaves_no_trace(place: Place) -> None:
    with pytest.raises(DatabaseError, match="nothing was changed"):
        _swallowing(place.open())
    assert events(place) == []


def test_what_failed_last_of_all_leaves_no_trace(place: Place) -> None:
    def fails() -> None:
        with place.open().write() as unit:
            twice = node(unit, slice_key(unit))
            unit.record([event("before")])
            unit.add([twice, twice])

    with pytest.raises(DatabaseError, match="nothing was changed"):
        fails()
    assert events(place) == []


# decision 6
def test_events_are_kept_in_order(place: Place) -> None:
    store = place.open()
    tool = "urn:publicid:IDN+gcf.local+tool+portal"
    told = [
        event("first"),
        replace(event("second", "Delete", NOW.replace(microsecond=0)), tool=tool),
        event("third"),
    ]
    with store.write() as unit:
        unit.record(told[:2])
    with store.write() as unit:
        unit.record(told[2:])
    assert [row["subject"] for row in events(place)] == ["first", "second", "third"]
    assert [row["tool"] for row in events(place)] == ["", tool, ""]
    second = events(place)[1]
    assert (second["verb"], second["request_id"], second["after"]) == (
        "Delete",
        "r-1",
        "geni_allocated",
    )


def test_an_event_holds_whatever_a_driver_said(place: Place) -> None:
    said = "geni_provisioned/geni_failed it said \udcff\0 and died, " + "x" * 4000
    with place.open().write() as unit:
        unit.record([replace(event("loud"), after=said)])
    (row,) = events(place)
    assert row["after"] == said.replace("\udcff", "?").replace("\0", "")


def events(place: Place) -> list[sa.RowMapping]:
    engine = sa.create_engine(place.url)
    try:
        with engine.connect() as connection:
            return list(connection.execute(sa.text("SELECT * FROM events ORDER BY id")).mappings())
    finally:
        engine.dispose()
