"""The terrain of a sketch: where nodes can go, and what lies between."""

from collections import deque
from dataclasses import dataclass
from typing import Final

from gcf_am.model.placement.ledger import NOTHING, Ledger
from gcf_am.model.placement.setting import Setting
from gcf_am.model.site import Host

# What a link costs, by kbit/s: each trunk it crosses; within a place, where it leaves its host;
# where nothing joins its ends.
TRUNK: Final = 10
LEAVING: Final = 1
APART: Final = 500


@dataclass(frozen=True, slots=True)
class Bin:
    """Where nodes can go: one shared host, or a pool of exclusive ones.

    `room` is how many nodes it takes, `place` the number of what its ports lead to: bins that
    lead to the same switches are at one place. `uplink` is what a shared host's ports carry
    together and `within` what it carries within it, both None for any.
    """

    pool: int
    host: str | None
    room: int
    place: int
    uplink: int | None = None
    within: int | None = None


@dataclass(frozen=True, slots=True)
class Way:
    """What joins two places: the pairs of switches it goes between, and its cost by kbit/s."""

    trunks: tuple[tuple[str, str], ...]
    cost: int


class Terrain:
    """The bins of a setting, with the ways between places.

    It is coarse, and for orientation only: of several ways it knows one with the fewest wires.
    """

    def __init__(self, setting: Setting, ledger: Ledger) -> None:
        self._site = setting.site
        self._ledger = ledger
        self.bins: list[Bin] = []
        self.of_pool: list[list[int]] = []
        self.of_host: dict[str, int] = {}
        self._places: dict[frozenset[str], int] = {}
        self._keys: list[frozenset[str]] = []
        self._ways: dict[tuple[int, int], Way] = {}
        pools, site = setting.pools, setting.site
        for pool, hosts in enumerate(pools.hosts):
            first, room = site.host[hosts[0]], sum(map(pools.left, hosts))
            if first.exclusive:
                made = [Bin(pool, None, room, self._place(first))]
            else:
                made = [self._shared(pool, site.host[one], pools.left(one)) for one in hosts]
            self.of_pool.append(list(range(len(self.bins), len(self.bins) + len(made))))
            for one in made:
                self.of_host.update(
                    dict.fromkeys([one.host] if one.host else hosts, len(self.bins))
                )
                self.bins.append(one)

    def place_of(self, host: Host) -> int:
        """The place of a host that need not be a bin."""
        return self._place(host)

    def way(self, one: int, other: int) -> Way:
        """What joins two places."""
        pair = (min(one, other), max(one, other))
        if pair not in self._ways:
            self._ways[pair] = self._find(self._keys[pair[0]], self._keys[pair[1]])
        return self._ways[pair]

    def capacity(self, trunk: tuple[str, str]) -> float:
        """What the wires between two switches have left together."""
        cables, total = self._site.cables, 0.0
        for door in cables.trunks.get(trunk[0], ()):
            if trunk[1] in cables.beyond(door):
                for wire in cables.wires[door]:
                    total += min(map(self._left, (wire.component_id, *wire.ports)))
        return total

    def _left(self, component: str) -> float:
        left = self._ledger.bandwidth_left(component, NOTHING)
        return float("inf") if left is None else left

    def _shared(self, pool: int, host: Host, room: int) -> Bin:
        uplink = sum(
            min(map(self._left, (port.component_id, *self._first_wire(port.component_id))))
            for port in self._site.cables.usable(host)
        )
        return Bin(
            pool,
            host.component_id,
            room,
            self._place(host),
            None if uplink == float("inf") else int(uplink),
            self._ledger.bandwidth_left(host.component_id, NOTHING),
        )

    def _first_wire(self, port: str) -> tuple[str, ...]:
        wire = self._site.cables.wires[port][0]
        return wire.component_id, *wire.ports

    def _place(self, host: Host) -> int:
        """Hosts at the same switches, or on the same wire, are at one place."""
        cables = self._site.cables
        wires = (
            wire.component_id
            for port in cables.usable(host)
            for wire in cables.wires[port.component_id]
            if len(wire.ports) - len(cables.beyond(port.component_id)) > 1
        )
        key = cables.switches(host) | frozenset(wires)
        if not key:
            key = frozenset([host.component_id])
        if key not in self._places:
            self._places[key] = len(self._keys)
            self._keys.append(key)
        return self._places[key]

    def _find(self, start: frozenset[str], goal: frozenset[str]) -> Way:
        """The trunks with the fewest wires from one set of switches to another."""
        if start & goal:
            return Way((), 0)
        cables = self._site.cables
        came: dict[str, str | None] = dict.fromkeys(sorted(start))
        queue = deque(came)
        while queue:
            here = queue.popleft()
            if here in goal:
                trunks, step = [], came[here]
                while step is not None:
                    trunks.append((min(step, here), max(step, here)))
                    here, step = step, came[step]
                return Way(tuple(trunks), TRUNK * len(trunks))
            for door in cables.trunks.get(here, ()):
                for there in cables.beyond(door):
                    if there not in came:
                        came[there] = here
                        queue.append(there)
        return Way((), APART)
