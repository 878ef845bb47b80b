"""Delays, faults and settings of the simulated driver; what it builds."""

import threading
from dataclasses import replace
from pathlib import Path
from time import monotonic

import pytest

from gcf_am.drivers.simulated import SimulatedDriver, make
from gcf_am.drivers.world import Made
from gcf_am.errors import ConfigError
from gcf_am.manager.ports import DriverError, Observed, Order
from gcf_am.model.site import Host, Site, SliverType
from gcf_am.model.sliver import Access
from gcf_am.model.topology import Pipe, Property, Queue, Script
from gcf_am.urn import Urn
from tests.contract.driver.orders import ALICE, BOB, SLICE, link, node, sliver


def driver(directory: Path, **settings: object) -> SimulatedDriver:
    return make({"directory": str(directory), **settings})


def fault(**rule: object) -> dict[str, object]:
    return {"faults": [{"method": "start", "kind": "fails", **rule}]}


def site(*types: str) -> Site:
    host = Host("urn:h", "h", False, 9, (), tuple(SliverType(one) for one in types))
    return Site(Urn.parse("urn:publicid:IDN+am.test+authority+am"), (host,), (), "1")


def standing(made: SimulatedDriver, order: Order) -> Made:
    with made.world.change() as room:
        found = room.find(order.sliver.text)
    assert found is not None
    return found


def users(made: SimulatedDriver, order: Order) -> tuple[object, ...]:
    return standing(made, order).users


def asking(order: Order, **changes: object) -> Order:
    """The order for a resource that asks for this too."""
    contents = order.contents
    resource = replace(contents.resource, **changes)  # type: ignore[arg-type]
    return replace(order, contents=replace(contents, resource=resource))


def scripted(text: str = "date", generation: int = 1, image: str = "debian") -> Order:
    return asking(node(generation=generation, image=image), boot_script=Script("sh", text))


def test_its_host_names_never_resolve(tmp_path: Path) -> None:
    made = driver(tmp_path)
    made.prepare(node())
    assert made.start(node()) == Access("left.mine.sim.invalid", 22)


@pytest.mark.parametrize("name", ["Left", "left node", "-left", "links\u00fc", "l" * 80, "\u4e2d"])
def test_a_client_id_that_is_no_host_name_is_made_one(tmp_path: Path, name: str) -> None:
    made = driver(tmp_path)
    order = replace(node(name), sliver=sliver("one"))
    made.prepare(order)
    access = made.start(order)
    assert access is not None
    label = access.hostname.removesuffix(f".{SLICE.name}.sim.invalid")
    assert len(label) < 64
    assert label.strip("-") == label
    assert label.replace("-", "").isalnum()
    assert label.isascii()


def test_users_become_exactly_those_ordered(tmp_path: Path) -> None:
    made = driver(tmp_path)
    made.prepare(node())
    made.start(node())
    made.update_users(node(generation=2, logins=(ALICE, BOB)))
    assert users(made, node()) == (ALICE, BOB)
    made.update_users(node(generation=3, logins=(BOB,)))
    assert users(made, node()) == (BOB,)


def test_users_of_what_is_down_cannot_change(tmp_path: Path) -> None:
    made = driver(tmp_path)
    made.prepare(node())
    with pytest.raises(DriverError, match="does not run"):
        made.update_users(node(generation=2))


def test_a_power_cut_and_a_fire_are_observed(tmp_path: Path) -> None:
    made = driver(tmp_path)
    for order in (node("left"), node("right")):
        made.prepare(order)
        made.start(order)
    made.world.down(sliver("left").text)
    made.world.vanish(sliver("right").text)
    made.world.down(sliver("never").text)
    made.world.vanish(sliver("never").text)
    found = made.observe([node("left"), node("right")])
    assert found == {
        sliver("left"): Observed(exists=True, running=False),
        sliver("right"): Observed(exists=False),
    }


def test_a_start_fails_as_often_as_told(tmp_path: Path) -> None:
    made = driver(tmp_path, **fault(match="le*", times=2, text="no power"))
    for order in (node("left"), node("right")):
        made.prepare(order)
    made.start(node("right"))
    for _ in range(2):
        with pytest.raises(DriverError, match="no power") as failed:
            made.start(node("left"))
        assert not failed.value.lasting
    assert made.start(node("left")) is not None


def test_faults_are_counted_over_restarts_and_processes(tmp_path: Path) -> None:
    first, second = (driver(tmp_path, **fault(times=1)) for _ in range(2))
    first.prepare(node())
    with pytest.raises(DriverError, match="start of left failed"):
        first.start(node())
    assert second.start(node()) is not None


def test_a_fault_may_last_and_name_the_sliver(tmp_path: Path) -> None:
    made = driver(tmp_path, **fault(match=sliver("left").text, lasting=True))
    made.prepare(node())
    with pytest.raises(DriverError) as failed:
        made.start(node())
    assert failed.value.lasting


