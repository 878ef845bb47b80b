"""The releases of the surface, oldest first."""

from dataclasses import dataclass
from datetime import date
from typing import Final


@dataclass(frozen=True, slots=True, order=True)
class Release:
    """A release; `place` counts them from 1, so that grace periods can be counted too.

    `dated` is None until it is out.
    """

    place: int
    number: str
    dated: date | None = None


def in_order(*releases: Release) -> tuple[Release, ...]:
    """The releases; raises ValueError unless they are counted from 1 and only the last is open."""
    for place, one in enumerate(releases, 1):
        if one.place != place:
            raise ValueError(f"{one.number} is release {place}, not {one.place}")
        if (one.dated is None) != (place == len(releases)):
            raise ValueError(f"{one.number}: the last release has no date, and no other lacks one")
    dates = [one.dated for one in releases if one.dated is not None]
    if dates != sorted(dates):
        raise ValueError("the releases' dates run backwards")
    return releases


R1_0: Final = Release(1, "1.0", date(2026, 11, 25))
R1_1: Final = Release(2, "1.1")

# scripts/release.py dates the last one and opens another.
RELEASES: Final = in_order(R1_0, R1_1)
# What is declared now comes out with this one.
NEXT: Final = RELEASES[-1]
