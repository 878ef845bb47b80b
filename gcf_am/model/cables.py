"""What a site's hosts and wires come to: what ends where, and what can stand for what."""

from collections import deque
from collections.abc import Mapping, Sequence

from gcf_am.model.site import Host, Port, Wire


def is_control(port: Port) -> bool:
    """Whether a port is a host's own way to the outside: no link may take it."""
    return port.role == "control"


class Cables:
    """Read off the inventory once, for every placement on it.

    `wires` are those that end at a port and `switch` the switch that has a port, both by the
    port's component_id; `ends_of` are a wire's ports, `hubs` the wires with more than two ends
    of which one is a switch's, `trunks` a switch's ports that lead on to others, `capacity` is what
    a wire or port carries or a host within it, None for any, `amounts` the same without
    repetition.

    `port_kind` is equal for ports that lead to the same places with the same capacities,
    `host_kind` for hosts that offer the same and whose ports do: on the empty site one can stand
    for the other. What more than one host hangs on has no equal.
    """

    def __init__(self, hosts: Sequence[Host], wires: Sequence[Wire]) -> None:
        self.capacity: dict[str, int | None] = {one.component_id: one.capacity for one in wires}
        self.switch: dict[str, Host] = {}
        for host in hosts:
            self.capacity[host.component_id] = host.loopback
            for port in host.ports:
                self.capacity[port.component_id] = port.capacity
                if host.switch:
                    self.switch[port.component_id] = host
        self.amounts = sorted({one for one in self.capacity.values() if one is not None})
        self.ends_of = {one.component_id: one.ports for one in wires}
        self.wires: dict[str, list[Wire]] = {}
        for wire in wires:
            for name in wire.ports:
                self.wires.setdefault(name, []).append(wire)
        self.trunks: dict[str, list[str]] = {}
        for name, host in self.switch.items():
            if self.beyond(name):
                self.trunks.setdefault(host.component_id, []).append(name)
        self.port_kind: dict[str, int] = {}
        self.host_kind: dict[str, int] = {}
        self.hubs = [
            one.component_id
            for one in wires
            if len(one.ports) > 2 and any(port in self.switch for port in one.ports)
        ]
        self._count(hosts)
        self._hops: dict[str, Mapping[str, int]] = {}
        self._switches: dict[str, frozenset[str]] = {}
        self._usable: dict[str, tuple[Port, ...]] = {}

    def usable(self, host: Host) -> tuple[Port, ...]:
        """The ports of a host that links may use: wired, and not for control."""
        if host.component_id not in self._usable:
            self._usable[host.component_id] = tuple(
                port
                for port in host.ports
                if port.component_id in self.wires and not is_control(port)
            )
        return self._usable[host.component_id]

    def ends(self, port: str) -> list[str]:
        """The other ends of the wires at a port."""
        return [one for wire in self.wires.get(port, ()) for one in wire.ports if one != port]

    def beyond(self, port: str) -> list[str]:
        """The switches at the other ends of the wires at a port."""
        return [self.switch[one].component_id for one in self.ends(port) if one in self.switch]

    def switches(self, host: Host) -> frozenset[str]:
        """The switches that a host has a wire to."""
        name = host.component_id
        if name not in self._switches:
            self._switches[name] = frozenset(
                switch for port in self.usable(host) for switch in self.beyond(port.component_id)
            )
        return self._switches[name]

    def hops(self, switch: str) -> Mapping[str, int]:
        """How many wires away each other switch is at least; who is not named is not joined."""
        if switch not in self._hops:
            found = {switch: 0}
            queue = deque([switch])
            while queue:
                here = queue.popleft()
                for port in self.trunks.get(here, ()):
                    for there in self.beyond(port):
                        if there not in found:
                            found[there] = found[here] + 1
                            queue.append(there)
            self._hops[switch] = found
        return self._hops[switch]

    def _count(self, hosts: Sequence[Host]) -> None:
        port_kinds: dict[object, int] = {}
        host_kinds: dict[object, int] = {}
        for host in hosts:
            if host.switch:
                continue
            ports = []
            for port in host.ports:
                name = port.component_id
                told = (is_control(port), port.capacity, *map(self._told, self.wires.get(name, ())))
                self.port_kind[name] = port_kinds.setdefault(told, len(port_kinds))
                ports.append(self.port_kind[name])
            offered = (
                host.exclusive, host.slots, host.hardware_types, host.sliver_types,
                host.available, host.loopback, host.features, tuple(sorted(ports)),
            )  # fmt: skip
            self.host_kind[host.component_id] = host_kinds.setdefault(offered, len(host_kinds))

    def _told(self, wire: Wire) -> object:
        """What a wire is to the port of one host; its name where it is more to the site."""
        doors = [one for one in wire.ports if one in self.switch]
        if len(doors) > 1 or len(wire.ports) - len(doors) > 1:
            return wire.component_id
        return wire.capacity, *(
            (self.switch[one].component_id, self.capacity[one])
            if len(self.wires[one]) == 1
            else one
            for one in doors
        )
