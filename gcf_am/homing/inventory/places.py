"""A table of places: what an operator knows of hosts, CLLI codes, towns and postal codes."""

import csv
import io
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from gcf_am.errors import ConfigError
from gcf_am.homing.sphere import distance
from gcf_am.homing.stock import Point
from gcf_am.homing.terms import Location, LocationKind

_COLUMNS: Final = (
    "host_name",
    "clli_code",
    "iso_country_code",
    "administrative_area",
    "sub_administrative_area",
    "locality",
    "sub_locality",
    "postal_code",
)
# Streets are finer than any table of ours.
_STREETS: Final = frozenset({"thoroughfare", "sub_thoroughfare"})
_PLACE: Final = 6
# Places this near to each other are one for a template.
_NEAR: Final = 25.0


@dataclass(frozen=True, slots=True)
class Places:
    """Rows of words with their points; letter case does not matter."""

    rows: tuple[tuple[Mapping[str, str], Point], ...] = ()

    def resolve(self, location: Location) -> Point | None:
        """Where a location is; None when no row tells.

        A CLLI code that is not listed is where another one of its place is: the first six
        letters. Of a placemark every word must be a row's own, but for streets and for columns
        where the row is empty; a postal code counts without what follows its hyphen, too. Raises
        ValueError naming the choices, where several places are meant.
        """
        words = {name: word.casefold() for name, word in location.words.items()}
        match location.kind:
            case LocationKind.HOST_NAME:
                found = self._with("host_name", words["host_name"])
            case LocationKind.CLLI_CODE:
                code = words["clli_code"]
                found = self._with("clli_code", code[:8]) or [
                    row
                    for row in self.rows
                    if row[0].get("clli_code", "")[:_PLACE].casefold() == code[:_PLACE]
                ]
                # all of them are in one town
                found = found[:1]
            case _:
                found = self._marked(words)
        if not found:
            return None
        first = found[0][1]
        if any(distance(first, point) > _NEAR for _, point in found):
            choices = "; ".join(
                sorted({", ".join(reversed([*row.values()])) for row, _ in found})[:8]
            )
            raise ValueError(f"it may be any of {choices}")
        return first

    def of_host(self, name: str) -> Point | None:
        """Where a host is, or an aggregate under its URN."""
        found = self._with("host_name", name.casefold())
        return found[0][1] if found else None

    def _with(self, name: str, word: str) -> list[tuple[Mapping[str, str], Point]]:
        return [one for one in self.rows if one[0].get(name, "").casefold() == word]

    def _marked(self, words: Mapping[str, str]) -> list[tuple[Mapping[str, str], Point]]:
        asked = {name: word for name, word in words.items() if name not in _STREETS}
        scored = [
            (_agreement(asked, row), (row, point))
            for row, point in self.rows
            if "host_name" not in row
        ]
        best = max((score for score, _ in scored), default=0)
        return [one for score, one in scored if score == best] if best else []


def _agreement(asked: Mapping[str, str], row: Mapping[str, str]) -> int:
    """How many words agree; 0 when one does not."""
    agreed = 0
    for name, word in asked.items():
        told = row.get(name, "").casefold()
        if not told:
            continue
        if told != word and not (name == "postal_code" and word.startswith(f"{told}-")):
            return 0
        agreed += 1
    return agreed


def read_places(text: str) -> Places:
    """Read CSV with a header: latitude, longitude, and any of the columns that locations have.

    Raises ConfigError naming the line.
    """
    reader = csv.DictReader(io.StringIO(text.lstrip("\ufeff")))
    columns = [one or "" for one in reader.fieldnames or ()]
    if unknown := _unknown(columns):
        raise ConfigError(f"the table of places: {unknown}")
    rows: list[tuple[Mapping[str, str], Point]] = []
    for row in reader:
        try:
            point = Point(float(row["latitude"] or ""), float(row["longitude"] or ""))
        except (ValueError, TypeError):
            point = Point(999, 999)
        if not (abs(point.latitude) <= 90 and abs(point.longitude) <= 180):
            raise ConfigError(
                f"the table of places, line {reader.line_num}: latitude and longitude are degrees"
            )
        rows.append(({name: word.strip() for name in _COLUMNS if (word := row.get(name))}, point))
    return Places(tuple(rows))


def _unknown(columns: Iterable[str]) -> str:
    told = set(columns)
    for name in ("latitude", "longitude"):
        if name not in told:
            return f"it has no column {name}"
    odd = sorted(told - set(_COLUMNS) - {"latitude", "longitude"})
    return f"{odd[0][:40]!r} is none of {', '.join(_COLUMNS)}" if odd else ""
