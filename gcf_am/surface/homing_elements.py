"""The kinds of things a client of the Homing API can see: resources, bodies, templates."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from gcf_am.surface.elements import Element
from gcf_am.surface.lifecycle import Lifecycle, published
from gcf_am.surface.releases import R1_0

SPEC: Final = "Homing API v1"
LIFE: Final = Lifecycle(published(R1_0, "Part of the Homing API version 1."))
BEYOND: Final = Lifecycle(
    published(R1_0, "An addition to the Homing API, free to be ignored by its clients.")
)


@dataclass(frozen=True, slots=True, kw_only=True)
class _OfHoming(Element):
    """What the API has had from the first release on, unless it says otherwise."""

    spec: str = SPEC
    life: Lifecycle = LIFE


@dataclass(frozen=True, slots=True, kw_only=True)
class Word(_OfHoming):
    """A word of templates: a section, a type of constraint, a function, a key of a demand."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanStatus(_OfHoming):
    """A state of plans."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Given(_OfHoming):
    """What a request may carry; `where` is body, query or header, `type` what it has to be."""

    type: str
    where: str = "body"
    required: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Told(_OfHoming):
    """A member of a JSON answer; `type` is what it is."""

    type: str
    optional: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpMethod(_OfHoming):
    """A verb at a path; `answers` are the statuses that it may have.

    Without `public` the caller has to show who they are. OPTIONS is answered at each path.
    """

    verb: str
    path: str
    answers: tuple[int, ...]
    public: bool = False
    given: tuple[Given, ...] = ()
    told: tuple[Told, ...] = ()

    def parts(self) -> Iterator[Element]:
        """What it takes and what it answers."""
        yield from self.given
        yield from self.told


@dataclass(frozen=True, slots=True, kw_only=True)
class HomingApi(_OfHoming):
    """The API as a whole."""

    number: int
    operations: tuple[HttpMethod, ...]

    def parts(self) -> Iterator[Element]:
        """Its operations."""
        return iter(self.operations)
