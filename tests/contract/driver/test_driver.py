"""What every driver promises (gcf_am.manager.ports.Driver); see doc/drivers.md."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from gcf_am.drivers.choose import installed
from gcf_am.manager.ports import Driver, DriverError, Observed, Order
from gcf_am.model.preserve import Guarantee, guarantee
from tests.contract.driver.conftest import Again
from tests.contract.driver.orders import ALICE, BOB, link, node, sliver


def seen(driver: Driver, order: Order) -> Observed:
    return driver.observe([order])[order.sliver]


def up(driver: Driver, *orders: Order) -> None:
    for order in orders:
        driver.prepare(order)
        driver.start(order)


def test_it_says_its_name(driver: Driver) -> None:
    assert driver.name
    assert driver.name in installed()


def test_what_was_never_made_does_not_exist(driver: Driver) -> None:
    assert seen(driver, node()) == Observed(exists=False)


def test_check_has_no_effect(driver: Driver) -> None:
    driver.check(node().contents)
    driver.check(link().contents)
    assert driver.observe([]) == {}


def test_prepare_builds_and_does_not_start(driver: Driver) -> None:
    driver.prepare(node())
    assert seen(driver, node()) == Observed(exists=True, running=False)


def test_start_brings_a_node_up_and_tells_how_to_log_in(driver: Driver) -> None:
    driver.prepare(node())
    access = driver.start(node())
    assert access is not None
    assert access.hostname
    assert 0 < access.port < 65536
    assert seen(driver, node()) == Observed(exists=True, running=True, access=access)


def test_two_nodes_are_logged_in_to_at_different_places(driver: Driver) -> None:
    names = ("left", "Left", "left ", "left.", "links\u00fc")
    orders = [replace(node(one), sliver=sliver(f"s{n}")) for n, one in enumerate(names)]
    up(driver, *orders)
    places = {
        (o.access.hostname, o.access.port) for o in driver.observe(orders).values() if o.access
    }
    assert len(places) == len(names)


def test_a_link_runs_when_its_ends_are_there_and_has_no_login(driver: Driver) -> None:
    up(driver, node("left"), node("right"))
    driver.prepare(link())
    assert driver.start(link()) is None
    assert seen(driver, link()) == Observed(exists=True, running=True)


def test_a_link_without_an_end_cannot_start_yet(driver: Driver) -> None:
    up(driver, node("left"))
    driver.prepare(link())
    with pytest.raises(DriverError) as refused:
        driver.start(link())
    assert not refused.value.lasting
    assert not seen(driver, link()).running


def test_a_link_whose_end_is_gone_runs_with_what_is_left(driver: Driver) -> None:
    # decision 8: the link's sliver lives on without that end
    up(driver, node("left"), node("right"), link())
    driver.destroy(node("right"))
    left = link(generation=2, ends=("left", None))
    assert seen(driver, left).running
    driver.restart(left)
    assert seen(driver, left).running


def test_a_link_that_lost_an_end_unawares_does_not_run(driver: Driver) -> None:
    up(driver, node("left"), node("right"), link())
    driver.destroy(node("right"))
    found = seen(driver, link())
    assert not found.running
    assert found.error


def test_stop_keeps_what_is_built(driver: Driver) -> None:
    up(driver, node())
    driver.stop(node(generation=2))
    assert seen(driver, node()) == Observed(exists=True, running=False)
    driver.start(node(generation=3))
    assert seen(driver, node()).running


@pytest.mark.parametrize("method", ["restart", "reload"])
def test_restart_and_reload_end_running(driver: Driver, method: str) -> None:
    up(driver, node())
    before = seen(driver, node()).access
    assert getattr(driver, method)(node(generation=2)) == before
    driver.stop(node(generation=3))
    assert getattr(driver, method)(node(generation=4)) == before
    assert seen(driver, node()) == Observed(exists=True, running=True, access=before)


def test_a_link_outlives_its_ends_fresh_disks(driver: Driver) -> None:
    up(driver, node("left"), node("right"), link())
    driver.reload(node("left", generation=2))
    assert seen(driver, link()).running


def test_services_may_be_asked_for_again(driver: Driver) -> None:
    up(driver, node())
    for generation in (1, 2):
        driver.run_services(node(generation=generation), lambda: True)
    assert seen(driver, node()).running


def test_what_does_not_run_has_no_services(driver: Driver) -> None:
    driver.prepare(node())
    with pytest.raises(DriverError):
        driver.run_services(node(), lambda: True)


def test_new_users_leave_it_running(driver: Driver) -> None:
    up(driver, node())
    driver.update_users(node(generation=2, logins=(ALICE, BOB)))
    driver.update_users(node(generation=3, logins=()))
    assert seen(driver, node()).running


def test_new_contents_leave_it_as_it_ran(driver: Driver) -> None:
    driver.prepare(node())
    driver.prepare(node(generation=2, image="fedora"))
    assert not seen(driver, node()).running
    driver.start(node(generation=3, image="fedora"))
    driver.prepare(node(generation=4, image="debian"))
    assert seen(driver, node()).running


@pytest.mark.parametrize(
    "after",
    [node(), node(image="fedora"), node(sliver_type="other"), node(logins=(BOB,)), link()],
    ids=("same", "image", "type", "logins", "link"),
)
def test_it_keeps_no_less_than_every_driver(driver: Driver, after: Order) -> None:
    before = link() if after == link() else node()
    promises = list(Guarantee)
    least = guarantee(before.contents, after.contents)
    kept = driver.keeps(before.contents, after.contents)
    assert promises.index(kept) >= promises.index(least)
    assert (kept is Guarantee.NO_DISRUPTION) == (least is Guarantee.NO_DISRUPTION)


def test_destroy_leaves_nothing(driver: Driver) -> None:
    up(driver, node("left"), node("right"), link())
    for order in (link(), node("left"), node("right")):
        driver.destroy(order)
    assert driver.observe([]) == {}


def test_destroying_what_is_not_there_is_well(driver: Driver) -> None:
    driver.destroy(node())
    driver.destroy(node())
    assert driver.observe([node()]) == {node().sliver: Observed(exists=False)}


def test_what_is_frozen_does_not_run_until_it_is_thawed(driver: Driver) -> None:
    orders = node("left"), node("right"), link()
    up(driver, *orders)
    before = driver.observe(orders)
    for order in orders:
        driver.freeze(replace(order, generation=2))
    assert set(driver.observe(orders).values()) == {Observed(exists=True, running=False)}
    answered = [driver.thaw(replace(order, generation=3)) for order in orders]
    assert driver.observe(orders) == before
    assert answered == [before[order.sliver].access for order in orders]


def test_what_did_not_run_does_not_after_it_was_frozen(driver: Driver) -> None:
    driver.prepare(node())
    driver.freeze(node(generation=2))
    assert driver.thaw(node(generation=3)) is None
    assert seen(driver, node()) == Observed(exists=True, running=False)


def test_freezing_and_thawing_what_is_not_there_is_well(driver: Driver) -> None:
    driver.freeze(node(generation=2))
    assert driver.thaw(node(generation=3)) is None
    assert not seen(driver, node()).exists
    up(driver, node(generation=4))
    assert seen(driver, node()).running


def test_frozen_outlives_the_driver(driver: Driver, again: Again) -> None:
    up(driver, node())
    driver.freeze(node(generation=2))
    successor = again()
    assert seen(successor, node()) == Observed(exists=True, running=False)
    successor.thaw(node(generation=3))
    assert seen(driver, node()).running


@pytest.mark.parametrize(
    "method", ["prepare", "start", "stop", "restart", "reload", "update_users"]
)
def test_an_order_from_before_it_was_frozen_does_nothing(driver: Driver, method: str) -> None:
    up(driver, node())
    driver.freeze(node(generation=3))
    getattr(driver, method)(node(generation=2))
    assert seen(driver, node()) == Observed(exists=True, running=False)
    driver.thaw(node(generation=4))
    assert seen(driver, node()).running


@pytest.mark.parametrize("method", ["prepare", "start", "restart", "reload", "update_users"])
def test_a_newer_order_thaws_it(driver: Driver, method: str) -> None:
    up(driver, node())
    driver.freeze(node(generation=2))
    getattr(driver, method)(node(generation=3, logins=(ALICE, BOB)))
    assert seen(driver, node()).running


def test_what_is_frozen_can_be_stopped_and_destroyed(driver: Driver) -> None:
    up(driver, node("left"), node("right"), link())
    for order in (node("left"), node("right"), link()):
        driver.freeze(replace(order, generation=2))
    driver.stop(node("left", generation=3))
    assert not seen(driver, node("left")).running
    driver.start(node("left", generation=4))
    assert seen(driver, node("left")).running
    for order in (link(), node("left"), node("right")):
        driver.destroy(replace(order, generation=5))
    assert driver.observe([]) == {}


@pytest.mark.parametrize("method", ["freeze", "thaw"])
def test_a_late_freeze_or_thaw_does_nothing(driver: Driver, method: str) -> None:
    # decision 5
    up(driver, node(generation=3))
    getattr(driver, method)(node(generation=2))
    assert seen(driver, node()).running
    driver.freeze(node(generation=5))
    driver.thaw(node(generation=4))
    assert not seen(driver, node()).running
    driver.destroy(node(generation=6))
    getattr(driver, method)(node(generation=6))
    assert driver.observe([]) == {}


def test_what_was_frozen_before_it_was_built_is_not_built(driver: Driver) -> None:
    driver.freeze(node(generation=2))
    driver.prepare(node(generation=1))
    assert not seen(driver, node()).exists


METHODS = ["prepare", "start", "stop", "restart", "reload", "update_users", "freeze", "thaw"]


@pytest.mark.parametrize("method", METHODS)
def test_the_same_order_twice_ends_in_the_same_state(driver: Driver, method: str) -> None:
    up(driver, node())
    getattr(driver, method)(node(generation=2))
    once = driver.observe([node()])
    getattr(driver, method)(node(generation=2))
    assert driver.observe([node()]) == once


@pytest.mark.parametrize("method", ["start", "stop", "restart", "reload", "update_users"])
def test_what_is_not_built_cannot_be_worked_on(driver: Driver, method: str) -> None:
    with pytest.raises(DriverError) as refused:
        getattr(driver, method)(node())
    assert refused.value.lasting
    assert str(refused.value)
    assert driver.observe([]) == {}


@pytest.mark.parametrize("method", ["stop", "reload", "destroy"])
def test_an_order_older_than_one_seen_does_nothing(driver: Driver, method: str) -> None:
    # decision 5: a worker that was paused never destroys what its successor built
    driver.prepare(node(generation=1))
    driver.start(node(generation=3))
    getattr(driver, method)(node(generation=2))
    assert seen(driver, node()).running


@pytest.mark.parametrize("generation", [1, 2])
@pytest.mark.parametrize("method", ["prepare", "start", "restart", "reload"])
def test_what_is_destroyed_does_not_rise_again(
    driver: Driver, method: str, generation: int
) -> None:
    up(driver, node())
    driver.destroy(node(generation=2))
    getattr(driver, method)(node(generation=generation))
    assert driver.observe([]) == {}


def test_a_late_order_builds_nothing_though_destroy_came_first(driver: Driver) -> None:
    driver.destroy(node(generation=2))
    driver.prepare(node(generation=1))
    assert driver.observe([]) == {}


def test_observe_finds_what_no_order_names(driver: Driver) -> None:
    up(driver, node("left"), node("right"))
    found = driver.observe([node("right")])
    assert set(found) == {sliver("left"), sliver("right")}
    assert found[sliver("left")].running


def test_machines_outlive_the_driver(driver: Driver, again: Again) -> None:
    up(driver, node("left"), node("right"), link())
    driver.destroy(node("right", generation=2))
    successor = again()
    assert successor.observe([]) == driver.observe([])
    successor.start(node("right", generation=1))
    assert sliver("right") not in successor.observe([])


def test_many_are_worked_on_at_a_time(driver: Driver, again: Again) -> None:
    other = again()
    orders = [node(f"n{number}") for number in range(12)]
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(up, [driver, other] * 6, orders))
        list(pool.map(up, [other, driver] * 6, orders))
    found = driver.observe(orders)
    assert all(found[order.sliver].running for order in orders)
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(driver.destroy, orders))
    assert driver.observe([]) == {}
