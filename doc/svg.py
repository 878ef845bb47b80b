"""Drawings as SVG text, in the colours of the page that they stand on."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from math import hypot
from typing import Final

Point = tuple[float, float]
# pixels from line to line of what stands beside an arrow
LINE: Final = 16.0


@dataclass(frozen=True, slots=True)
class Arrow:
    """From one box to another, or to itself; what leads there stands on it in lines.

    Where there is a way back, `two_way`, it is bent to the left of its direction; `dashed` is for
    what nobody asks for.
    """

    source: str
    target: str
    labels: tuple[str, ...]
    two_way: bool = False
    dashed: bool = False


@dataclass(frozen=True, slots=True)
class Chart:
    """Boxes at places of a grid, whose step is in pixels, and arrows between them."""

    title: str
    places: Mapping[str, Point]
    arrows: Sequence[Arrow]
    step: Point = (260.0, 88.0)

    def drawn(self) -> str:
        """The chart as SVG."""
        boxes = {name: self._box(name) for name in self.places}
        parts = [_arrow(one, boxes) for one in self.arrows]
        parts += [box.drawn() for box in boxes.values()]
        xs = [x for box in boxes.values() for x in (box.x - box.width / 2, box.x + box.width / 2)]
        ys = [box.y for box in boxes.values()]
        # room for loops, and for words that are wider than their boxes
        left, top = min(xs) - 70, min(ys) - 94
        size = (max(xs) - left + 40, max(ys) - top + 94)
        return picture(self.title, parts, size, (left, top))

    def _box(self, name: str) -> "_Box":
        column, row = self.places[name]
        width = max(30.0, len(name) * 8 + 24)
        return _Box(name, column * self.step[0], row * self.step[1], width)


@dataclass(frozen=True, slots=True)
class _Box:
    name: str
    x: float
    y: float
    width: float
    height: float = 34.0

    def drawn(self) -> str:
        x, y = self.x - self.width / 2, self.y - self.height / 2
        return box(x, y, self.width, self.height) + text(self.x, self.y + 5, self.name, "name")

    def edge(self, towards: Point) -> Point:
        """Where a line from the middle to a point leaves the box."""
        dx, dy = towards[0] - self.x, towards[1] - self.y
        reach = min(
            (self.width / 2 + 3) / abs(dx) if dx else float("inf"),
            (self.height / 2 + 3) / abs(dy) if dy else float("inf"),
        )
        return self.x + dx * reach, self.y + dy * reach


def _arrow(arrow: Arrow, boxes: Mapping[str, _Box]) -> str:
    source, target = boxes[arrow.source], boxes[arrow.target]
    kind = "arrow dashed" if arrow.dashed else "arrow"
    if source is target:
        # a loop stands above the topmost boxes and below all others
        side = -1 if source.y <= 0 else 1
        x, y, far = source.x, source.y + side * source.height / 2, side * 44
        path = f"M {x - 22:.0f} {y:.0f} C {x - 34:.0f} {y + far:.0f} {x + 34:.0f} {y + far:.0f}"
        line = f'<path class="{kind}" d="{path} {x + 22:.0f} {y + 2 * side:.0f}"/>'
        return line + _lines(arrow.labels, (x, y + far + side * LINE * (len(arrow.labels) - 1) / 2))
    dx, dy = target.x - source.x, target.y - source.y
    # words are wide: the steeper a pair of arrows, the farther apart
    bend = (22 + 55 * (dy / hypot(dx, dy)) ** 2) / hypot(dx, dy) if arrow.two_way else 0.0
    middle = ((source.x + target.x) / 2 + dy * bend, (source.y + target.y) / 2 - dx * bend)
    # the control point of a quadratic curve through that middle
    through = (2 * middle[0] - (source.x + target.x) / 2, 2 * middle[1] - (source.y + target.y) / 2)
    start, end = source.edge(through), target.edge(through)
    # where an arrow may cross others its words stand nearer to its beginning
    part = 0.5 if arrow.two_way else 0.3
    at = _along(start, through, end, part)
    path = f"M {start[0]:.0f} {start[1]:.0f} Q {through[0]:.0f} {through[1]:.0f}"
    line = f'<path class="{kind}" d="{path} {end[0]:.0f} {end[1]:.0f}"/>'
    return line + _lines(arrow.labels, at)


def _along(start: Point, through: Point, end: Point, part: float) -> Point:
    """A point of a quadratic curve; `part` is 0 at its start and 1 at its end."""
    weights = ((1 - part) ** 2, 2 * part * (1 - part), part**2)
    x, y = (
        sum(
            weight * point[axis]
            for weight, point in zip(weights, (start, through, end), strict=True)
        )
        for axis in (0, 1)
    )
    return x, y


def _lines(labels: Sequence[str], middle: Point) -> str:
    top = middle[1] - LINE * (len(labels) - 1) / 2 + 4
    return "".join(text(middle[0], top + LINE * n, one, "label") for n, one in enumerate(labels))


def box(x: float, y: float, width: float, height: float) -> str:
    """A box whose corner is at a place."""
    return (
        f'<rect class="box" x="{x:.0f}" y="{y:.0f}" width="{width:.0f}" height="{height:.0f}"'
        ' rx="6"/>'
    )


def text(x: float, y: float, words: str, kind: str) -> str:
    """Words at a place; the look is the style sheet's for `kind`."""
    return f'<text class="{kind}" x="{x:.0f}" y="{y:.0f}">{escape(words)}</text>'


def picture(title: str, parts: Iterable[str], size: Point, origin: Point = (0.0, 0.0)) -> str:
    """Parts as one drawing that says what it shows."""
    box = f"{origin[0]:.0f} {origin[1]:.0f} {size[0]:.0f} {size[1]:.0f}"
    head = (
        '<defs><marker id="head" viewBox="0 0 10 10" refX="9" refY="5" markerWidth="8"'
        ' markerHeight="8" orient="auto"><path class="head" d="M 0 0 L 10 5 L 0 10 z"/></marker>'
        "</defs>"
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" role="img" viewBox="{box}"'
        f' width="{size[0]:.0f}" height="{size[1]:.0f}">'
        f"<title>{escape(title)}</title>{head}{''.join(parts)}</svg>"
    )
