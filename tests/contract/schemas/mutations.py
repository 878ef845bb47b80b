"""One change at a time to a document made from a schema, for each element and attribute.

Elements are dropped, doubled, moved, renamed and filled with what does not belong there;
attributes are dropped, moved, renamed and given wrong values. Which changes make a document
invalid is the schema's business.
"""

from collections.abc import Callable, Iterator, Sequence
from copy import deepcopy
from typing import TypeAlias

from lxml import etree

from tests.contract.schemas.declarations import XML, Element, Schemas
from tests.contract.schemas.examples import Place, document, places, small

Change: TypeAlias = Callable[[etree._Element], etree._Element | None]

FOREIGN = "http://foreign.example/"
XSI = "http://www.w3.org/2001/XMLSchema-instance"
# Attributes that XML and XML Schema know.
SPECIAL = (
    f"{{{XML}}}lang",
    f"{{{XSI}}}type",
    f"{{{XSI}}}nil",
    f"{{{XSI}}}schemaLocation",
    f"{{{XSI}}}noNamespaceSchemaLocation",
)
# Values that some type takes and another refuses.
VALUES = (
    "",
    " ",
    "text",
    "two words",
    " text ",
    "true",
    " true ",
    "True",
    "TRUE",
    "yes",
    "0",
    "1",
    "-1",
    "+1",
    "007",
    "1.5",
    "1e3",
    "NaN",
    "INF",
    "2147483647",
    "2147483648",
    "99999999999999999999",
    "2026-01-02T03:04:05Z",
    "2026-01-02T03:04:05.678+01:00",
    "2026-01-02T03:04:05",
    "2026-01-02 03:04:05",
    "2026-13-02T03:04:05Z",
    "2026-01-02",
    "http://[",
    "urn:publicid:IDN+a+node+b",
    "\u00e9\u4e2d",
    "a\nb\tc",
)


def mutations(schemas: Schemas, root: str) -> Iterator[tuple[str, str, etree._Element]]:
    """Place, change and changed document, in the same order each time."""
    found = list(places(schemas.root(root)))
    declared = _elements(found)
    names = sorted({a.name for p in found for a in p.element.attributes})
    values = (*VALUES, *schemas.enumerated())
    for place in found:
        whole, target = document(place)
        way = _way(target)
        for name, change in _changes(place, declared, names, values):
            at = deepcopy(whole)
            for index in way:
                at = at[index]
            changed = change(at)
            if changed is not None:
                yield str(place), name, changed.getroottree().getroot()


def _way(target: etree._Element) -> list[int]:
    """The indexes that lead from the root to it."""
    steps = [target, *target.iterancestors()]
    pairs = zip(steps[1:], steps, strict=False)
    return [parent.index(child) for parent, child in pairs][::-1]


def _elements(found: Sequence[Place]) -> list[Element]:
    """Every declaration once, and only once for each way to write it small."""
    different: dict[tuple[str, bytes], Element] = {}
    for place in found:
        one = place.element
        different.setdefault((one.tag, etree.tostring(small(one))), one)
    return [different[key] for key in sorted(different)]


def _changes(
    place: Place, declared: Sequence[Element], names: Sequence[str], values: Sequence[str]
) -> Iterator[tuple[str, Change]]:
    yield "as it is", lambda target: target
    yield from _moves()
    yield from _renames(place.element.tag, {one.tag for one in declared})
    yield from _contents(declared)
    yield from _texts(place.element, values)
    for attribute in place.element.attributes:
        yield from _attribute(attribute.name, values)
    # attributes of other elements, and of none
    own = {one.name for one in place.element.attributes}
    for name in (*names, "nobodys", f"{{{FOREIGN}}}id", *SPECIAL):
        if name not in own:
            yield f"with @{_short(name)}", _setting(name, "text")
    namespace = etree.QName(place.element.tag).namespace
    if namespace:
        yield "with a qualified @name", _setting(f"{{{namespace}}}name", "text")


def _moves() -> Iterator[tuple[str, Change]]:
    def dropped(target: etree._Element) -> etree._Element | None:
        parent = target.getparent()
        if parent is not None:
            parent.remove(target)
        return parent

    def doubled(target: etree._Element) -> etree._Element | None:
        if target.getparent() is not None:
            target.addnext(deepcopy(target))
            return target
        return None

    def first(target: etree._Element) -> etree._Element | None:
        parent = target.getparent()
        if parent is not None:
            parent.insert(0, target)
        return parent

    def last(target: etree._Element) -> etree._Element | None:
        parent = target.getparent()
        if parent is not None:
            parent.append(target)
        return parent

    def up(target: etree._Element) -> etree._Element | None:
        parent = target.getparent()
        above = None if parent is None else parent.getparent()
        if above is not None:
            above.append(target)
        return above

    def to_root(target: etree._Element) -> etree._Element | None:
        root = target.getroottree().getroot()
        if root is target:
            return None
        root.append(target)
        return root

    def nested(target: etree._Element) -> etree._Element:
        target.append(deepcopy(target))
        return target

    def wrapped(target: etree._Element) -> etree._Element | None:
        parent = target.getparent()
        if parent is None:
            return None
        around = etree.Element(f"{{{FOREIGN}}}around")
        parent.replace(target, around)
        around.append(target)
        return parent

    def bare_within(target: etree._Element) -> etree._Element | None:
        target.attrib.clear()
        return wrapped(target)

    yield "dropped", dropped
    yield "doubled", doubled
    yield "moved to the front", first
    yield "moved to the end", last
    yield "moved up", up
    yield "moved to the root", to_root
    yield "nested", nested
    yield "within a foreign element", wrapped
    yield "within a foreign element, without attributes", bare_within
    yield "as root", deepcopy


