"""From a request's interfaces to a node's: names inside the node, MAC and IP addresses."""

import ipaddress
from collections.abc import Sequence
from hashlib import sha256
from typing import Final

from gcf_am.drivers.host.network import Nic
from gcf_am.manager.ports import DriverError
from gcf_am.model.topology import Address, Interface

# What an address without a netmask gets.
_PREFIX: Final = {4: 24, 6: 64}


def nics_of(
    sliver: str, interfaces: Sequence[Interface], before: Sequence[tuple[str, Nic]]
) -> tuple[tuple[str, Nic], ...]:
    """The node's interfaces by client_id; one that was there before keeps its name.

    Names are eth1, eth2... in the order of the request. Raises DriverError for addresses that
    cannot be given.
    """
    names = {client_id: nic.name for client_id, nic in before}
    wanted = [one.client_id for one in interfaces]
    used = {name for client_id, name in names.items() if client_id in wanted}
    made = []
    for one in interfaces:
        name = names.get(one.client_id)
        if name is None:
            number = 1
            while f"eth{number}" in used:
                number += 1
            name = f"eth{number}"
            used.add(name)
        made.append((one.client_id, Nic(name, _mac(sliver, one), _addresses(one))))
    return tuple(made)


def _mac(sliver: str, interface: Interface) -> str:
    """An address of our own making, always the same one for the same interface.

    Locally administered, not a group's (IEEE 802, 8.2).
    """
    made = sha256(f"{sliver} {interface.client_id}".encode()).digest()[:5]
    return ":".join(["02", *(f"{byte:02x}" for byte in made)])


def _addresses(interface: Interface) -> tuple[str, ...]:
    return tuple(_with_prefix(one) for one in interface.addresses)


def _with_prefix(wished: Address) -> str:
    address = ipaddress.ip_address(wished.address)
    mask = (wished.netmask or "").strip()
    if not mask:
        return f"{address}/{_PREFIX[address.version]}"
    try:
        return str(ipaddress.ip_interface(f"{address}/{mask}"))
    except ValueError:
        raise DriverError(f"the netmask {mask[:60]!r} of {address} is none", lasting=True) from None
