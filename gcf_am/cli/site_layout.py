"""Where everything of a site is drawn; the same site always gives the same picture.

Switches stand in a column at the left, joined by arcs. Nodes that are wired to the same switches
stand together in rows at the right; above each row runs a line for each of those switches, to
which every wire goes down from it. So no two things lie on each other, however many there are.
"""

import math
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

from gcf_am.model.site import Host, Site, Wire

# all in pixels
MARGIN: Final = 24
TITLE: Final = 34
BOX_HEIGHT: Final = 28
SWITCH_HEIGHT: Final = 22
HEADING: Final = 20
_GAP: Final = 6
_BUS: Final = 5
_TICK: Final = 9
_ROW_GAP: Final = 16
_LANE: Final = 7
_LETTER: Final = 6.0
_NARROWEST: Final = 48
_WIDEST: Final = 96
_SHORTEST_ARC: Final = 26
_LONGEST_ARC: Final = 130
_A_LEVEL: Final = 13
_WIDER_THAN_HIGH: Final = 1.5
_NARROWEST_PICTURE: Final = 680


@dataclass(frozen=True, slots=True)
class Box:
    """A node or switch, and where: its left upper corner and its size."""

    host: Host
    x: float
    y: float
    width: float
    height: float

    @property
    def middle(self) -> tuple[float, float]:
        """Its middle."""
        return self.x + self.width / 2, self.y + self.height / 2


@dataclass(frozen=True, slots=True)
class Tick:
    """A wire from a node up to a switch's line; `switch` is the switch's number."""

    switch: int
    x: float
    top: float
    bottom: float
    wire: Wire


@dataclass(frozen=True, slots=True)
class Bus:
    """A switch's line above a row of nodes."""

    switch: int
    left: float
    right: float
    y: float


@dataclass(frozen=True, slots=True)
class Arc:
    """The wires between two switches or two nodes; `depth` is how far they bend out."""

    ends: tuple[Box, Box]
    wires: tuple[Wire, ...]
    depth: float


@dataclass(slots=True)
class Picture:
    """Everything that is drawn."""

    width: float = 0
    height: float = 0
    switches: list[Box] = field(default_factory=list)
    nodes: list[Box] = field(default_factory=list)
    headings: list[tuple[float, float, str]] = field(default_factory=list)
    buses: list[Bus] = field(default_factory=list)
    ticks: list[Tick] = field(default_factory=list)
    # x of each switch's line down to its buses, by the switch's number
    lanes: dict[int, float] = field(default_factory=dict)
    trunks: list[Arc] = field(default_factory=list)
    direct: list[Arc] = field(default_factory=list)


def lay_out(site: Site) -> Picture:
    """Find a place for every node, switch and link."""
    return _Layout(site).picture


def natural(name: str) -> tuple[tuple[int, int, str], ...]:
    """A key that sorts pc2 before pc10."""
    return tuple(
        (0, int(part), "") if part.isascii() and part.isdigit() else (1, 0, part)
        for part in re.split(r"([0-9]{1,9})", name)
        if part
    )


