"""What a request wants to run in a node runs there, once, as it was written."""

import os
import signal
import time
from contextlib import suppress
from dataclasses import replace
from html import escape
from pathlib import Path

import pytest

from gcf_am.drivers.host import runtime
from gcf_am.drivers.host.driver import HostDriver
from gcf_am.manager.ports import DriverError, Order
from gcf_am.model.sliver import Access
from gcf_am.model.topology import Node, Pipe, Property, Script
from gcf_am.rspec.services import services_of
from tests.contract.driver.host import host_driver
from tests.contract.driver.orders import link, node
from tests.functional.host.logins import KeyPair, account, says
from tests.functional.running import eventually

RSPEC = "http://www.geni.net/resources/rspec/3"


def executing(
    key: KeyPair, *commands: str, generation: int = 1, script: Script | None = None, more: str = ""
) -> Order:
    executes = "".join(f"<execute shell='sh' command='{written(one)}'/>" for one in commands)
    xml = f"<node xmlns='{RSPEC}' client_id='left'><services>{executes}{more}</services></node>"
    order = node(generation=generation, logins=(account("alice", key),))
    resource = order.contents.resource
    assert isinstance(resource, Node)
    resource = replace(resource, xml=xml, boot_script=script)
    return replace(order, contents=replace(order.contents, resource=resource))


def written(command: str) -> str:
    """As an attribute that is read as it was."""
    return escape(command).replace("\n", "&#10;").replace("\t", "&#9;")


def up(driver: HostDriver, order: Order) -> Access:
    driver.check(order.contents)
    driver.prepare(order)
    access = driver.start(order)
    assert access is not None
    serve(driver, order)
    return access


def serve(driver: HostDriver, order: Order) -> None:
    driver.run_services(order, lambda: True)


def test_in_order_unchanged_and_as_root(driver: HostDriver, alice_key: KeyPair) -> None:
    word = 'it\'s "$HOME" & <this> `id` $(id) \\ \n\ttwo\n #{'
    order = executing(
        alice_key,
        "echo one >> /root/order; id -un > /root/who",
        f"printf %s '{word.replace(chr(39), chr(39) + chr(92) + chr(39) * 2)}' > /root/word",
        "echo two >> /root/order",
        script=Script("sh", "cd /tmp\necho three >> /root/order\n"),
    )
    access = up(driver, order)
    assert says(access, alice_key, "sudo -n cat /root/order").split() == ["one", "two", "three"]
    assert says(access, alice_key, "sudo -n cat /root/who") == "root"
    assert says(access, alice_key, "sudo -n cat /root/word") == word
    # once for a disk, however often it starts
    again = executing(alice_key, *_commands(order), generation=2, script=_node(order).boot_script)
    assert driver.restart(again) == access
    serve(driver, again)
    assert says(access, alice_key, "sudo -n cat /root/order").split() == ["one", "two", "three"]


def test_one_that_fails_says_how_and_its_output_is_kept(
    driver: HostDriver, alice_key: KeyPair
) -> None:
    order = executing(alice_key, "echo fine", "echo broken; exit 7", "touch /root/never")
    driver.prepare(order)
    driver.start(order)
    with pytest.raises(DriverError, match=r"service 2 .*gave 7: broken") as failed:
        serve(driver, order)
    assert failed.value.lasting
    access = driver.observe([order])[order.sliver].access
    assert says(access, alice_key, "cat /var/log/services/1.output") == "fine"
    assert says(access, alice_key, "cat /var/log/services/2.status") == "7"
    assert says(access, alice_key, "sudo -n ls /root") == ""


class Clock:
    """The clock of a runtime that can be put forward."""

    def __init__(self) -> None:
        self.ahead = 0.0

    def monotonic(self) -> float:
        return time.monotonic() + self.ahead


