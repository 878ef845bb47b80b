"""The surface as plain data: what is frozen with a release, and compared before the next one.

A snapshot is {"release": number, "elements": {id: {kind, state, shape, history, doc, spec}}};
`shape` is what a client could notice, `history` the records, oldest first. Written, each element
has a line of its own, so that a difference can be read.
"""

import json
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from enum import Enum
from importlib.resources import files
from typing import Any, Final

from gcf_am.surface.ch_types import FieldType
from gcf_am.surface.elements import Element
from gcf_am.surface.lifecycle import Lifecycle
from gcf_am.surface.registry import SURFACE
from gcf_am.surface.releases import NEXT, RELEASES, Release
from gcf_am.surface.shapes import Many, Plain, Record, Table
from gcf_am.surface.wire import WireType

Plainly = dict[str, Any]
# Told apart from the shape; `rearrange` is a function, and what it does is no other shape.
_ASIDE: Final = frozenset({"name", "doc", "spec", "life", "rearrange"})
# Elements within others have entries of their own; these count by their order, too.
_ORDERED: Final = frozenset({"arguments", "about"})


def snapshot(surface: Mapping[str, Element] = SURFACE, release: Release = NEXT) -> Plainly:
    """The surface as it will come out with `release`."""
    return {
        "release": release.number,
        "elements": {identity: _told(surface[identity]) for identity in sorted(surface)},
    }


def write(taken: Plainly) -> str:
    """A snapshot as text: JSON, a line for each element."""
    lines = [
        f"{json.dumps(identity)}: {json.dumps(one, sort_keys=True)}"
        for identity, one in taken["elements"].items()
    ]
    head = json.dumps(taken["release"])
    return f'{{"release": {head}, "elements": {{\n' + ",\n".join(lines) + "\n}}\n"


def released() -> Plainly | None:
    """The snapshot that was frozen with the last release; None before the first.

    Raises FileNotFoundError where a release is out whose snapshot is not there.
    """
    if len(RELEASES) < 2:
        return None
    file = files("gcf_am.surface") / "snapshots" / f"{RELEASES[-2].number}.json"
    found: Plainly = json.loads(file.read_text("utf-8"))
    return found


def _told(element: Element) -> Plainly:
    return {
        "kind": type(element).__name__,
        "state": element.state.name.lower(),
        "doc": element.doc,
        "spec": element.spec,
        "shape": shape_of(element),
        "history": _history(element.life),
    }


def _history(life: Lifecycle) -> list[Plainly]:
    return [
        {
            "change": one.change.value,
            "release": one.release.number,
            "reason": one.reason,
            "instead": list(one.instead),
            **({"urgent": one.urgent} if one.urgent else {}),
        }
        for one in life.transitions
    ]


def shape_of(element: Element) -> Plainly:
    """What a client could notice of the element itself."""
    found: Plainly = {}
    for one in fields(element):
        value = getattr(element, one.name)
        if one.name in _ASIDE or (_holds_elements(value) and one.name not in _ORDERED):
            continue
        found[one.name] = _plain(value)
    return found


def _holds_elements(value: object) -> bool:
    return isinstance(value, tuple) and bool(value) and all(isinstance(x, Element) for x in value)


def _plain(value: Any) -> Any:
    """A value of a declaration as JSON has it."""
    if isinstance(value, Element | WireType | FieldType):
        return value.name
    if isinstance(value, Plain | Many | Table | Record):
        return str(value)
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, frozenset):
        return sorted(_plain(one) for one in value)
    if isinstance(value, tuple):
        return [_plain(one) for one in value]
    if isinstance(value, Mapping):
        return {name: _plain(value[name]) for name in sorted(value)}
    if is_dataclass(value):
        return {one.name: _plain(getattr(value, one.name)) for one in fields(value)}
    return value
