"""A site drawn as SVG: nodes, switches and the links between them."""

import math
from collections import Counter
from collections.abc import Iterator, Mapping
from html import escape
from typing import Final

from gcf_am.cli.site_layout import MARGIN, Arc, Box, Picture, lay_out
from gcf_am.cli.site_tables import free_slots, hardware, rate
from gcf_am.model.site import Host, Site, Wire

Held = Mapping[tuple[str, str], int]

# Told apart by people who do not see all colours; after the last the first comes again.
_COLOURS: Final = ("#0072b2", "#d55e00", "#009e73", "#a0588f", "#8a6d00", "#3a86c8", "#5d5d5d")
# what is free of a node: fill, line, and how the legend says it
_FREE: Final = {
    "free": ("#e3f3e6", "#2e7d32"),
    "in part": ("#fff1c7", "#9a7000"),
    "taken": ("#f7cfcf", "#a33333"),
    "no slivers": ("#efefef", "#777777"),
}
_LETTER: Final = 5.9


def draw(site: Site, held: Held) -> str:
    """The whole picture, an SVG 1.1 document that needs nothing else.

    Nodes are coloured by what `held`, sums by (component, dimension), leaves of them. The same
    arguments always give the same text.
    """
    picture = lay_out(site)
    body = [
        *_frame(site, picture),
        *_switch_lines(picture),
        *(line for arc in picture.direct for line in _direct(arc)),
        *_trunks(picture),
        *(line for number, box in enumerate(picture.switches) for line in _switch(number, box)),
        *(line for box in picture.nodes for line in _node(box, held)),
        *_legend(picture, held),
        "</svg>",
    ]
    return "\n".join(body) + "\n"


def _frame(site: Site, picture: Picture) -> Iterator[str]:
    width, height = _number(picture.width), _number(picture.height + 2 * MARGIN)
    nodes, switches = len(picture.nodes), len(picture.switches)
    title = f"{site.manager.authority}: {nodes} nodes, {switches} switches, {len(site.wires)} links"
    yield (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}"'
        f' viewBox="0 0 {width} {height}" role="img" font-family="sans-serif" font-size="10">'
    )
    yield f"<title>{_text(title)}</title>"
    yield f'<rect width="{width}" height="{height}" fill="#ffffff"/>'
    yield f'<text x="{MARGIN}" y="{MARGIN + 14}" font-size="17">{_text(title)}</text>'
    for x, y, text in picture.headings:
        yield f'<text x="{_number(x)}" y="{_number(y)}" fill="#444444">{_text(text)}</text>'


def _switch_lines(picture: Picture) -> Iterator[str]:
    """From each switch to its line down, along its rows, and every wire to them."""
    reach: dict[int, list[float]] = {}
    for bus in picture.buses:
        reach.setdefault(bus.switch, []).append(bus.y)
    for number, rows in reach.items():
        box, x, colour = picture.switches[number], picture.lanes[number], _colour(number)
        y = box.middle[1]
        top, bottom = min(y, *rows), max(y, *rows)
        yield (
            f'<path d="M{_number(box.x + box.width)} {_number(y)}H{_number(x)}'
            f'M{_number(x)} {_number(top)}V{_number(bottom)}" fill="none" stroke="{colour}"'
            ' stroke-width="2.5" stroke-linecap="round"/>'
        )
    for bus in picture.buses:
        yield (
            f'<path d="M{_number(bus.left)} {_number(bus.y)}H{_number(bus.right)}"'
            f' stroke="{_colour(bus.switch)}" stroke-width="2"/>'
        )
    for tick in picture.ticks:
        colour = _colour(tick.switch)
        yield (
            f'<path d="M{_number(tick.x)} {_number(tick.top)}V{_number(tick.bottom)}"'
            f' stroke="{colour}" stroke-width="1.2">{_title(_wire(tick.wire))}</path>'
        )
        yield f'<circle cx="{_number(tick.x)}" cy="{_number(tick.top)}" r="1.7" fill="{colour}"/>'


def _trunks(picture: Picture) -> Iterator[str]:
    """Arcs between switches; what they carry stands at the end where less stands already."""
    told: Counter[str] = Counter()
    degree = Counter(end.host.component_id for arc in picture.trunks for end in arc.ends)
    for arc in picture.trunks:
        (one, other), depth = arc.ends, arc.depth
        x, top, bottom = one.x, one.middle[1], other.middle[1]
        yield (
            f'<path d="M{_number(x)} {_number(top)}C{_number(x - depth * 4 / 3)} {_number(top)}'
            f" {_number(x - depth * 4 / 3)} {_number(bottom)} {_number(x)} {_number(bottom)}"
            f'" fill="none" stroke="#555555" stroke-opacity="0.75"'
            f' stroke-width="{_number(_thickness(arc.wires[0].capacity))}">'
            f"{_title(*(_wire(wire) for wire in arc.wires))}</path>"
        )
        end = min(
            arc.ends, key=lambda box: (told[box.host.component_id], degree[box.host.component_id])
        )
        above = told[end.host.component_id]
        told[end.host.component_id] += 1
        y = end.middle[1] + (-4 if above == 0 else 2 + 10 * above)
        yield (
            f'<text x="{_number(end.x - 8)}" y="{_number(y)}" text-anchor="end" font-size="9"'
            f' stroke="#ffffff" stroke-width="3" paint-order="stroke" fill="#222222">'
            f"{_text(_carried(arc.wires))}</text>"
        )


