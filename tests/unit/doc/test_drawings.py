"""The drawings show the tables and the imports that the code has, all of them and no others."""

from collections.abc import Callable, Mapping

import pytest
from lxml import etree

from doc import layering, machines
from doc.drawing import DRAWINGS
from doc.svg import Chart
from gcf_am.model.states import ALLOCATION, LOST, OPERATIONAL
from gcf_am.safexml import parse
from gcf_am.surface.lifecycle import AUTOMATON

SVG = "{http://www.w3.org/2000/svg}"


def drawn(chart: Chart) -> set[tuple[str, str, str]]:
    return {(one.source, one.target, label) for one in chart.arrows for label in one.labels}


def test_allocation_is_the_table() -> None:
    table = {(before.value, after.value, e.value) for (before, e), after in ALLOCATION.items()}
    assert drawn(machines.allocation()) == table


def test_operational_is_the_table() -> None:
    table = {
        (state.value, after.value, event.value)
        for state, row in OPERATIONAL.items()
        for event, after in (*row.actions.items(), *row.waits.items())
    }
    lost = {(before.value, after.value, "found gone") for before, after in LOST.items()}
    chart = machines.operational()
    assert drawn(chart) == table | lost
    assert {one.source for one in chart.arrows if one.dashed} == {one.value for one in LOST}


def test_lifecycle_is_the_table() -> None:
    def name(state: object) -> str:
        return "not there" if state is None else str(getattr(state, "name", "")).capitalize()

    table = {(name(b), name(after), change.value) for (b, change), after in AUTOMATON.items()}
    assert drawn(machines.lifecycle()) == table


@pytest.mark.parametrize("make", [machines.allocation, machines.operational, machines.lifecycle])
def test_all_of_a_chart_is_in_the_picture(make: Callable[[], Chart]) -> None:
    chart = make()
    words = [one.text for one in parse(chart.drawn().encode()).iter(f"{SVG}text")]
    labels = [label for one in chart.arrows for label in one.labels]
    assert sorted(filter(None, words)) == sorted([*chart.places, *labels])


def test_a_state_without_a_place_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machines, "AllocationState", ["geni_allocated", "geni_new"])
    with pytest.raises(ValueError, match=r"no place for .*geni_new"):
        machines.allocation()


def test_every_import_goes_down() -> None:
    told = layering.read()
    height = {name: at for at, row in enumerate(told.rows) for name in row}
    assert told.counts
    for (importer, imported), count in told.counts.items():
        assert count > 0
        assert height[importer] < height[imported], f"{importer} imports {imported}"


def test_the_numbers_are_the_imports() -> None:
    told = layering.read()
    numbers = [int(one.text or 0) for one in _texts("imports", "count")]
    assert sorted(numbers) == sorted(told.counts.values())
    assert [one.text for one in _texts("imports", "side")] == told.names
    assert {one.text for one in _texts("layers", "name")} == set(told.names)
    assert told.counts["rpc", "manager"] > 0
    assert ("manager", "rpc") not in told.counts


def _texts(name: str, kind: str) -> list[etree._Element]:
    drawings: Mapping[str, Callable[[], str]] = DRAWINGS
    return [
        one
        for one in parse(drawings[name]().encode()).iter(f"{SVG}text")
        if one.get("class") == kind
    ]
