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


R1_0: Final = Release(1, "1.0")

RELEASES: Final = (R1_0,)
# What is declared now comes out with this one.
NEXT: Final = RELEASES[-1]