def test_one_that_hangs_ends_with_all_that_it_started(
    driver: HostDriver, alice_key: KeyPair, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = Clock()
    monkeypatch.setattr(runtime, "time", clock)
    order = executing(
        alice_key,
        # what one that ends has started goes on
        "setsid sleep 1111 > /dev/null 2>&1 &",
        "echo begun; (setsid sh -c 'setsid sleep 2222 & sleep 3333' &) ; trap '' TERM; sleep 4444",
    )
    driver.prepare(order)
    access = driver.start(order)

    def wanted() -> bool:
        # its time is over when all of them run
        if sleeping(driver) == ["1111", "2222", "3333", "4444"]:
            clock.ahead = 1000
        return True

    with pytest.raises(DriverError, match=r"service 2 .*did not end within 300 s: begun"):
        driver.run_services(order, wanted)
    assert sleeping(driver) == ["1111"]
    assert says(access, alice_key, "cat /var/log/services/2.output") == "begun"
    assert says(access, alice_key, "cat /var/log/services/[12].status").split() == ["0", "124"]


def test_one_that_is_not_wanted_any_more_ends(driver: HostDriver, alice_key: KeyPair) -> None:
    order = executing(alice_key, "setsid sleep 2222 & sleep 3333")
    driver.prepare(order)
    driver.start(order)
    # until it was seen to run
    with pytest.raises(DriverError, match="not wanted") as ended:
        driver.run_services(order, lambda: sleeping(driver) != ["2222", "3333"])
    assert not ended.value.lasting
    assert sleeping(driver) == []


def test_what_a_killed_aggregate_left_running_is_ended_first(
    driver: HostDriver, alice_key: KeyPair
) -> None:
    order = executing(alice_key, "test -e /root/again || { touch /root/again; sleep 3333; }")
    driver.prepare(order)
    access = driver.start(order)
    child = os.fork()
    if child == 0:
        try:
            serve(host_driver(driver._settings.directory), order)
        finally:
            os._exit(0)
    eventually(lambda: sleeping(driver) == ["3333"], what="running")
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    assert sleeping(driver) == ["3333"]
    serve(driver, order)
    assert sleeping(driver) == []
    assert says(access, alice_key, "cat /var/log/services/1.status") == "0"


def sleeping(driver: HostDriver) -> list[str]:
    """For how long the sleeping processes in its one node sleep."""
    (made,) = driver._journal.standing().values()
    assert made.process is not None
    groups = Path(f"/proc/{made.process.pid}/cgroup").read_text().splitlines()
    found = []
    for one in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            line = (one / "cmdline").read_bytes().decode().split("\0")
            if line[0] == "sleep" and made.tag in (one / "cgroup").read_text():
                found.append(line[1])
    assert any(made.tag in line for line in groups)
    return sorted(found)


def test_what_is_not_done_is_refused_by_name(driver: HostDriver, alice_key: KeyPair) -> None:
    install = f"<install xmlns='{RSPEC}' url='http://10.0.0.1/a.tgz' install_path='/opt'/>"
    with pytest.raises(DriverError, match=r"/a\.tgz: 10\.0\.0\.1 is not an address"):
        driver.check(executing(alice_key, more=install).contents)
    plain = executing(alice_key)
    for resource, named in (
        (replace(_node(plain), pipes=(Pipe(Property("a", "b", 5)),)), "pipe"),
        (replace(_node(plain), blockstore="store"), "blockstore store"),
    ):
        with pytest.raises(DriverError, match=named):
            driver.check(replace(plain.contents, resource=resource))
    with pytest.raises(DriverError, match="link type gre-tunnel"):
        driver.check(link(link_type="gre-tunnel").contents)
    driver.check(link(link_type="lan").contents)
    with pytest.raises(DriverError, match="sliver type raw-pc"):
        driver.check(node(sliver_type="raw-pc").contents)
    with pytest.raises(DriverError, match="disk image beos"):
        driver.check(node(image="beos").contents)


def _node(order: Order) -> Node:
    assert isinstance(order.contents.resource, Node)
    return order.contents.resource


def _commands(order: Order) -> list[str]:
    return [one.command for one in services_of(replace(_node(order), boot_script=None)).executes]
