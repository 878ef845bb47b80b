"""Ways over the wires: from a port to what a link has joined already."""

from collections import Counter
from collections.abc import Collection, Container, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from heapq import heappop, heappush
from typing import Final

from gcf_am.model.cables import Cables
from gcf_am.model.placement.ledger import Key, Ledger
from gcf_am.model.site import Wire

# So many ways through one switch are tried for one end of a link; a small site has fewer.
_WAYS: Final = 8
# Further than any two switches are from each other.
_APART: Final = 1_000_000


@dataclass(frozen=True, slots=True)
class Path:
    """New wires, the switches they lead through, and the switches' ports they use."""

    wires: tuple[str, ...] = ()
    switches: tuple[str, ...] = ()
    crossed: tuple[str, ...] = ()


@dataclass(slots=True)
class Joined:
    """What a link has joined so far: its first port, its wires, the switches between them."""

    first: str | None = None
    wires: dict[str, None] = field(default_factory=dict)
    switches: set[str] = field(default_factory=set)

    def copy(self) -> "Joined":
        """The same, to be changed apart."""
        return Joined(self.first, dict(self.wires), set(self.switches))

    def add(self, path: Path) -> None:
        """Join a path."""
        self.wires.update(dict.fromkeys(path.wires))
        self.switches.update(path.switches)

    def drop(self, path: Path) -> None:
        """Undo `add`."""
        for wire in path.wires:
            del self.wires[wire]
        self.switches.difference_update(path.switches)


class Cabling:
    """Finds ways over a site's cables, and knows whether it left any out.

    `steps` is how many it has made. `named` are ports that something is bound to, or was: no other port can stand for them.
    """

    def __init__(self, cables: Cables, named: Collection[str] = ()) -> None:
        self.cables = cables
        self.named = frozenset(named)
        self.complete = True
        self.steps = 0

    def paths(
        self,
        port: str,
        joined: Joined,
        carries: "Carries",
        only: Container[str] | None = None,
    ) -> Iterator[Path]:
        """The paths from a port to what is joined, fewest wires first.

        Every new wire and every switch port on the way has the bandwidth. `only` restricts the
        new wires. No switch is passed in more than a fixed number of ways; when that leaves a
        way out, `complete` becomes false.
        """
        if port == joined.first and not joined.wires:
            yield Path()
        cables = self.cables
        goals = self._goals(joined)
        passed: Counter[str] = Counter()
        # what it takes at least, then who came first; a door is a switch's port on the way out
        queue = [_Step(0, 0, Path(), port, door=False)]
        came = 0
        while queue:
            step = heappop(queue)
            self.steps += 1
            path, here = step.path, step.port
            if step.door:
                if not carries(here):
                    continue
                path = Path(path.wires, path.switches, (*path.crossed, here))
            for wire in cables.wires.get(here, ()):
                name = wire.component_id
                if name in joined.wires:
                    yield path
                    continue
                if name in path.wires or (only is not None and name not in only):
                    continue
                if not carries(name):
                    continue
                longer = Path((*path.wires, name), path.switches, path.crossed)
                if not joined.wires and joined.first in wire.ports:
                    yield longer
                for way, switch in self._through(wire, here, longer, joined, carries):
                    if switch is None:
                        yield way
                        continue
                    passed[switch] += 1
                    if passed[switch] > _WAYS:
                        self.complete = False
                        continue
                    for door, least in self._out_of(switch, goals):
                        came += 1
                        heappush(queue, _Step(len(way.wires) + least, came, way, door, door=True))

    def _through(
        self, wire: Wire, here: str, path: Path, joined: Joined, carries: "Carries"
    ) -> Iterator[tuple[Path, str | None]]:
        """The switches at the other ends of a wire; None where it has arrived."""
        for port in wire.ports:
            switch = self.cables.switch.get(port)
            if port == here or switch is None or switch.component_id in path.switches:
                continue
            if not carries(port):
                continue
            name, crossed = switch.component_id, (*path.crossed, port)
            if name in joined.switches:
                yield Path(path.wires, path.switches, crossed), None
            else:
                yield Path(path.wires, (*path.switches, name), crossed), name

    def _goals(self, joined: Joined) -> "_Goals":
        """Where a path can end."""
        cables = self.cables
        if joined.wires:
            # of a wire with two ends both are joined; a hub can be reached by a third
            ends = [cables.ends_of[name] for name in cables.hubs if name in joined.wires]
        else:
            ends = [wire.ports for wire in cables.wires.get(joined.first or "", ())]
        doors: dict[str, list[str]] = {name: [] for name in joined.switches}
        for port in dict.fromkeys(one for ports in ends for one in ports):
            if port in cables.switch:
                doors.setdefault(cables.switch[port].component_id, []).append(port)
        far = [cables.hops(name) for name in doors]
        return _Goals(doors, far)

    def _out_of(self, switch: str, goals: "_Goals") -> Iterator[tuple[str, int]]:
        """The ports of a switch that lead on, and how many wires it takes at least that way."""
        mine = goals.doors.get(switch, ())
        for door in mine:
            yield door, 0
        for door in self.cables.trunks.get(switch, ()):
            if door not in mine:
                least = min(map(goals.least, self.cables.beyond(door)))
                if least < _APART:
                    yield door, 1 + least


@dataclass(frozen=True, slots=True)
class _Goals:
    """By switch the doors to what is joined; from each such switch how far the others are."""

    doors: Mapping[str, Sequence[str]]
    far: Sequence[Mapping[str, int]]

    def least(self, switch: str) -> int:
        """How many wires lie at least between a switch and what is joined."""
        return min((hops[switch] for hops in self.far if switch in hops), default=_APART)


@dataclass(frozen=True, slots=True, order=True)
class _Step:
    least: int
    came: int
    path: Path = field(compare=False)
    port: str = field(compare=False)
    door: bool = field(compare=False)


@dataclass(frozen=True, slots=True)
class Carries:
    """Whether a port or wire has the bandwidth that a link still needs there."""

    ledger: Ledger
    bandwidth: int
    owned: Mapping[Key, int]
    # what the link holds already costs nothing again
    holding: Mapping[Key, int]

    def __call__(self, component: str) -> bool:
        """Whether the component can carry the link."""
        return (component, "bandwidth") in self.holding or self.ledger.carries(
            component, self.bandwidth, self.owned
        )