def _renames(own: str, declared: set[str]) -> Iterator[tuple[str, Change]]:
    def renaming(tag: str) -> Change:
        def renamed(target: etree._Element) -> etree._Element:
            target.tag = tag
            return target

        return renamed

    local = etree.QName(own).localname
    yield "renamed", renaming(f"{own}s")
    yield "in capitals", renaming(own.removesuffix(local) + local.upper())
    yield "of another namespace", renaming(f"{{{FOREIGN}}}{local}")
    yield "of no namespace", renaming(local)
    for tag in sorted(declared):
        yield f"as <{_short(tag)}>", renaming(tag)


def _contents(declared: Sequence[Element]) -> Iterator[tuple[str, Change]]:
    def with_text(text: str) -> Change:
        def changed(target: etree._Element) -> etree._Element:
            target.text = text
            return target

        return changed

    def with_child(child: etree._Element) -> Change:
        def changed(target: etree._Element) -> etree._Element:
            target.append(deepcopy(child))
            return target

        return changed

    def with_tail(target: etree._Element) -> etree._Element:
        target.tail = "text" if target.getparent() is not None else None
        return target

    def emptied(target: etree._Element) -> etree._Element:
        del target[:]
        target.text = None
        return target

    def bare(target: etree._Element) -> etree._Element:
        target.attrib.clear()
        return target

    yield "without content", emptied
    yield "without attributes", bare
    yield "with text", with_text("text")
    yield "with text behind it", with_tail
    yield "with space", with_text("\n ")
    yield "with a comment", with_child(etree.Comment("text"))
    yield "with an instruction", with_child(etree.ProcessingInstruction("a", "b"))
    yield "with a foreign child", with_child(etree.Element(f"{{{FOREIGN}}}child"))
    yield "with a child of no namespace", with_child(etree.Element("child"))
    for number, one in enumerate(declared):
        yield f"with <{_short(one.tag)}> {number}", with_child(small(one))


def _texts(element: Element, values: Sequence[str]) -> Iterator[tuple[str, Change]]:
    if element.sample:
        for value in values:

            def changed(target: etree._Element, value: str = value) -> etree._Element:
                target.text = value
                return target

            yield f"of {value!r}", changed


def _attribute(name: str, values: Sequence[str]) -> Iterator[tuple[str, Change]]:
    def renaming(new: str) -> Change:
        def renamed(target: etree._Element) -> etree._Element:
            target.set(new, str(target.attrib.pop(name)))
            return target

        return renamed

    def dropped(target: etree._Element) -> etree._Element:
        del target.attrib[name]
        return target

    def moved(target: etree._Element) -> etree._Element | None:
        parent = target.getparent()
        if parent is not None:
            parent.set(name, str(target.attrib.pop(name)))
        return parent

    def moved_down(target: etree._Element) -> etree._Element:
        child = next(target.iterchildren("*"), None)
        if child is None:
            child = etree.SubElement(target, f"{{{FOREIGN}}}child")
        child.set(name, str(target.attrib.pop(name)))
        return target

    def doubled(target: etree._Element) -> etree._Element:
        value = str(target.get(name))
        target.set(name, f"{value} {value}")
        return target

    at = f"@{_short(name)}"
    yield f"{at} dropped", dropped
    yield f"{at} moved up", moved
    yield f"{at} moved down", moved_down
    yield f"{at} doubled", doubled
    yield f"{at} renamed", renaming(f"{etree.QName(name).localname}s")
    yield f"{at} in capitals", renaming(etree.QName(name).localname.upper())
    yield f"{at} of a foreign namespace", renaming(f"{{{FOREIGN}}}{etree.QName(name).localname}")
    for value in values:
        yield f"{at} of {value!r}", _setting(name, value)


def _setting(name: str, value: str) -> Change:
    def changed(target: etree._Element) -> etree._Element:
        target.set(name, value)
        return target

    return changed


def _short(name: str) -> str:
    qualified = etree.QName(name)
    if qualified.namespace == FOREIGN:
        return f"foreign:{qualified.localname}"
    if qualified.namespace == XSI:
        return f"xsi:{qualified.localname}"
    return f"xml:{qualified.localname}" if qualified.namespace == XML else qualified.localname
