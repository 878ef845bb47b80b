"""Addresses of interfaces that frames really pass: those left out are chosen, clashes refused.

What is chosen is always the same for the same request, and stays while the sliver is updated. A
link whose ends lie partly at other aggregates gets none: they would not know which are taken.
"""

import ipaddress
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import Final

from gcf_am.errors import BadArgs
from gcf_am.model.sliver import Contents
from gcf_am.model.topology import Address, Interface, Link, Node

IpInterface = ipaddress.IPv4Interface | ipaddress.IPv6Interface
IpNetwork = ipaddress.IPv4Network | ipaddress.IPv6Network

# What an address without a netmask gets.
_PREFIX: Final[Mapping[int, int]] = {4: 24, 6: 64}
# RFC 1918; links of more ends than a /24 has room for get a /16 of it
_SUBNETS: Final = 1 << 16
_SMALL: Final = 250


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a sliver shall be made of, and what it was made of before."""

    sliver: str
    contents: Contents
    before: Contents | None = None


def addressed(wanted: Sequence[Wanted], beside: Iterable[Contents]) -> list[Contents]:
    """The contents, their nodes' interfaces with MAC addresses, and on links with IP addresses.

    `beside` is what else the slice has. Raises BadArgs: two ends of a link with one address, two
    links of a node with one subnet, a subnet without room.
    """
    others = list(beside)
    links = sorted(_links([*(one.contents for one in wanted), *others]), key=lambda one: one[0])
    had = _addresses(one.before for one in wanted)
    has = _addresses([*(one.contents for one in wanted), *others])
    open_ = {one for each in wanted for one in _addresses([each.contents])}
    used = [ip_of(one).network for end in has for one in has[end] if _is_ip(one)]
    for _, link in links:
        if not all(end in has for end in link.interfaces):
            continue
        missing = [end for end in link.interfaces if not has[end] and end in open_]
        if missing:
            network = _network(link, has, had, used)
            used.append(network)
            has |= _chosen(link, missing, network, has, had)
        _check_link(link, has)
    made = [_with(one, has) for one in wanted]
    _check_nodes([*made, *others], [link for _, link in links], has)
    return made


def ip_of(address: Address) -> IpInterface:
    """The address with its subnet; raises ValueError.

    A netmask may be a number of bits or a mask, of IPv6 addresses, too.
    """
    ip = ipaddress.ip_address(address.address.strip())
    mask = (address.netmask or "").strip() or str(_PREFIX[ip.version])
    if ":" in mask:
        bits = f"{int(ipaddress.IPv6Address(mask)):0128b}"
        mask = str(len(bits.rstrip("0")))
        if "0" in bits.rstrip("0"):
            raise ValueError(f"{address.netmask} is no netmask")
    return ipaddress.ip_interface(f"{ip}/{mask}")


def mac_of(sliver: str, interface: str) -> str:
    """A MAC address of our own making, always the same one for the same interface.

    Locally administered, not a group's (IEEE 802, 8.2).
    """
    made = sha256(f"{sliver} {interface}".encode()).digest()[:5]
    return ":".join(["02", *(f"{byte:02x}" for byte in made)])


def _links(contents: Iterable[Contents]) -> Iterator[tuple[str, Link]]:
    for one in contents:
        if isinstance(one.resource, Link):
            yield one.resource.client_id, one.resource


def _interfaces(contents: Iterable[Contents | None]) -> Iterator[Interface]:
    for one in contents:
        if one is not None and isinstance(one.resource, Node):
            yield from one.resource.interfaces


def _addresses(contents: Iterable[Contents | None]) -> dict[str, tuple[Address, ...]]:
    return {one.client_id: one.addresses for one in _interfaces(contents)}


def _network(
    link: Link,
    has: Mapping[str, Sequence[Address]],
    had: Mapping[str, Sequence[Address]],
    used: Sequence[IpNetwork],
) -> ipaddress.IPv4Network:
    """The subnet of the ends that have addresses, else the one of before, else a free one."""
    for known in (has, had):
        for end in link.interfaces:
            for one in known.get(end, ()):
                network = ip_of(one).network if _is_ip(one) else None
                if isinstance(network, ipaddress.IPv4Network) and (
                    known is has or not any(_overlap(network, other) for other in used)
                ):
                    return network
    first = int.from_bytes(sha256(link.client_id.encode()).digest()[:2])
    prefix, step = (24, 1) if len(link.interfaces) <= _SMALL else (16, 256)
    for number in range(0, _SUBNETS, step):
        subnet = (first // step * step + number) % _SUBNETS
        free = ipaddress.IPv4Network(((10 << 24) + (subnet << 8), prefix))
        if not any(_overlap(free, other) for other in used):
            return free
    raise BadArgs(f"{_title(link)}: no subnet is left to give its interfaces addresses of")


def _chosen(
    link: Link,
    missing: Sequence[str],
    network: ipaddress.IPv4Network,
    has: Mapping[str, Sequence[Address]],
    had: Mapping[str, Sequence[Address]],
) -> dict[str, tuple[Address, ...]]:
    """An address of the subnet for each end: the one of before where nobody has it now."""
    taken = {ip_of(one).ip for end in link.interfaces for one in has[end] if _is_ip(one)}
    made: dict[str, tuple[Address, ...]] = {}
    for end in missing:
        for one in had.get(end, ()):
            if _is_ip(one) and ip_of(one).network == network and ip_of(one).ip not in taken:
                made[end] = (one,)
                taken.add(ip_of(one).ip)
                break
    free = (one for one in network.hosts() if one not in taken)
    for end in missing:
        if end in made:
            continue
        ip = next(free, None)
        if ip is None:
            raise BadArgs(f"{_title(link)}: {network} has no room for interface {end!r}")
        made[end] = (Address(str(ip), str(network.netmask), "ipv4"),)
    return made


def _with(wanted: Wanted, has: Mapping[str, tuple[Address, ...]]) -> Contents:
    node = wanted.contents.resource
    if not isinstance(node, Node):
        return wanted.contents
    interfaces = tuple(
        replace(
            one, addresses=has[one.client_id], mac=one.mac or mac_of(wanted.sliver, one.client_id)
        )
        for one in node.interfaces
    )
    return replace(wanted.contents, resource=replace(node, interfaces=interfaces))


def _check_link(link: Link, has: Mapping[str, Sequence[Address]]) -> None:
    owner: dict[object, str] = {}
    for end in link.interfaces:
        for one in filter(_is_ip, has[end]):
            other = owner.setdefault(ip_of(one).ip, end)
            if other != end:
                raise BadArgs(f"{_title(link)}: {other!r} and {end!r} both have {one.address}")


def _check_nodes(
    contents: Iterable[Contents], links: Iterable[Link], has: Mapping[str, Sequence[Address]]
) -> None:
    """A node does not know by which of its links an address is reached that two of them claim."""
    link_of = {end: link for link in links for end in link.interfaces}
    for one in contents:
        seen: list[tuple[IpNetwork, Link]] = []
        for interface in _interfaces([one]):
            link = link_of.get(interface.client_id)
            if link is None:
                continue
            for address in filter(_is_ip, has.get(interface.client_id, ())):
                network = ip_of(address).network
                for other, by in seen:
                    if by is not link and _overlap(network, other):
                        raise BadArgs(
                            f"line {one.resource.line}: node {one.resource.client_id!r}: links"
                            f" {by.client_id!r} and {link.client_id!r} both have {network}"
                        )
                seen.append((network, link))


def _is_ip(address: Address) -> bool:
    try:
        ip_of(address)
    except ValueError:
        return False
    return True


def _overlap(one: IpNetwork, other: IpNetwork) -> bool:
    return one.version == other.version and one.overlaps(other)


def _title(link: Link) -> str:
    return f"line {link.line}: link {link.client_id!r}"
