"""Which part knows which: the contract of setup.cfg, and what the code really imports."""

from configparser import ConfigParser
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import grimp

from doc.svg import box, picture, text

_ROOT = Path(__file__).resolve().parent.parent
_CELL = 26.0


@dataclass(frozen=True, slots=True)
class Layers:
    """The packages of gcf_am from the topmost layer down, and who imports whom.

    `counts[a, b]` is how many modules of `a` import something of `b`.
    """

    rows: tuple[tuple[str, ...], ...]
    counts: dict[tuple[str, str], int]
    modules: dict[str, int]

    @property
    def names(self) -> list[str]:
        """All packages in the order of layers."""
        return [name for row in self.rows for name in row]


@cache
def read() -> Layers:
    """The layers of the repository's contract, with the imports of the installed package."""
    setup = ConfigParser()
    setup.read(_ROOT / "setup.cfg", "utf-8")
    told = setup["importlinter:contract:layers"]["layers"].split("\n")
    rows = [tuple(part.strip() for part in row.split("|")) for row in told if row.strip()]
    # one in brackets may be absent
    kept = tuple(row for row in rows if not row[0].startswith("("))
    graph = grimp.build_graph("gcf_am", cache_dir=None)
    counts: dict[tuple[str, str], int] = {}
    modules = {name: 0 for row in kept for name in row}
    for module in graph.modules:
        mine = _package(module)
        if mine not in modules:
            continue
        modules[mine] += 1
        others = {_package(one) for one in graph.find_modules_directly_imported_by(module)}
        for other in others & modules.keys() - {mine}:
            counts[mine, other] = counts.get((mine, other), 0) + 1
    return Layers(kept, counts, modules)


def _package(module: str) -> str:
    return module.split(".")[1] if "." in module else ""


def layers() -> str:
    """The layers as rows of boxes; who stands higher may know who stands lower."""
    told = read()
    parts: list[str] = []
    width, height, gap = 760.0, 40.0, 8.0
    for at, row in enumerate(told.rows):
        wide = (width - gap * (len(row) - 1)) / len(row)
        for n, name in enumerate(row):
            x, y = n * (wide + gap), at * (height + gap)
            parts.append(box(x, y, wide, height))
            parts.append(text(x + wide / 2, y + 18, name, "name"))
            count = told.modules[name]
            parts.append(text(x + wide / 2, y + 33, f"{count} module{'s' * (count != 1)}", "note"))
    return picture("The layers of gcf_am", parts, (width, len(told.rows) * (height + gap)))


def imports() -> str:
    """Who imports whom, as a table of numbers; nothing stands below the diagonal."""
    told = read()
    names = told.names
    left, top = 120.0, 105.0
    parts: list[str] = []
    for at, name in enumerate(names):
        x, y = left + at * _CELL, top + at * _CELL
        parts.append(f'<text class="side" x="{left - 8:.0f}" y="{y + 18:.0f}">{name}</text>')
        turn = f"rotate(-60 {x + 14:.0f} {top - 8:.0f})"
        parts.append(
            f'<text class="column" x="{x + 14:.0f}" y="{top - 8:.0f}" transform="{turn}">{name}</text>'
        )
        for n, other in enumerate(names):
            count = told.counts.get((name, other), 0)
            kind = "same" if n == at else "some" if count else "none"
            place = f'x="{left + n * _CELL:.0f}" y="{y:.0f}"'
            parts.append(
                f'<rect class="{kind}" {place} width="{_CELL - 2:.0f}" height="{_CELL - 2:.0f}"/>'
            )
            if count:
                parts.append(text(left + n * _CELL + 12, y + 17, str(count), "count"))
    size = (left + len(names) * _CELL + 70, top + len(names) * _CELL)
    return picture("Which package imports which, in modules", parts, size)
