"""Bridges and ports in the fabric, and the interfaces in nodes at the ports' other sides.

Every function takes handles of `netlink.handle` and raises pyroute2's NetlinkError. A port is up
as long as it is there; that it is joined to nothing is enough to keep its node apart.
"""

import errno
import ipaddress
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from socket import AF_INET6
from typing import Any, Final

from pyroute2.netlink.exceptions import NetlinkError

from gcf_am.drivers.host.network import Nic

_LO: Final = 1
_IFF_UP: Final = 1
_IFF_LOWER_UP: Final = 1 << 16
_AF_BRIDGE: Final = 7
_FORWARDING: Final = 3
_PATIENCE: Final = 10.0  # seconds
_PAUSE: Final = 0.005
_NODAD: Final = 0x02


@dataclass(frozen=True, slots=True)
class Interface:
    """An interface as the kernel has it; `alias` is a text that we keep with it.

    `peer` is the index of a port's other side, in whatever namespace that is.
    """

    index: int
    name: str
    mac: str
    mtu: int
    up: bool
    master: int | None
    peer: int | None
    alias: str


def find(route: Any, name: str) -> Interface | None:
    """The interface with this name, if there is one."""
    return _found(route, ifname=name)


def members(route: Any, bridge: Interface) -> Sequence[Interface]:
    """The ports that a bridge joins."""
    answers = route.link("dump", master=bridge.index)
    # old kernels do not filter
    return [one for one in map(_read, answers) if one.master == bridge.index]


def joined(route: Any) -> Iterator[tuple[str, int]]:
    """The name of each port that is up and joined to a bridge, and that bridge's index."""
    for message in route.link("dump", family=_AF_BRIDGE):
        if message["flags"] & _IFF_UP:
            yield message.get_attr("IFLA_IFNAME"), message.get_attr("IFLA_MASTER")


def lo_up(route: Any) -> None:
    """Bring the loopback interface up."""
    route.link("set", index=_LO, state="up")


def make_bridge(route: Any, name: str) -> Interface:
    """The bridge of this name, up; it learns addresses and does nothing else by itself."""
    found = find(route, name)
    if found is None:
        route.link(
            "add",
            ifname=name,
            kind="bridge",
            br_stp_state=0,
            br_forward_delay=0,
            br_mcast_snooping=0,  # 1 needs a querier, which nobody is
            br_group_fwd_mask=0xFFF8,  # a wire passes LLDP and EAPOL, too; the kernel keeps 0-2
        )
        found = _must(route, name)
    if not found.up:
        route.link("set", index=found.index, state="up")
    return found


def plug(fabric: Any, node: Any, namespace: int, port: str, nic: Nic) -> None:
    """Make the port's other side the node's interface `nic`; `namespace` is its descriptor.

    The node's root may have renamed it, taken it down, or away; then it is made anew.
    """
    inner = _inner(fabric, node, port)
    if inner is None:
        remove(fabric, port)
        fabric.link(
            "add",
            ifname=port,
            kind="veth",
            mtu=nic.mtu,
            peer={
                "ifname": nic.name,
                "net_ns_fd": namespace,
                "address": nic.mac,
                "mtu": nic.mtu,
            },
        )
        inner = _inner(fabric, node, port)
        assert inner is not None
    outer = _must(fabric, port)
    # before the node's side: that one has its carrier at once then
    fabric.link("set", index=outer.index, state="up")
    if outer.mtu != nic.mtu:
        fabric.link("set", index=outer.index, mtu=nic.mtu)
    if inner.name != nic.name:
        node.link("set", index=inner.index, state="down")
        node.link("set", index=inner.index, ifname=nic.name)
    if inner.mac != nic.mac:
        node.link("set", index=inner.index, address=nic.mac)
    if inner.mtu != nic.mtu:
        node.link("set", index=inner.index, mtu=nic.mtu)
    node.link("set", index=inner.index, state="up")
    _address(node, inner.index, nic.addresses)


def attach(route: Any, port: Interface, bridge: Interface) -> None:
    """Make the bridge join the port."""
    if port.master != bridge.index:
        route.link("set", index=port.index, master=bridge.index)


def detach(route: Any, port: Interface) -> None:
    """Leave the port joined to nothing."""
    route.link("set", index=port.index, master=0)


def wait_until_forwarding(route: Any, bridge: Interface) -> None:
    """Return when frames pass: a new port's carrier is noticed up to a second late.

    A port whose other side the node's root took down is not waited for. Raises TimeoutError.
    """
    until = time.monotonic() + _PATIENCE
    while any(
        message.get_attr("IFLA_MASTER") == bridge.index
        and message["flags"] & _IFF_LOWER_UP
        and message.get_nested("IFLA_PROTINFO", "IFLA_BRPORT_STATE") != _FORWARDING
        for message in route.link("dump", family=_AF_BRIDGE)
    ):
        if time.monotonic() > until:
            raise TimeoutError(errno.ETIMEDOUT, "the link's ports do not come up")
        time.sleep(_PAUSE)


def mark(route: Any, interface: Interface, alias: str) -> None:
    """Keep a text with the interface."""
    route.link("set", index=interface.index, ifalias=alias)


def remove(route: Any, name: str) -> None:
    """Remove the interface, and of a port its other side; well when it is not there."""
    if (found := find(route, name)) is not None:
        _unless_gone(route, found.index)


def _unless_gone(route: Any, index: int) -> None:
    try:
        route.link("del", index=index)
    except NetlinkError as error:
        if error.code != errno.ENODEV:
            raise


def _inner(fabric: Any, node: Any, port: str) -> Interface | None:
    """The port's other side, if it is in the node."""
    outer = find(fabric, port)
    if outer is None or outer.peer is None:
        return None
    inner = _found(node, index=outer.peer)
    return inner if inner is not None and inner.peer == outer.index else None


def _address(node: Any, index: int, wanted: Sequence[str]) -> None:
    """Give the interface exactly these addresses, besides the link-local ones of its own."""
    missing = dict.fromkeys(ipaddress.ip_interface(one) for one in wanted)
    for message in node.get_addr(index=index):
        attributes = dict(message["attrs"])
        text = attributes.get("IFA_LOCAL", attributes.get("IFA_ADDRESS"))
        has = ipaddress.ip_interface(f"{text}/{message['prefixlen']}")
        if has in missing:
            del missing[has]
        elif not has.is_link_local:
            node.addr("del", index=index, address=str(has.ip), prefixlen=has.network.prefixlen)
    for one in missing:
        # it can be used at once: that nobody else has it was seen to before (RFC 4862, 5.4)
        flags = {"flags": _NODAD, "family": AF_INET6} if one.version == 6 else {}
        node.addr("add", index=index, address=str(one.ip), prefixlen=one.network.prefixlen, **flags)


def _must(route: Any, name: str) -> Interface:
    found = find(route, name)
    if found is None:
        raise NetlinkError(errno.ENODEV)
    return found


def _found(route: Any, **which: Any) -> Interface | None:
    try:
        return next((_read(message) for message in route.link("get", **which)), None)
    except NetlinkError as error:
        if error.code == errno.ENODEV:
            return None
        raise


def _read(message: Any) -> Interface:
    # one by one: the others, of which there are many, are not decoded then
    return Interface(
        message["index"],
        message.get_attr("IFLA_IFNAME"),
        message.get_attr("IFLA_ADDRESS", ""),
        message.get_attr("IFLA_MTU"),
        bool(message["flags"] & _IFF_UP),
        message.get_attr("IFLA_MASTER"),
        message.get_attr("IFLA_LINK"),
        message.get_attr("IFLA_IFALIAS", ""),
    )
