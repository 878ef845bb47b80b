"""A plan for people: what a browser gets at the plan's own URL."""

import math
from collections.abc import Mapping, Sequence
from html import escape
from itertools import combinations
from typing import Any, Final

from gcf_am.homing.sphere import distance
from gcf_am.homing.stock import Point

_WIDTH: Final = 640.0
_HEIGHT: Final = 400.0
_MARGIN: Final = 70.0
_STYLE: Final = (
    "body{font:16px sans-serif;margin:2em;max-width:60em}table{border-collapse:collapse}"
    "td,th{border:1px solid #bbb;padding:.3em .6em;text-align:left;vertical-align:top;"
    "overflow-wrap:anywhere}svg{border:1px solid #bbb;max-width:100%}"
)
Spot = tuple[str, float, float]


def page(told: Mapping[str, Any], places: Mapping[str, Sequence[float]]) -> str:
    """The HTML of what plan_to_json told; `places` are the template's locations, in degrees."""
    best = (told["recommendations"] or [{}])[0]
    parts = [
        f"<h1>Plan {escape(told['name'])}</h1>",
        f"<p><strong>{escape(told['status'])}</strong> {escape(told['message'])}</p>",
        _map(best, places),
        *(
            _table(f"Recommendation {number}", one)
            for number, one in enumerate(told["recommendations"], 1)
        ),
        _reservations(told.get("reservations", [])),
        _infeasible(told.get("solution", {}).get("infeasible")),
    ]
    return (
        '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8">'
        f"<title>Plan {escape(told['name'])}</title><style>{_STYLE}</style></head><body>"
        + "\n".join(part for part in parts if part)
        + "</body></html>\n"
    )


def _cells(tag: str, cells: Sequence[object]) -> str:
    return "<tr>" + "".join(f"<{tag}>{escape(str(one))}</{tag}>" for one in cells) + "</tr>"


def _grid(title: str, head: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    body = "".join(_cells("td", row) for row in rows)
    return f"<h2>{escape(title)}</h2><table>{_cells('th', head)}{body}</table>"


def _table(title: str, one: Mapping[str, Any]) -> str:
    rows = [
        (
            demand,
            chosen["candidate"].get("candidate_id", ""),
            chosen["candidate"].get("location_id", ""),
            chosen["attributes"].get("reservation", {}).get("sliver_urn", ""),
        )
        for demand, chosen in one.items()
    ]
    return _grid(title, ("demand", "candidate", "location", "sliver"), rows)


def _reservations(found: Sequence[Mapping[str, Any]]) -> str:
    if not found:
        return ""
    rows = [(one["aggregate"], one["state"], one["expires"], one["error"]) for one in found]
    return _grid("Reservations", ("aggregate", "state", "until", "why"), rows)


def _infeasible(found: Mapping[str, Any] | None) -> str:
    if not found:
        return ""
    rows = [
        (demand, constraint, number)
        for demand, counts in found["removed"].items()
        for constraint, number in counts.items()
    ]
    conflict = ", ".join(found["conflict"])
    said = f"<p>These cannot hold together: {escape(conflict)}</p>" if conflict else ""
    return _grid("What was removed", ("demand", "by", "candidates"), rows) + said


def _map(best: Mapping[str, Any], places: Mapping[str, Sequence[float]]) -> str:
    """An SVG of the chosen sites and the template's locations, with distances between sites."""
    sites = [
        (demand, float(about["latitude"]), float(about["longitude"]))
        for demand, chosen in best.items()
        if {"latitude", "longitude"} <= (about := chosen["attributes"]).keys()
    ]
    marks = [(name, float(one[0]), float(one[1])) for name, one in places.items()]
    if not sites:
        return ""
    drawn = _drawn([*sites, *marks])
    lines, dots = [], []
    for one, other in combinations(sites, 2):
        (x1, y1), (x2, y2) = drawn[one], drawn[other]
        apart = distance(Point(*one[1:]), Point(*other[1:]))
        lines.append(
            f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" stroke="#bbb"/>'
            f'<text x="{(x1 + x2) / 2:.1f}" y="{(y1 + y2) / 2:.1f}" font-size="11" fill="#777"'
            f' text-anchor="middle">{apart:.0f} km</text>'
        )
    for spot in (*sites, *marks):
        x, y = drawn[spot]
        colour = "#06c" if spot in sites else "#c60"
        dots.append(
            f'<circle cx="{x:.1f}" cy="{y:.1f}" r="5" fill="{colour}"/>'
            f'<text x="{x + 8:.1f}" y="{y - 8:.1f}" font-size="13">{escape(spot[0])}</text>'
        )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH:.0f} {_HEIGHT:.0f}"'
        f' width="{_WIDTH:.0f}" role="img"><title>The chosen sites</title>'
        + "".join((*lines, *dots))
        + "</svg>"
    )


def _drawn(spots: Sequence[Spot]) -> dict[Spot, tuple[float, float]]:
    """Where each is drawn: north up, as many pixels a kilometre both ways."""
    middle = (max(one[1] for one in spots) + min(one[1] for one in spots)) / 2
    shrink = max(0.05, math.cos(math.radians(middle)))
    xs, ys = [one[2] * shrink for one in spots], [-one[1] for one in spots]
    wide, high = max(xs) - min(xs), max(ys) - min(ys)
    scale = min((_WIDTH - 2 * _MARGIN) / max(wide, 1e-6), (_HEIGHT - 2 * _MARGIN) / max(high, 1e-6))
    if max(wide, high) < 1e-6:
        scale = 0.0
    left = (_WIDTH - wide * scale) / 2
    top = (_HEIGHT - high * scale) / 2
    return {
        spot: (left + (x - min(xs)) * scale, top + (y - min(ys)) * scale)
        for spot, x, y in zip(spots, xs, ys, strict=True)
    }
