"""Long answers that several checks saw, as those of what they share: a report has each once."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from gcf_am.conformance.verdict import Exchange, Result

_LONG: Final = 2000


@dataclass(frozen=True, slots=True)
class Place:
    """The call of a check, counted from 1, where an answer first came."""

    check: str
    call: int


@dataclass(frozen=True, slots=True)
class Repeated:
    """By their texts where long answers first came."""

    places: Mapping[str, Place]

    @classmethod
    def among(cls, results: Iterable[Result]) -> "Repeated":
        """Look through all calls, in order."""
        places: dict[str, Place] = {}
        for one in results:
            for number, each in enumerate(one.exchanges, 1):
                if len(each.got) >= _LONG:
                    places.setdefault(each.got, Place(one.check.id, number))
        return cls(places)

    def before(self, one: Result, number: int, exchange: Exchange) -> Place | None:
        """Where the answer to this call stands already; None when it is new or short."""
        place = self.places.get(exchange.got)
        return None if place == Place(one.check.id, number) else place