def test_the_first_rule_that_is_not_used_up_counts(tmp_path: Path) -> None:
    rules = [
        {"method": "*", "kind": "fails", "times": 1, "text": "first"},
        {"method": "prepare", "kind": "fails", "times": 1, "text": "second"},
    ]
    made = driver(tmp_path, faults=rules)
    for text in ("first", "second"):
        with pytest.raises(DriverError, match=text):
            made.prepare(node())
    made.prepare(node())


def test_a_lie_says_yes_and_does_nothing(tmp_path: Path) -> None:
    made = driver(tmp_path, **fault(kind="lies"))
    made.prepare(node())
    assert made.start(node()) is not None
    assert made.observe([node()])[node().sliver] == Observed(exists=True, running=False)


def test_observe_may_lie_too(tmp_path: Path) -> None:
    made = driver(tmp_path, **fault(method="observe", kind="lies", match="left"))
    for order in (node("left"), node("right")):
        made.prepare(order)
    found = made.observe([node("left"), node("right")])
    assert not found[sliver("left")].exists
    assert found[sliver("right")].exists


def test_observe_may_fail(tmp_path: Path) -> None:
    made = driver(tmp_path, **fault(method="observe"))
    with pytest.raises(DriverError):
        made.observe([node()])


def test_a_call_that_hangs_ends_at_the_timeout(tmp_path: Path) -> None:
    made = driver(tmp_path, timeout=0.01, **fault(kind="hangs"))
    made.prepare(node())
    with pytest.raises(DriverError, match=r"did not end within 0\.01 s"):
        made.start(node())


def test_a_call_that_hangs_goes_on_when_it_is_released(tmp_path: Path) -> None:
    made = driver(tmp_path, **fault(kind="hangs"))
    made.prepare(node())
    waiting = threading.Thread(target=made.start, args=(node(),))
    waiting.start()
    assert waiting.is_alive()
    made.release()
    waiting.join(10)
    assert made.observe([node()])[node().sliver].running


def test_delays_are_kept(tmp_path: Path) -> None:
    made = driver(tmp_path, delay={"prepare": 0.05})
    began = monotonic()
    made.prepare(node())
    assert monotonic() - began >= 0.05


def test_a_paused_old_order_does_nothing_when_it_wakes(tmp_path: Path) -> None:
    made = driver(tmp_path, **fault(method="destroy", kind="hangs"))
    made.prepare(node())
    paused = threading.Thread(target=made.destroy, args=(node(generation=2),))
    paused.start()
    made.start(node(generation=3))
    made.release()
    paused.join(10)
    assert made.observe([node()])[node().sliver].running


def test_it_makes_the_types_that_its_settings_name(tmp_path: Path) -> None:
    made = driver(tmp_path, sliver_types=["vm-*"], link_types=["lan"])
    made.check(node(sliver_type="vm-small").contents)
    made.check(link(link_type="lan").contents)
    made.check(link().contents)
    with pytest.raises(DriverError, match="sliver type container is not made here"):
        made.check(node().contents)
    with pytest.raises(DriverError, match="link type gre-tunnel is not made here; there are lan"):
        made.check(link(link_type="gre-tunnel").contents)


def test_probe_names_what_the_site_offers_in_vain(tmp_path: Path) -> None:
    made = driver(tmp_path, sliver_types=["vm"])
    assert made.probe(site("vm")) == []
    (lack,) = made.probe(site("vm", "raw"))
    assert "raw" in lack


@pytest.mark.parametrize(
    ("settings", "key"),
    [
        ({"directory": 5}, "directory"),
        ({"directory": ""}, "directory"),
        ({"speed": 1}, "speed"),
        ({"delay": "slow"}, "delay"),
        ({"delay": -1}, "delay"),
        ({"delay": {"fly": 1}}, "delay.fly"),
        ({"delay": {"start": True}}, "delay.start"),
        ({"timeout": float("nan")}, "timeout"),
        ({"sliver_types": "vm"}, "sliver_types"),
        ({"shapes": "no"}, "shapes"),
        ({"faults": "all"}, "faults"),
        ({"faults": ["all"]}, "faults[0]"),
        ({"faults": [{}]}, "faults[0].method"),
        ({"faults": [{"method": "fly"}]}, "faults[0].method"),
        ({"faults": [{"method": "start", "kind": "explodes"}]}, "faults[0].kind"),
        ({"faults": [{"method": "start", "times": -1}]}, "faults[0].times"),
        ({"faults": [{"method": "start", "times": True}]}, "faults[0].times"),
        ({"faults": [{"method": "start", "match": 3}]}, "faults[0]"),
        ({"faults": [{"method": "start", "lasting": "yes"}]}, "faults[0].lasting"),
        ({"faults": [{"method": "start", "often": 3}]}, "faults[0].often"),
    ],
)
def test_a_wrong_setting_is_named(tmp_path: Path, settings: dict[str, object], key: str) -> None:
    with pytest.raises(ConfigError) as wrong:
        make({"directory": str(tmp_path), **settings})
    assert str(wrong.value).startswith(f"driver.settings.{key}:")


