"""SURFACE: every element by its id."""

from collections.abc import Iterable, Iterator, Mapping
from types import MappingProxyType
from typing import Final

from gcf_am.surface import am_v2, am_v3, ch_gcf, ch_v2, codes, formats, homing_v1
from gcf_am.surface.elements import Element
from gcf_am.surface.lifecycle import State

_ROOTS: Final[tuple[tuple[str, tuple[Element, ...]], ...]] = (
    ("am", (am_v3.AM_3, am_v2.AM_2)),
    ("am/3/return", am_v3.RETURN),
    ("allocation", codes.ALLOCATION_STATES),
    ("operational", codes.OPERATIONAL_STATES),
    ("action", codes.ACTIONS),
    ("credential", formats.CREDENTIAL_TYPES),
    ("rspec/ext", formats.EXTENSIONS),
    ("ch", (ch_v2.CH_2, ch_gcf.CH_GCF)),
    ("ch/2/code", ch_v2.CH_CODES),
    ("homing", (homing_v1.HOMING_1,)),
    ("homing/1/plan", homing_v1.PLAN),
    ("homing/1/status", homing_v1.STATUSES),
    ("homing/1/template", homing_v1.SECTIONS),
    ("homing/1/demand", homing_v1.DEMAND_KEYS),
    ("homing/1/location", homing_v1.LOCATION_KEYS),
    ("homing/1/constraint", homing_v1.CONSTRAINT_TYPES),
    ("homing/1/function", homing_v1.FUNCTIONS),
)


def walk(prefix: str, elements: Iterable[Element]) -> Iterator[tuple[str, Element]]:
    """The elements and all that is declared within them, with their ids below `prefix`."""
    for element in elements:
        identity = f"{prefix}/{element.name}"
        yield identity, element
        yield from walk(identity, element.parts())


def _everything() -> Iterator[tuple[str, Element]]:
    for prefix, elements in _ROOTS:
        yield from walk(prefix, elements)
    for code in codes.CODES:
        yield f"code/{code.number}", code
    for version in formats.RSPEC_VERSIONS:
        yield f"rspec/{version.kind}/{version.name}", version


def collect(elements: Iterable[tuple[str, Element]]) -> Mapping[str, Element]:
    """Elements by id; raises ValueError when two share one."""
    found: dict[str, Element] = {}
    for identity, element in elements:
        if identity in found:
            raise ValueError(f"{identity} is declared twice")
        found[identity] = element
    return MappingProxyType(found)


SURFACE: Final = collect(_everything())


def around(identity: str, surface: Mapping[str, Element] = SURFACE) -> Iterator[str]:
    """The ids of the elements that hold an element, the nearest first."""
    while "/" in identity:
        identity = identity.rpartition("/")[0]
        if identity in surface:
            yield identity


def met(identity: str, surface: Mapping[str, Element] = SURFACE) -> State:
    """The state that a client meets: the worst of the element's and of all that hold it."""
    return max(surface[one].state for one in (identity, *around(identity, surface)))


def unpublished(
    surface: Mapping[str, Element] = SURFACE, *, prototypes: bool = True
) -> dict[str, str]:
    """The state of what is not published, in words, by id: what a tool can warn its user of.

    What stands in a deprecated element is told of only where its own state is another. Without
    `prototypes` there are none.
    """
    return {
        identity: element.state.name.lower()
        for identity, element in surface.items()
        if element.state is not State.PUBLISHED
        and (prototypes or element.state is not State.PROTOTYPE)
    }
