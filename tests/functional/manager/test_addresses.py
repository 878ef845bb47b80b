"""Where interfaces are real, each one on a link has addresses, and the manifest shows them."""

import re

import pytest

from gcf_am.errors import BadArgs
from gcf_am.rspec.request import read_request
from gcf_am.safexml import parse
from gcf_am.safexml.schema import load
from tests.functional.manager.house import MANAGER, Caller, House, link, node, pair, request


@pytest.fixture(autouse=True)
def real(house: House) -> None:
    house.driver.addresses = True


def addresses(rspec: str) -> list[str]:
    return re.findall(r'<ip [^>]*address="([^"]*)"', rspec)


def macs(rspec: str) -> list[str]:
    return re.findall(r'mac_address="([^"]*)"', rspec)


def with_ip(rspec: str, interface: str, ip: str) -> str:
    bare = f'<interface client_id="{interface}"/>'
    assert bare in rspec
    return rspec.replace(
        bare,
        f'<interface client_id="{interface}"><ip address="{ip}" netmask="255.255.255.0"'
        ' type="ipv4"/></interface>',
    )


def test_the_manifest_shows_what_was_chosen_from_allocate_on(caller: Caller) -> None:
    allocated = caller.allocate(pair()).rspec
    assert len(set(addresses(allocated))) == 2
    assert len(set(macs(allocated))) == 2
    caller.provision()
    described = caller.describe().rspec
    assert addresses(described) == addresses(allocated)
    assert macs(described) == macs(allocated)
    assert load("manifest").errors(parse(described.encode())) == []


def test_addresses_that_were_asked_for_stand_as_they_came(caller: Caller) -> None:
    shown = addresses(caller.allocate(with_ip(pair(), "a:0", "192.168.5.1")).rspec)
    assert shown == ["192.168.5.1", "192.168.5.2"]


def test_the_manifest_given_back_asks_for_the_same(caller: Caller) -> None:
    manifest = caller.allocate(pair()).rspec
    topology = read_request(manifest, manager=MANAGER, manifest_allowed=True)
    asked = [
        ip.address for one in topology.nodes for each in one.interfaces for ip in each.addresses
    ]
    assert asked == addresses(manifest)
    updated = caller.update(manifest).rspec
    assert addresses(updated) == addresses(manifest)
    assert macs(updated) == macs(manifest)


def test_an_update_without_addresses_keeps_those_that_were_chosen(caller: Caller) -> None:
    urns = caller.running(pair())
    before = caller.describe().rspec
    updated = caller.update(
        request(
            node("a", "a:0", sliver_id=urns["a"]),
            node("b", "b:0", sliver_id=urns["b"]),
            node("c", "c:0"),
            link("lan", "a:0", "b:0", "c:0", sliver_id=urns["lan"]),
        )
    ).rspec
    assert set(addresses(before)) < set(addresses(updated))
    assert len(set(addresses(updated))) == 3


def test_a_clash_is_refused_with_line_and_names(caller: Caller) -> None:
    rspec = with_ip(with_ip(pair(), "a:0", "10.0.0.1"), "b:0", "10.0.0.1")
    with pytest.raises(BadArgs, match=r"line 1: link 'lan': 'a:0' and 'b:0' both have 10.0.0.1"):
        caller.allocate(rspec)
    assert caller.house.held() == {}


def test_where_interfaces_are_not_real_nothing_is_chosen(house: House, caller: Caller) -> None:
    house.driver.addresses = False
    manifest = caller.allocate(pair()).rspec
    assert addresses(manifest) == []
    assert macs(manifest) == []
