"""Ways over the wires: from a port to what a link has joined already."""

from collections import Counter, deque
from collections.abc import Collection, Container, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from gcf_am.model.placement.ledger import Key, Ledger
from gcf_am.model.site import Host, Port, Site, Wire

# So many ways through one switch are tried for one end of a link; a small site has fewer.
_WAYS: Final = 8


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


def is_control(port: Port) -> bool:
    """Whether a port is a host's own way to the outside: no link may take it."""
    return port.role == "control"


class Cabling:
    """Which wires end at which ports, and which ports are a switch's."""

    def __init__(self, site: Site) -> None:
        self._wires: dict[str, list[Wire]] = {}
        for wire in site.wires:
            for port in wire.ports:
                self._wires.setdefault(port, []).append(wire)
        self._switch: dict[str, Host] = {
            port.component_id: host for host in site.hosts if host.switch for port in host.ports
        }
        self._by_name = site.wire
        self._trunks: dict[str, list[str]] = {}
        for port, switch in self._switch.items():
            if any(self._leads_on(port, wire) for wire in self._wires.get(port, ())):
                self._trunks.setdefault(switch.component_id, []).append(port)
        self.complete = True

    def wires_at(self, port: str) -> tuple[str, ...]:
        """The wires that end at a port."""
        return tuple(wire.component_id for wire in self._wires.get(port, ()))

    def usable(self, host: Host) -> list[Port]:
        """The ports of a host that links may use: wired, and not for control."""
        return [
            port for port in host.ports if port.component_id in self._wires and not is_control(port)
        ]

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
        passed: Counter[str] = Counter()
        queue: deque[tuple[Path, str]] = deque([(Path(), port)])
        while queue:
            path, here = queue.popleft()
            for wire in self._wires.get(here, ()):
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
                for way in self._through(wire, here, longer, joined, carries):
                    if way.arrived:
                        yield way.path
                        continue
                    switch = way.switch
                    passed[switch.component_id] += 1
                    if passed[switch.component_id] > _WAYS:
                        self.complete = False
                        continue
                    queue.extend(self._out_of(switch, way.path, joined, carries))

    def _through(
        self, wire: Wire, here: str, path: Path, joined: Joined, carries: "Carries"
    ) -> Iterator["_Way"]:
        """The switches at the other ends of a wire."""
        for port in wire.ports:
            switch = self._switch.get(port)
            if port == here or switch is None or switch.component_id in path.switches:
                continue
            if not carries(port):
                continue
            arrived = switch.component_id in joined.switches
            yield _Way(
                Path(
                    path.wires,
                    path.switches if arrived else (*path.switches, switch.component_id),
                    (*path.crossed, port),
                ),
                switch,
                arrived,
            )

    def _out_of(
        self, switch: Host, path: Path, joined: Joined, carries: "Carries"
    ) -> Iterator[tuple[Path, str]]:
        """The ports of a switch that lead on to another switch or to what is joined."""
        goals = joined.wires or self.wires_at(joined.first or "")
        doors = dict.fromkeys(
            port
            for wire in goals
            for port in self._by_name[wire].ports
            if self._switch.get(port) is switch
        )
        doors.update(dict.fromkeys(self._trunks.get(switch.component_id, ())))
        for port in doors:
            if carries(port):
                yield Path(path.wires, path.switches, (*path.crossed, port)), port

    def _leads_on(self, port: str, wire: Wire) -> bool:
        return any(one != port and one in self._switch for one in wire.ports)


@dataclass(frozen=True, slots=True)
class _Way:
    path: Path
    switch: Host
    arrived: bool


@dataclass(frozen=True, slots=True)
class Carries:
    """Whether a port or wire has the bandwidth that a link still needs there."""

    ledger: Ledger
    bandwidth: int
    owned: Mapping[Key, int]
    # what the link holds already costs nothing again
    holding: Collection[str]

    def __call__(self, component: str) -> bool:
        """Whether the component can carry the link."""
        return component in self.holding or self.ledger.carries(
            component, self.bandwidth, self.owned
        )
