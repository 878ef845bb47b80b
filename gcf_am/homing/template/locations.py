"""The section locations. Source: template guide, Locations."""

import re
from typing import Final

from gcf_am.homing.stock import Point
from gcf_am.homing.template.cursor import Cursor
from gcf_am.homing.terms import Location, LocationKind

_PLACEMARK: Final = (
    "iso_country_code",
    "postal_code",
    "administrative_area",
    "sub_administrative_area",
    "locality",
    "sub_locality",
    "thoroughfare",
    "sub_thoroughfare",
)
_KINDS: Final = {
    "latitude": LocationKind.COORDINATES,
    "longitude": LocationKind.COORDINATES,
    "host_name": LocationKind.HOST_NAME,
    "clli_code": LocationKind.CLLI_CODE,
    **dict.fromkeys(_PLACEMARK, LocationKind.PLACEMARK),
}
_CLLI: Final = re.compile(r"[A-Za-z0-9]{6}(?:[A-Za-z0-9]{2}|[A-Za-z0-9]{5})?", re.ASCII)


def read_locations(section: Cursor) -> dict[str, Location]:
    """The locations by name, without those that are wrong."""
    found = (_location(one) for one in section.entries("locations"))
    return {one.name: one for one in found if one is not None}


def _location(entry: Cursor) -> Location | None:
    """1. Its keys. 2. One kind. 3. What its kind wants."""
    # 1.
    fields = entry.fields(_KINDS)
    # 2.
    kinds = {_KINDS[name] for name in fields}
    if not kinds:
        if isinstance(entry.value, dict):
            entry.wrong("it says no place", "give latitude and longitude, host_name, or clli_code")
        return None
    if len(kinds) > 1:
        entry.wrong(f"it is told in {len(kinds)} ways: {', '.join(fields)}", "choose one")
        return None
    (kind,) = kinds
    # 3.
    if kind is not LocationKind.COORDINATES:
        words = {name: text for name, one in fields.items() if (text := one.text()) is not None}
        if kind is LocationKind.CLLI_CODE and not _CLLI.fullmatch(
            words.get("clli_code", "DLLSTX55")
        ):
            fields["clli_code"].wrong("a CLLI code has 8 letters and digits, like DLLSTX55")
        return Location(entry.name, kind, entry.where, words=words)
    point = read_point(entry, fields)
    return None if point is None else Location(entry.name, kind, entry.where, point)


def read_point(entry: Cursor, fields: dict[str, Cursor]) -> Point | None:
    """Latitude and longitude, of which both must be there."""
    found: list[float] = []
    for name, most in (("latitude", 90.0), ("longitude", 180.0)):
        if name not in fields:
            entry.wrong(f"it has no {name}")
        elif (number := fields[name].number(-most, most)) is not None:
            found.append(number)
    return Point(*found) if len(found) == 2 else None
