"""Hosts that are alike: of those a request can use no more than it has nodes.

Which are alike in all that never changes is found once for a site, what is held of them is looked
up in what is held. So on a large site, where most is like something else, a placement is sought
among few hosts.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gcf_am.model.site import Host, Port, Wire

Held = Mapping[tuple[str, str], int]


@dataclass(frozen=True, slots=True)
class Few:
    """Some hosts of a site with all switches, and the wires between them, in the site's order."""

    hosts: "tuple[Host, ...]"
    wires: "tuple[Wire, ...]"


class Alike:
    """Which hosts of a site are alike.

    Two are when everything about them and their ports is the same but names, and the wires at
    their ports lead to the same switches alike.
    """

    def __init__(self, hosts: "Sequence[Host]", wires: "Sequence[Wire]") -> None:
        self._hosts = hosts
        self._wires = wires
        self._switch_of = {
            port.component_id: (place, port)
            for place, host in enumerate(hosts)
            if host.switch
            for port in host.ports
        }
        self._at: dict[str, list[int]] = {}
        for number, wire in enumerate(wires):
            for port in wire.ports:
                self._at.setdefault(port, []).append(number)
        self._trunks = [
            number
            for number, wire in enumerate(wires)
            if all(port in self._switch_of for port in wire.ports)
        ]
        # of each host what it is like, and of each component the host it belongs to and as what
        kinds: dict[object, int] = {}
        self._kind: list[int] = []
        self._part: dict[str, tuple[int, int]] = {}
        for place, host in enumerate(hosts):
            self._kind.append(kinds.setdefault(self._likeness(host), len(kinds)))
            for part, component in enumerate(self._components(host)):
                self._part[component] = (place, part)

    def few(self, held: Held, most: int, needed: Collection[str]) -> Few:
        """Those that are needed, and of any that are alike now so many."""
        taken: dict[int, list[tuple[int, str, int]]] = {}
        for (component, dimension), amount in held.items():
            if component in self._part:
                place, part = self._part[component]
                taken.setdefault(place, []).append((part, dimension, amount))
        found: dict[object, int] = {}
        chosen: list[int] = []
        for place, host in enumerate(self._hosts):
            if host.switch or host.component_id in needed:
                chosen.append(place)
                continue
            held_here = taken.get(place)
            like = (self._kind[place], tuple(sorted(held_here)) if held_here else ())
            number = found.get(like, 0)
            if number < most:
                found[like] = number + 1
                chosen.append(place)
        return self._with_wires(chosen)

    def _with_wires(self, chosen: Sequence[int]) -> Few:
        numbers = set(self._trunks)
        for place in chosen:
            host = self._hosts[place]
            if not host.switch:
                for port in host.ports:
                    numbers.update(self._at.get(port.component_id, ()))
        wires = tuple(self._wires[number] for number in sorted(numbers))
        used = {port for wire in wires for port in wire.ports}
        hosts = (self._hosts[place] for place in chosen)
        return Few(
            tuple(
                replace(one, ports=tuple(port for port in one.ports if port.component_id in used))
                if one.switch
                else one
                for one in hosts
            ),
            wires,
        )

    def _likeness(self, host: "Host") -> object:
        return (
            host.exclusive,
            host.slots,
            host.hardware_types,
            host.sliver_types,
            host.available,
            host.switch,
            host.loopback,
            host.features,
            tuple((one.role, one.capacity, self._leads(one)) for one in host.ports),
        )

    def _leads(self, port: "Port") -> object:
        """What its wires are like, and where they lead."""
        return tuple(
            (
                wire.capacity,
                wire.latency,
                wire.packet_loss,
                tuple(self._end(one) for one in wire.ports if one != port.component_id),
            )
            for wire in (self._wires[number] for number in self._at.get(port.component_id, ()))
        )

    def _end(self, port: str) -> object:
        if port not in self._switch_of:
            return port
        place, found = self._switch_of[port]
        return place, found.role, found.capacity

    def _components(self, host: "Host") -> list[str]:
        """The host, its ports, their wires, and the switches' ports at these."""
        found = [host.component_id]
        if host.switch:
            return found
        for port in host.ports:
            found.append(port.component_id)
            for number in self._at.get(port.component_id, ()):
                wire = self._wires[number]
                found.append(wire.component_id)
                found += (one for one in wire.ports if one in self._switch_of)
        return found
