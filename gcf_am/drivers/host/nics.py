"""From a request's interfaces to a node's: names inside the node, MAC and IP addresses."""

from collections.abc import Sequence

from gcf_am.drivers.host.network import Nic
from gcf_am.manager.ports import DriverError
from gcf_am.model.addressing import ip_of, mac_of
from gcf_am.model.topology import Address, Interface


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
        made.append(
            (one.client_id, Nic(name, one.mac or mac_of(sliver, one.client_id), _addresses(one)))
        )
    return tuple(made)


def _addresses(interface: Interface) -> tuple[str, ...]:
    return tuple(_with_prefix(one) for one in interface.addresses)


def _with_prefix(wished: Address) -> str:
    try:
        return str(ip_of(wished))
    except ValueError:
        said = f"{wished.address[:60]!r} {(wished.netmask or '')[:60]!r}"
        raise DriverError(f"{said} is no IP address with a netmask", lasting=True) from None
