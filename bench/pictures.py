"""The growth curves, as one picture that tells which figures it was drawn of."""

import hashlib
import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, Final

from bench.calls import STATUS
from bench.figures import Figure, Results
from bench.lifecycle import LIFECYCLE
from bench.sizes import COMPRESSED, PLAIN

_DRAWN: Final = ("sizes", "growth", "lifecycle")
_SIZES: Final = (PLAIN, COMPRESSED, "Allocate of 1 nodes", "Allocate of 100 nodes", "GetVersion")
_STYLES: Final = {"sqlite": "-", "postgresql": "--"}
Points = list[tuple[float, float]]


def digest(results: Results) -> str:
    """What tells that a picture is of these figures."""
    figures = [
        [one.what, dict(one.given), dict(one.measured)]
        for name in _DRAWN
        for one in _figures(results, name)
    ]
    return hashlib.sha256(json.dumps(figures, sort_keys=True).encode()).hexdigest()


def draw(results: Results, file: Path) -> bool:
    """Draw the curves; False, and nothing is drawn, where matplotlib is not installed.

    Left: calls over the size of the site. Middle: Status over slivers around. Right: lifecycles
    over clients. SQLite's lines are solid, PostgreSQL's dashed.
    """
    try:
        import matplotlib as mpl
        from matplotlib.figure import Figure as Canvas
    except ImportError:
        return False
    # the same figures give the same bytes, and text stays text
    mpl.rcParams |= {"svg.hashsalt": "gcf_am", "svg.fonttype": "none", "font.size": 9}
    canvas: Any = Canvas(figsize=(12, 4.5), layout="constrained")
    left, middle, right = canvas.subplots(1, 3)
    for number, what in enumerate(_SIZES):
        _lines(left, results, "sizes", what, "nodes", "ms", color=f"C{number}")
    _axes(left, "nodes of the site", "ms, one client, connection kept", log=True)
    _lines(middle, results, "growth", STATUS, "around", "ms", color="C0")
    _lines(middle, results, "growth", STATUS, "around", "echo_ms", color="C7", label="echo")
    middle.set_xscale("symlog", linthresh=1000)
    _axes(middle, "slivers around", f"ms, {STATUS}")
    for number, connection in enumerate(("kept", "new")):
        _lines(
            right, results, "lifecycle", LIFECYCLE, "clients", "per_second",
            color=f"C{number}", label=f"connection {connection}", connection=connection,
        )  # fmt: skip
    _axes(right, "clients", "lifecycles per second")
    canvas.savefig(file, format="svg", metadata={"Date": None, "Description": digest(results)})
    return True


def _lines(
    axes: Any,
    results: Results,
    part: str,
    what: str,
    over: str,
    unit: str,
    *,
    color: str,
    label: str = "",
    **given: str,
) -> None:
    found = [
        one
        for one in _figures(results, part)
        if one.what == what and all(one.given.get(key) == value for key, value in given.items())
    ]
    for database, style in _STYLES.items():
        if points := _points(found, database, over, unit):
            name = f"{label or what}, {database}"
            axes.plot(*zip(*points, strict=True), style, marker="o", color=color, label=name)


def _points(figures: Iterable[Figure], database: str, over: str, unit: str) -> Points:
    return sorted(
        (float(one.given[over]), float(one.measured[unit]))
        for one in figures
        if one.given.get("database") == database and unit in one.measured
    )


def _axes(axes: Any, across: str, up: str, *, log: bool = False) -> None:
    axes.set_xlabel(across)
    axes.set_ylabel(up)
    if log:
        axes.set_xscale("log")
        axes.set_yscale("log")
    else:
        axes.set_ylim(bottom=0)
    axes.grid(visible=True, alpha=0.3)
    if axes.get_legend_handles_labels()[0]:
        axes.legend(fontsize=7)


def _figures(results: Results, name: str) -> Sequence[Figure]:
    found = results.parts.get(name)
    return found.figures if found is not None else ()
