"""Addresses that are left out are chosen without clash, and clashes are refused."""

import ipaddress
from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gcf_am.errors import BadArgs
from gcf_am.model.addressing import Wanted, addressed, ip_of, mac_of
from gcf_am.model.sliver import Contents, LinkPlacement, NodePlacement
from gcf_am.model.topology import Address, Frame, Interface, Link, Node

PLACE = NodePlacement("host", "vm", None, exclusive=False)


def node(name: str, **interfaces: str) -> Contents:
    """Interfaces with addresses as `10.0.0.1/24`, without one as the empty string."""
    made = tuple(
        Interface(one, addresses=tuple(_address(text) for text in texts.split()))
        for one, texts in interfaces.items()
    )
    return Contents(Node(name, "<node/>", line=3, interfaces=made), PLACE, (), Frame())


def link(name: str, *ends: str) -> Contents:
    made = Link(name, "<link/>", line=9, interfaces=ends)
    return Contents(made, LinkPlacement(), (), Frame())


def _address(text: str) -> Address:
    ip, _, mask = text.partition("/")
    return Address(ip, str(ipaddress.ip_interface(text).netmask) if mask else None)


def choose(
    *contents: Contents, before: Sequence[Contents] = (), beside: Sequence[Contents] = ()
) -> dict[str, list[str]]:
    """The addresses of each interface that come out."""
    old = {one.resource.client_id: one for one in before}
    wanted = [Wanted(f"urn+{one.resource.client_id}", one, old.get(one.resource.client_id))
              for one in contents]  # fmt: skip
    return _shown(addressed(wanted, beside))


def _shown(contents: Sequence[Contents]) -> dict[str, list[str]]:
    return {
        interface.client_id: [f"{ip.address}/{ip.netmask or ''}" for ip in interface.addresses]
        for one in contents
        if isinstance(one.resource, Node)
        for interface in one.resource.interfaces
    }


def test_a_link_without_addresses_gets_a_subnet() -> None:
    made = choose(node("a", a0=""), node("b", b0=""), link("l", "a0", "b0"))
    first, second = (ipaddress.ip_interface(made[one][0]) for one in ("a0", "b0"))
    assert first.network == second.network
    assert first.ip != second.ip
    assert str(first.network).startswith("10.")
    assert made == choose(node("a", a0=""), node("b", b0=""), link("l", "a0", "b0"))


def test_who_is_left_out_joins_the_others_subnet() -> None:
    made = choose(
        node("a", a0="10.9.8.1/29"), node("b", b0=""), node("c", c0="10.9.8.3/29"),
        link("l", "a0", "b0", "c0"),
    )  # fmt: skip
    assert made["a0"] == ["10.9.8.1/255.255.255.248"]
    assert made["b0"] == ["10.9.8.2/255.255.255.248"]


def test_interfaces_that_no_link_joins_get_none() -> None:
    assert choose(node("a", a0="")) == {"a0": []}


def test_a_link_to_another_aggregate_gets_none() -> None:
    assert choose(node("a", a0=""), link("l", "a0", "elsewhere")) == {"a0": []}


def test_what_was_chosen_before_stays() -> None:
    parts = (node("a", a0=""), node("b", b0=""), link("l", "a0", "b0"))
    before = addressed([Wanted(f"urn+{one.resource.client_id}", one) for one in parts], [])
    made = choose(
        node("c", c0=""), node("b", b0=""), node("a", a0=""), link("l", "c0", "b0", "a0"),
        before=before,
    )  # fmt: skip
    assert {name: made[name] for name in ("a0", "b0")} == _shown(before)
    assert made["c0"] not in _shown(before).values()


def test_untouched_slivers_addresses_are_taken_and_not_changed() -> None:
    made = choose(node("b", b0=""), link("l", "a0", "b0"), beside=[node("a", a0="192.168.1.1/24")])
    assert made == {"b0": ["192.168.1.2/255.255.255.0"]}


def test_every_interface_gets_the_mac_address_of_its_sliver() -> None:
    (made,) = addressed([Wanted("urn+a", node("a", a0=""))], [])
    assert isinstance(made.resource, Node)
    assert made.resource.interfaces[0].mac == mac_of("urn+a", "a0")
    assert mac_of("urn+a", "a0") != mac_of("urn+b", "a0")
    # locally administered, and not a group's
    assert int(mac_of("urn+a", "a0")[:2], 16) & 3 == 2