def _direct(arc: Arc) -> Iterator[str]:
    (x1, _), (x2, _) = (end.middle for end in arc.ends)
    y1, y2 = (end.y + end.height for end in arc.ends)
    low = max(y1, y2) + arc.depth
    yield (
        f'<path d="M{_number(x1)} {_number(y1)}C{_number(x1)} {_number(low)}'
        f' {_number(x2)} {_number(low)} {_number(x2)} {_number(y2)}" fill="none"'
        f' stroke="#555555" stroke-width="1.2">'
        f"{_title(*(_wire(wire) for wire in arc.wires))}</path>"
    )


def _switch(number: int, box: Box) -> Iterator[str]:
    x, y = box.middle
    yield (
        f'<rect {_place(box)} rx="3" fill="{_colour(number)}">{_title(box.host.component_id)}</rect>'
    )
    yield (
        f'<text x="{_number(x)}" y="{_number(y + 3.5)}" text-anchor="middle" fill="#ffffff"'
        f' font-weight="bold">{_text(_cut(box.host.name, box.width))}</text>'
    )


def _node(box: Box, held: Held) -> Iterator[str]:
    host = box.host
    fill, line = _FREE[_state(host, held)]
    free = free_slots(host, held)
    offered = ", ".join(one.name for one in host.sliver_types) or "none"
    about = (
        host.component_id,
        f"hardware: {', '.join(host.hardware_types) or 'none'}",
        f"sliver types: {offered}",
        f"free: {free} of {host.slots if host.sliver_types else 0}",
    )
    # a node that is shared has round corners
    dashed = "" if host.sliver_types else ' stroke-dasharray="3 2"'
    yield (
        f'<rect {_place(box)} rx="{2 if host.exclusive else 9}" fill="{fill}" stroke="{line}"'
        f"{dashed}>{_title(*about)}</rect>"
    )
    x = _number(box.middle[0])
    yield (
        f'<text x="{x}" y="{_number(box.y + 12)}" text-anchor="middle">'
        f"{_text(_cut(host.name, box.width))}</text>"
    )
    below = hardware(host) if host.exclusive or not host.sliver_types else f"{free}/{host.slots}"
    yield (
        f'<text x="{x}" y="{_number(box.y + 23)}" text-anchor="middle" font-size="8"'
        f' fill="#555555">{_text(_cut(below, box.width * 1.2))}</text>'
    )


def _legend(picture: Picture, held: Held) -> Iterator[str]:
    """What the colours mean, and how many nodes have each."""
    states = Counter(_state(box.host, held) for box in picture.nodes)
    x, y = float(MARGIN), picture.height + MARGIN
    for state, (fill, line) in _FREE.items():
        text = f"{state}: {states[state]}"
        yield (
            f'<rect x="{_number(x)}" y="{_number(y - 9)}" width="12" height="12" fill="{fill}"'
            f' stroke="{line}"/>'
        )
        yield f'<text x="{_number(x + 17)}" y="{_number(y + 1)}">{_text(text)}</text>'
        x += 17 + len(text) * _LETTER + 22
    yield (
        f'<text x="{_number(x)}" y="{_number(y + 1)}" fill="#444444">'
        "square: exclusive; round: shared, with free/all slots</text>"
    )


def _state(host: Host, held: Held) -> str:
    if not host.sliver_types:
        return "no slivers"
    free = free_slots(host, held)
    return "free" if free == host.slots else "in part" if free else "taken"


def _wire(wire: Wire) -> str:
    return f"{wire.component_id}: {rate(wire.capacity)}"


def _carried(wires: tuple[Wire, ...]) -> str:
    rates = Counter(rate(one.capacity) for one in wires)
    return ", ".join(f"{count} x {one}" if count > 1 else one for one, count in rates.items())


def _thickness(kilobits: int | None) -> float:
    """Thicker by the same for each ten times as much."""
    return 1.2 if not kilobits else 1.2 + 0.8 * math.log10(max(1.0, kilobits / 100_000))


def _colour(switch: int) -> str:
    return _COLOURS[switch % len(_COLOURS)]


def _place(box: Box) -> str:
    x, y, width, height = map(_number, (box.x, box.y, box.width, box.height))
    return f'x="{x}" y="{y}" width="{width}" height="{height}"'


def _title(*lines: str) -> str:
    return f"<title>{_text(chr(10).join(lines))}</title>"


def _text(text: str) -> str:
    return escape(text, quote=True)


def _cut(text: str, width: float) -> str:
    """As much of a name as fits; its end tells more than its middle."""
    most = max(3, int((width - 4) / _LETTER))
    if len(text) <= most:
        return text
    kept = most - 1
    return text[: kept - kept // 2] + "\u2026" + text[len(text) - kept // 2 :]


def _number(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")
