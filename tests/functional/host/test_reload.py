"""geni_reload: a node begins anew with a fresh disk, and is still found where it was."""

from dataclasses import replace

import pytest

from gcf_am.drivers.host.driver import HostDriver
from gcf_am.drivers.host.journal import Made
from gcf_am.manager.ports import DriverError
from tests.contract.driver.host import host_driver
from tests.contract.driver.orders import node
from tests.functional.host.logins import KeyPair, account, says, ssh
from tests.functional.host.test_nodes import banner_key, process, up
from tests.functional.host.test_services import executing, serve


def test_what_it_wrote_is_gone_and_where_it_is_found_stays(
    driver: HostDriver, alice_key: KeyPair
) -> None:
    order = executing(alice_key, "echo ran >> /root/ran; ip -o link show eth1 > /root/link")
    driver.prepare(order)
    access = driver.start(order)
    assert access is not None
    serve(driver, order)
    first, key = process(driver, order), banner_key(access)
    before = says(access, alice_key, "cat /etc/machine-id; sudo -n cat /root/link")
    ssh(access, alice_key, "touch ~/file && sudo -n touch /usr/bin/thing /etc/thing")
    again = replace(order, generation=2)
    assert driver.reload(again) == access
    serve(driver, again)
    assert process(driver, order) != first
    assert banner_key(access) == key
    assert says(access, alice_key, "ls ~/file /usr/bin/thing /etc/thing 2> /dev/null; true") == ""
    # what runs on a new disk ran again
    assert says(access, alice_key, "sudo -n cat /root/ran") == "ran"
    assert says(access, alice_key, "cat /etc/machine-id; sudo -n cat /root/link") == before


def test_a_node_that_its_user_broke_is_mended(driver: HostDriver, alice_key: KeyPair) -> None:
    order, access = up(driver, account("alice", alice_key))
    ssh(access, alice_key, "sudo -n rm /usr/sbin/sshd")
    with pytest.raises(DriverError):
        driver.restart(replace(order, generation=2))
    assert driver.reload(replace(order, generation=3)) == access
    assert says(access, alice_key, "hostname") == "left"


def test_whoever_is_killed_between_two_images_leaves_no_disk_of_the_other(
    driver: HostDriver, alice_key: KeyPair
) -> None:
    order, access = up(driver, account("alice", alice_key))
    ssh(access, alice_key, "touch ~/file")
    made = driver._journal.find(order.sliver.text)
    assert made is not None
    # as if its disk were over an image that has been left behind
    driver._journal.put(replace(made, image="former"))
    successor = host_driver(driver._settings.directory)
    halt = successor._nodes._halt

    def halt_and_end(made: Made) -> Made:
        halt(made)
        raise KeyboardInterrupt

    successor._nodes._halt = halt_and_end  # type: ignore[method-assign]
    changed = node(generation=2, image="fedora", logins=order.logins)
    with pytest.raises(KeyboardInterrupt):
        successor.prepare(changed)
    driver.prepare(changed)
    assert says(driver.start(changed), alice_key, "ls ~/file 2> /dev/null; true") == ""
