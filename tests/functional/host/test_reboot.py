"""After a boot of the machine nodes are geni_failed and say why; they come back with their disks."""

from tests.functional.host.house import LAN, House, access_of, users
from tests.functional.host.logins import KeyPair, says, ssh
from tests.functional.host.reboot import reboot
from tests.functional.host.traces import commands, traces_of
from tests.functional.running import Slice, eventually


def test_nodes_come_back_with_their_disks_and_links_after_a_boot(
    house: House, alice_key: KeyPair
) -> None:
    first = house.open()
    slice_ = first.person("alice").new_slice()
    made = slice_.running(LAN, geni_users=users(alice_key))
    ssh(access_of(slice_, "a"), alice_key, "echo kept > ~/file")
    before = {name: access_of(slice_, name) for name in "ab"}
    first.kill()
    reboot(house.driver)
    # but for its files nothing of it is left
    assert [one for one in traces_of(house.driver) if not one.startswith(str(house.home))] == []
    again = Slice(house.open().person("alice"), slice_.urn, slice_.credential)
    again.until("geni_failed")
    for name in "ab":
        assert "booted since" in again.slivers()[made[name]]["geni_error"]
    assert not [line for _, line in commands() if "host.gate" in line and str(house.home) in line]
    again.done("PerformOperationalAction", "geni_restart")
    again.until("geni_ready")
    assert {name: access_of(again, name) for name in "ab"} == before
    assert says(before["a"], alice_key, "cat ~/file; hostname") == "kept\na"
    assert says(before["b"], alice_key, "ping -qnc1 -W20 10.5.0.1 > /dev/null && echo yes") == "yes"
    again.done("Delete")
    eventually(lambda: not traces_of(house.driver), what="gone")