class _Layout:
    def __init__(self, site: Site) -> None:
        self._site = site
        self._switches = sorted((one for one in site.hosts if one.switch), key=_key)
        self._number = {one.component_id: n for n, one in enumerate(self._switches)}
        # a node's wires to switches: (switch, wire), in the order of its ports
        self._up: dict[str, list[tuple[int, Wire]]] = {}
        between: dict[tuple[str, str], list[Wire]] = {}
        for wire in site.wires:
            self._sort_in(wire, between)
        self.picture = Picture()
        joined = any(one in self._number for pair in between for one in pair)
        self._arcs = _LONGEST_ARC if joined else 0
        self._place_rows()
        self._place_switches()
        self._join(between)

    def _sort_in(self, wire: Wire, between: dict[tuple[str, str], list[Wire]]) -> None:
        ends = [self._site.host_of_port[port].component_id for port in wire.ports]
        switches = [one for one in ends if one in self._number]
        nodes = [one for one in ends if one not in self._number]
        for node in nodes:
            for switch in dict.fromkeys(switches):
                self._up.setdefault(node, []).append((self._number[switch], wire))
        for several in (switches, [] if switches else nodes):
            for other in several[1:]:
                if other != several[0]:
                    between.setdefault((several[0], other), []).append(wire)

    def _groups(self) -> list[tuple[tuple[int, ...], list[Host]]]:
        groups: dict[tuple[int, ...], list[Host]] = {}
        for host in sorted((one for one in self._site.hosts if not one.switch), key=_key):
            key = tuple(sorted({switch for switch, _ in self._up.get(host.component_id, ())}))
            groups.setdefault(key, []).append(host)
        # those without links last
        return sorted(groups.items(), key=lambda one: (not one[0], one[0]))

    def _place_rows(self) -> None:
        picture, groups = self.picture, self._groups()
        named = max((len(one.name) for one in self._switches), default=0)
        self._switch_width = min(max(60, named * _LETTER + 14), 190) if self._switches else 0
        lanes = MARGIN + self._arcs + self._switch_width + 14
        for number in range(len(self._switches)):
            picture.lanes[number] = lanes + number * _LANE
        left = lanes + len(self._switches) * _LANE + 8
        width = self._cell_width()
        columns = self._columns(groups, width)
        y: float = MARGIN + TITLE
        for switches, hosts in groups:
            picture.headings.append((left, y + 12, self._title(switches, hosts)))
            y += HEADING
            # rows of one length: no single node in a last one
            rows = max(1, round(len(hosts) / columns))
            length = math.ceil(len(hosts) / rows)
            for first in range(0, len(hosts), length):
                y = self._place_row(switches, hosts[first : first + length], left, y, width)
        longest = max((len(text) for _, _, text in picture.headings), default=0)
        right = max((one.x + one.width for one in picture.nodes), default=left)
        picture.width = max(right, left + longest * _LETTER, _NARROWEST_PICTURE) + MARGIN
        picture.height = y

    def _place_row(
        self, switches: tuple[int, ...], hosts: list[Host], left: float, y: float, width: float
    ) -> float:
        """Place one row below `y`; answers where the next may begin."""
        picture = self.picture
        buses = {switch: y + n * _BUS for n, switch in enumerate(switches)}
        top = y + max(0, len(switches) - 1) * _BUS + (_TICK if switches else 0)
        last: dict[int, float] = {}
        for column, host in enumerate(hosts):
            x = left + column * (width + _GAP)
            picture.nodes.append(Box(host, x, top, width, BOX_HEIGHT))
            wires = self._up.get(host.component_id, [])
            for n, (switch, wire) in enumerate(wires, 1):
                at = x + width * n / (len(wires) + 1)
                picture.ticks.append(Tick(switch, at, buses[switch], top, wire))
                last[switch] = at
        picture.buses += [
            Bus(switch, picture.lanes[switch], right, buses[switch])
            for switch, right in last.items()
        ]
        return top + BOX_HEIGHT + _ROW_GAP

    def _place_switches(self) -> None:
        """Each beside its first row, where the one above it leaves room."""
        first: dict[int, float] = {}
        for bus in self.picture.buses:
            first.setdefault(bus.switch, bus.y)
        y: float = MARGIN + TITLE + HEADING
        for number, switch in enumerate(self._switches):
            y = max(y, first.get(number, y) - SWITCH_HEIGHT / 2)
            x = MARGIN + self._arcs
            self.picture.switches.append(Box(switch, x, y, self._switch_width, SWITCH_HEIGHT))
            y += SWITCH_HEIGHT + 14
        self.picture.height = max(self.picture.height, y)

    def _join(self, between: dict[tuple[str, str], list[Wire]]) -> None:
        boxes = {
            one.host.component_id: one for one in (*self.picture.switches, *self.picture.nodes)
        }
        pairs: dict[tuple[str, str], list[Wire]] = {}
        for (one, other), wires in between.items():
            pair = (one, other) if boxes[one].y <= boxes[other].y else (other, one)
            pairs.setdefault(pair, []).extend(wires)
        for (one, other), wires in pairs.items():
            ends = (boxes[one], boxes[other])
            if one in self._number:
                apart = abs(self._number[one] - self._number[other])
                depth = min(_SHORTEST_ARC + _A_LEVEL * (apart - 1), _LONGEST_ARC)
                self.picture.trunks.append(Arc(ends, tuple(wires), depth))
            else:
                self.picture.direct.append(Arc(ends, tuple(wires), _ROW_GAP))

    def _cell_width(self) -> float:
        nodes = [one for one in self._site.hosts if not one.switch]
        # the few longest names are cut short rather than all boxes widened
        lengths = sorted(len(one.name) for one in nodes)
        typical = lengths[len(lengths) * 95 // 100] if lengths else 0
        wires = max((len(one) for one in self._up.values()), default=0)
        return min(max(_NARROWEST, typical * _LETTER + 10, wires * 4 + 8), _WIDEST)

    @staticmethod
    def _columns(groups: list[tuple[tuple[int, ...], list[Host]]], width: float) -> int:
        nodes = sum(len(hosts) for _, hosts in groups)
        largest = max((len(hosts) for _, hosts in groups), default=1)
        row = BOX_HEIGHT + _TICK + _ROW_GAP
        fitting = math.sqrt(_WIDER_THAN_HIGH * nodes * row / (width + _GAP))
        return max(1, min(largest, max(6, round(fitting))))

    def _title(self, switches: Iterable[int], hosts: list[Host]) -> str:
        number = f"{len(hosts)} node{'s' if len(hosts) > 1 else ''}"
        names = ", ".join(self._switches[one].name for one in switches)
        return f"{number} on {names}" if names else f"{number} without links to a switch"


def _key(host: Host) -> tuple[object, ...]:
    return (natural(host.name), host.component_id)
