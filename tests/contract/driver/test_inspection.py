"""What a driver promises that can be looked at (gcf_am.manager.inspection.Inspection)."""

from datetime import UTC, datetime

import pytest

from gcf_am.manager.inspection import Inspection
from gcf_am.manager.ports import Driver
from tests.contract.driver.orders import SLICE, link, node, sliver


@pytest.fixture
def inspection(driver: Driver) -> Inspection:
    if not isinstance(driver, Inspection):
        pytest.skip(f"{driver.name} does not offer a look at its nodes")
    return driver


def test_nodes_are_told_and_links_are_not(driver: Driver, inspection: Inspection) -> None:
    assert list(inspection.nodes()) == []
    for order in (node("left"), node("right"), link()):
        driver.prepare(order)
    driver.start(node("left"))
    found = {one.sliver: one for one in inspection.nodes()}
    assert found.keys() == {sliver("left"), sliver("right")}
    left, right = found[sliver("left")], found[sliver("right")]
    assert (left.client_id, left.slice, left.running) == ("left", SLICE, True)
    assert (right.client_id, right.running) == ("right", False)
    assert right.pid is None
    assert left.memory is None or left.memory > 0
    assert left.since is None or left.since <= datetime.now(UTC)
    for order in (link(generation=2), node("left", 2), node("right", 2)):
        driver.destroy(order)
    assert list(inspection.nodes()) == []


def test_a_console_is_that_of_a_node_that_stands(driver: Driver, inspection: Inspection) -> None:
    assert inspection.console(sliver("left")) is None
    driver.prepare(node("left"))
    driver.start(node("left"))
    assert isinstance(inspection.console(sliver("left")), str)
    assert inspection.console(sliver("wire")) is None


def test_looking_changes_nothing_and_finds_nothing_wrong(
    driver: Driver, inspection: Inspection
) -> None:
    driver.prepare(node("left"))
    driver.start(node("left"))
    before = driver.observe([])
    findings = list(inspection.examine())
    assert findings
    assert [(what, trouble) for what, trouble in findings if trouble] == []
    assert driver.observe([]) == before
