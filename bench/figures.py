"""What was measured: figures by parts, as they stand in results.json."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

VERSION: Final = 1


@dataclass(frozen=True, slots=True)
class Figure:
    """One line: what was done under which circumstances, and what was measured then.

    Circumstances (`given`) are database, nodes of the site, slivers around, clients, connection
    ("kept", or "new" for each call) and workers, as far as they matter. Of what was `measured`,
    `ms` is the median of a call (or of a whole turn of several) and `per_second` the throughput of
    all clients; `echo_ms` and `echo_per_second` are the same of the echo; `ratio` is how many times
    the echo's median time is the call's. Scripts of their own tell `figure` and `wanted` in words.
    """

    what: str
    given: Mapping[str, str | int] = field(default_factory=dict)
    measured: Mapping[str, str | float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Part:
    """What one part measured, when, for how long and on what; `note` says why it did not.

    `machine` and `versions` are of that run: parts may be measured anew one by one.
    """

    name: str
    date: str
    seconds: float
    quick: bool
    machine: Mapping[str, str]
    versions: Mapping[str, str]
    figures: tuple[Figure, ...]
    note: str = ""


class Results:
    """Parts by name, in the order in which they are told."""

    def __init__(self, parts: Iterable[Part] = ()) -> None:
        self.parts = {one.name: one for one in parts}

    def find(self, part: str, what: str, **given: str | int) -> Figure | None:
        """The first figure of that name under these circumstances, whatever the others."""
        found = self.parts.get(part)
        for one in found.figures if found is not None else ():
            if one.what == what and all(one.given.get(key) == given[key] for key in given):
                return one
        return None

    @classmethod
    def read(cls, file: Path) -> "Results":
        """What `write` wrote; none where there is no file, or one of another version."""
        try:
            told = json.loads(file.read_text("utf-8"))
        except FileNotFoundError:
            return cls()
        if told["version"] != VERSION:
            return cls()
        return cls(_part(name, one) for name, one in told["parts"].items())

    def write(self, file: Path, goals: Iterable[Mapping[str, object]]) -> None:
        """All of it as JSON, goals first."""
        told: dict[str, object] = {"version": VERSION, "goals": list(goals)}
        told["parts"] = {name: _told(one) for name, one in self.parts.items()}
        file.write_text(json.dumps(told, indent=1) + "\n", "utf-8")


def _told(part: Part) -> dict[str, object]:
    return {
        "date": part.date,
        "seconds": part.seconds,
        "quick": part.quick,
        "machine": part.machine,
        "versions": part.versions,
        "note": part.note,
        "figures": [
            {"what": one.what, "given": one.given, "measured": one.measured} for one in part.figures
        ],
    }


def _part(name: str, told: dict[str, Any]) -> Part:
    return Part(
        **(told | {"name": name, "figures": tuple(Figure(**one) for one in told["figures"])})
    )