def test_a_directory_that_cannot_be_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(ConfigError, match=r"driver\.settings\.directory"):
        driver(tmp_path / "file")


def test_a_world_that_cannot_be_used_is_a_failure_that_may_pass(tmp_path: Path) -> None:
    made = driver(tmp_path / "world")
    (tmp_path / "world" / "world.sqlite").write_bytes(b"no database, " * 100)
    with pytest.raises(DriverError) as failed:
        made.prepare(node())
    assert not failed.value.lasting


def serve(made: SimulatedDriver, order: Order) -> None:
    made.run_services(order, lambda: True)


def test_services_are_noted_once_on_what_was_built(tmp_path: Path) -> None:
    made = driver(tmp_path)
    made.prepare(scripted())
    with pytest.raises(DriverError, match="left does not run"):
        serve(made, scripted())
    assert standing(made, scripted()).ran == 0
    for bring_up in (made.start, made.start, made.restart):
        bring_up(scripted())
        serve(made, scripted())
        assert standing(made, scripted()).ran == 1
    made.stop(scripted(generation=2))
    # geni_restart prepares again what stands already
    made.prepare(scripted(generation=3))
    made.start(scripted(generation=3))
    serve(made, scripted(generation=3))
    assert standing(made, scripted()).ran == 1


@pytest.mark.parametrize("changed", [scripted("uptime", 2), scripted("date", 2, "alpine")])
def test_another_script_or_disk_makes_it_run_again(tmp_path: Path, changed: Order) -> None:
    made = driver(tmp_path)
    made.prepare(scripted())
    made.start(scripted())
    serve(made, scripted())
    made.prepare(changed)
    made.update_users(replace(changed, generation=3))
    assert standing(made, changed).ran == 1
    made.restart(changed := replace(changed, generation=4))
    serve(made, changed)
    assert standing(made, changed).ran == 2
    made.destroy(replace(changed, generation=5))
    made.prepare(again := replace(changed, generation=6))
    made.start(again)
    serve(made, again)
    assert standing(made, again).ran == 1


def test_without_services_nothing_is_noted(tmp_path: Path) -> None:
    made = driver(tmp_path)
    made.prepare(node())
    made.start(node())
    serve(made, node())
    assert standing(made, node()).ran == 0


def test_the_console_tells_what_was_asked_for_and_not_done(tmp_path: Path) -> None:
    made = driver(tmp_path)
    services = """<node xmlns="http://www.geni.net/resources/rspec/3" client_id="left"><services>
        <execute shell="bash" command="echo &quot;$HOME&quot;"/>
        <install url="http://files.test/a.tgz" install_path="/opt"/></services></node>"""
    order = asking(node(), xml=services, boot_script=Script("sh", "date"))
    made.prepare(order)
    made.start(order)
    assert made.console(order.sliver) == "left is simulated: it runs and prints nothing\n"
    serve(made, order)
    told = (made.console(order.sliver) or "").splitlines()
    assert told[1:] == [
        "not done, only noted: install http://files.test/a.tgz to /opt",
        'not done, only noted: execute by bash: echo "$HOME"',
        "not done, only noted: execute by sh: date",
    ]


PIPES = (
    Pipe(Property("left:0", "left:1", 1000, 2.5, 0.01), Queue(limit=50, red=True)),
    Pipe(Property("left:1", "left:0")),
)


def test_it_notes_what_it_shapes(tmp_path: Path) -> None:
    made = driver(tmp_path)
    bridge = asking(node(), pipes=PIPES)
    made.check(bridge.contents)
    made.prepare(bridge)
    assert standing(made, bridge).shaping == (
        "left:0 -> left:1: 1000 kbit/s, 2.5 ms, 0.01 lost, limit 50, red True",
    )
    slow = asking(link(), properties=(Property("left:0", "right:0", latency=30),))
    made.check(slow.contents)
    made.prepare(slow)
    assert standing(made, slow).shaping == ("left:0 -> right:0: 30 ms",)
    made.prepare(link(generation=2))
    assert standing(made, link()).shaping == ()


def test_it_may_be_told_to_shape_nothing(tmp_path: Path) -> None:
    made = driver(tmp_path, shapes=False)
    for wanted in (
        asking(node(), pipes=PIPES),
        asking(link(), properties=(Property("left:0", "right:0", latency=30),)),
        asking(link(), properties=(Property("left:0", "right:0", packet_loss=0.1),)),
    ):
        with pytest.raises(DriverError, match="traffic is not shaped here") as refused:
            made.check(wanted.contents)
        assert refused.value.lasting
    made.check(asking(link(), properties=(Property("left:0", "right:0", 100, 0, 0),)).contents)
    made.check(node().contents)