@settings(derandomize=True, deadline=None, max_examples=25)
@given(st.lists(st.integers(1, 12), min_size=1, max_size=12), st.integers(0, 255))
def test_chosen_addresses_never_clash(sizes: list[int], third: int) -> None:
    """Every node is on every link that is large enough; one of them asks for a subnet."""
    count = max(sizes)
    nodes = [
        node(
            f"n{number}",
            **{
                f"i{number}_{which}": f"10.0.{third}.9/24" if which == number == 0 else ""
                for which in range(len(sizes))
            },
        )
        for number in range(count)
    ]
    links = [
        link(f"l{which}", *(f"i{number}_{which}" for number in range(size)))
        for which, size in enumerate(sizes)
    ]
    made = choose(*nodes, *links)
    subnets = []
    for which, size in enumerate(sizes):
        ends = [ipaddress.ip_interface(made[f"i{number}_{which}"][0]) for number in range(size)]
        assert len({one.ip for one in ends}) == size
        (subnet,) = {one.network for one in ends}
        subnets.append(subnet)
    assert not any(
        one.overlaps(other) for n, one in enumerate(subnets) for other in subnets[n + 1 :]
    )


def test_a_lan_of_a_thousand_has_room() -> None:
    nodes = [node(f"n{one}", **{f"i{one}": ""}) for one in range(1000)]
    made = choose(*nodes, link("l", *(f"i{one}" for one in range(1000))))
    assert len({each for one in made.values() for each in one}) == 1000


@pytest.mark.parametrize("same", ["10.0.0.1/24", "fd00::1/64"])
def test_one_address_twice_on_a_link_is_refused_by_name(same: str) -> None:
    with pytest.raises(BadArgs, match="line 9: link 'l': 'a0' and 'b0' both have") as caught:
        choose(node("a", a0=same), node("b", b0=same), link("l", "a0", "b0"))
    assert same.partition("/")[0] in str(caught.value)


def test_the_same_address_on_two_links_is_well() -> None:
    choose(
        node("a", a0="10.0.0.1/24"), node("b", b0="10.0.0.2/24"), link("l", "a0", "b0"),
        node("c", c0="10.0.0.1/24"), node("d", d0="10.0.0.2/24"), link("m", "c0", "d0"),
    )  # fmt: skip


def test_one_subnet_on_two_links_of_a_node_is_refused_by_name() -> None:
    with pytest.raises(BadArgs, match="line 3: node 'a': links 'l' and 'm' both have"):
        choose(
            node("a", a0="10.0.0.1/24", a1="10.0.0.9/24"),
            node("b", b0="10.0.0.2/24"),
            link("l", "a0", "b0"),
            link("m", "a1"),
        )


def test_a_subnet_without_room_is_refused_by_name() -> None:
    with pytest.raises(BadArgs, match=r"link 'l': 10.0.0.0/30 has no room for interface 'c0'"):
        choose(
            node("a", a0="10.0.0.1/30"), node("b", b0="10.0.0.2/30"), node("c", c0=""),
            link("l", "a0", "b0", "c0"),
        )  # fmt: skip


@pytest.mark.parametrize(
    ("ip", "mask", "meant"),
    [
        ("10.0.0.1", None, "10.0.0.1/24"),
        ("10.0.0.1", " 255.255.0.0 ", "10.0.0.1/16"),
        ("10.0.0.1", "8", "10.0.0.1/8"),
        ("fd00::1", None, "fd00::1/64"),
        ("fd00::1", "48", "fd00::1/48"),
        ("fd00::1", "ffff:ffff::", "fd00::1/32"),
    ],
)
def test_netmasks_are_read_as_they_are_written(ip: str, mask: str | None, meant: str) -> None:
    assert str(ip_of(Address(ip, mask))) == meant


@pytest.mark.parametrize(
    ("ip", "mask"),
    [("10.0.0.1", "33"), ("10.0.0.1", "255.0.255.0"), ("fd00::1", "f0ff::"), ("here", None)],
)
def test_what_is_no_address_or_netmask_is_told(ip: str, mask: str | None) -> None:
    with pytest.raises(ValueError, match=r"."):
        ip_of(Address(ip, mask))
