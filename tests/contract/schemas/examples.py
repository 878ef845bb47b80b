"""Documents made from a schema's declarations: one for each place where an element may stand."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import cast

from lxml import etree

from tests.contract.schemas.declarations import XML, Element, Particle

_ID = f"{{{XML}}}id"


@dataclass(frozen=True)
class Place:
    """Where an element may stand: the declarations from the root down to it."""

    path: tuple[Element, ...]

    @property
    def element(self) -> Element:
        return self.path[-1]

    def __str__(self) -> str:
        return "/".join(etree.QName(one.tag).localname for one in self.path)


def places(root: Element) -> Iterator[Place]:
    """The places under a root: each element in each that may hold it, the shortest way down."""
    waiting = [Place((root,))]
    seen: set[tuple[Element, Element]] = set()
    while waiting:
        place = waiting.pop(0)
        yield place
        for child in place.element.content.elements():
            if child not in place.path and (place.element, child) not in seen:
                seen.add((place.element, child))
                waiting.append(Place((*place.path, child)))


def document(place: Place) -> tuple[etree._Element, etree._Element]:
    """A valid document with the place's element, and that element.

    The element has all its attributes and each of its children where they fit together; all
    around it there is only what must be.
    """
    made = _whole(place.element)
    target = made
    for parent, child in zip(reversed(place.path[:-1]), reversed(place.path[1:]), strict=True):
        around = _empty(parent)
        for one in _expand(parent.content, child, whole=False):
            around.append(made if one is child else small(one))
        made = around
    for number, holder in enumerate(made.iter("*")):
        if _ID in holder.attrib:
            holder.set(_ID, f"id{number}")
    return made, target


def small(element: Element) -> etree._Element:
    """The element with what must be there and no more."""
    made = _empty(element)
    made.extend(small(child) for child in _expand(element.content, None, whole=False))
    return made


def _whole(element: Element) -> etree._Element:
    made = _empty(element)
    for attribute in element.attributes:
        made.set(attribute.name, attribute.sample)
    made.extend(small(child) for child in _expand(element.content, None, whole=True))
    return made


def _empty(element: Element) -> etree._Element:
    namespace = etree.QName(element.tag).namespace
    # lxml-stubs do not know the default namespace
    nsmap = cast("dict[str, str]", {None: namespace}) if namespace else None
    made = etree.Element(element.tag, nsmap=nsmap)
    for attribute in element.attributes:
        if attribute.required:
            made.set(attribute.name, attribute.sample)
    made.text = element.sample or None
    return made


def _expand(particle: Particle, wanted: Element | None, *, whole: bool) -> list[Element]:
    """Children that fit the content: `wanted` once among the fewest, or each one (`whole`)."""
    holds = wanted is not None and any(one is wanted for one in particle.elements())
    if particle.least == 0 and not holds and not whole:
        return []
    if particle.element is not None:
        return [particle.element]
    if particle.kind != "choice":
        found: list[Element] = []
        for part in particle.parts:
            inner = wanted if holds and wanted not in found else None
            found += _expand(part, inner, whole=whole)
        return found
    if whole and particle.most > 1:
        return [one for part in particle.parts for one in _expand(part, None, whole=True)]
    if holds:
        part = next(p for p in particle.parts if any(one is wanted for one in p.elements()))
        return _expand(part, wanted, whole=whole)
    return _expand(particle.parts[0], None, whole=whole) if particle.parts else []
