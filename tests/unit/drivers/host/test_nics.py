"""From a request's interfaces to those inside the node."""

import pytest

from gcf_am.drivers.host.nics import nics_of
from gcf_am.manager.ports import DriverError
from gcf_am.model.topology import Address, Interface


def interface(name: str, *addresses: Address) -> Interface:
    return Interface(name, addresses=addresses)


def test_names_follow_the_order_of_the_request() -> None:
    nics = nics_of("urn", [interface("b"), interface("a")], ())
    assert [(name, nic.name) for name, nic in nics] == [("b", "eth1"), ("a", "eth2")]


def test_what_stays_keeps_its_name() -> None:
    before = nics_of("urn", [interface("a"), interface("b"), interface("c")], ())
    after = nics_of("urn", [interface("c"), interface("d"), interface("b")], before)
    assert {name: nic.name for name, nic in after} == {"c": "eth3", "d": "eth1", "b": "eth2"}


def test_addresses_of_our_making_are_local_and_differ() -> None:
    nics = dict(nics_of("urn", [interface("a"), interface("b")], ()))
    others = dict(nics_of("other", [interface("a")], ()))
    macs = {nics["a"].mac, nics["b"].mac, others["a"].mac}
    assert len(macs) == 3
    assert all(int(mac[:2], 16) & 3 == 2 for mac in macs)
    assert dict(nics_of("urn", [interface("a")], ()))["a"].mac == nics["a"].mac


@pytest.mark.parametrize(
    ("address", "netmask", "given"),
    [
        ("10.0.0.1", None, "10.0.0.1/24"),
        ("10.0.0.1", "255.255.0.0", "10.0.0.1/16"),
        ("10.0.0.1", "30", "10.0.0.1/30"),
        ("fd00::1", None, "fd00::1/64"),
        ("fd00::1", "112", "fd00::1/112"),
        ("fd00:0::1", " 112 ", "fd00::1/112"),
    ],
)
def test_netmasks(address: str, netmask: str | None, given: str) -> None:
    (_, nic), *_ = nics_of("urn", [interface("a", Address(address, netmask))], ())
    assert nic.addresses == (given,)


@pytest.mark.parametrize("netmask", ["33", "255.0.255.0", "x", "-1"])
def test_a_netmask_that_is_none_is_refused(netmask: str) -> None:
    with pytest.raises(DriverError, match="netmask") as refused:
        nics_of("urn", [interface("a", Address("10.0.0.1", netmask))], ())
    assert refused.value.lasting
