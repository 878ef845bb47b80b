"""What an XML Schema declares: its elements with their attributes and content, file by file.

Reads what schemas of RSpecs and credentials are written with, no more: sequences, choices,
groups, extensions, enumerations, unions, includes and imports.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Final

from lxml import etree

from gcf_am.safexml import parse

XS: Final = "http://www.w3.org/2001/XMLSchema"
XML: Final = "http://www.w3.org/XML/1998/namespace"
# A right value of each built-in type.
SAMPLES: Final = {
    "string": "text",
    "token": "text",
    "anySimpleType": "text",
    "anyURI": "http://example.net/",
    "boolean": "true",
    "int": "7",
    "integer": "7",
    "float": "0.5",
    "dateTime": "2026-01-02T03:04:05Z",
    "ID": "id",
}


@dataclass(frozen=True)
class Attribute:
    """An attribute of an element; `sample` is a right value."""

    name: str
    required: bool
    sample: str


@dataclass(frozen=True)
class Particle:
    """What may stand in an element: `parts` in order, one of them, or one element.

    `kind` is sequence, choice, element or any.
    """

    kind: str
    least: int
    most: float
    parts: tuple["Particle", ...] = ()
    element: "Element | None" = None

    def elements(self) -> Iterator["Element"]:
        """All that may stand there, each once for each place."""
        if self.element is not None:
            yield self.element
        for part in self.parts:
            yield from part.elements()


class Element:
    """A declaration of an element; its type is read when it is asked for."""

    def __init__(self, schema: "Schemas", node: etree._Element) -> None:
        self._schema = schema
        self.node = node
        self.tag = schema.name_of(node)

    @cached_property
    def _types(self) -> list[etree._Element]:
        """Its type and what that extends, the innermost last."""
        return self._schema.types_of(self.node)

    @cached_property
    def attributes(self) -> tuple[Attribute, ...]:
        found: dict[str, Attribute] = {}
        for one in reversed(self._types):
            for attribute in self._schema.attributes_in(one):
                found[attribute.name] = attribute
        return tuple(found.values())

    @cached_property
    def content(self) -> Particle:
        parts: list[Particle] = []
        for one in reversed(self._types):
            parts += self._schema.particles_in(one)
        return Particle("sequence", 1, 1, tuple(parts))

    @cached_property
    def sample(self) -> str:
        """A right text for it; empty where it holds elements or nothing."""
        return self._schema.sample_of(self.node)


class Schemas:
    """A schema file and all that it includes and imports."""

    def __init__(self, file: Path) -> None:
        self._trees: dict[Path, etree._Element] = {}
        self._globals: dict[tuple[str, str], etree._Element] = {}
        self._elements: dict[etree._Element, Element] = {}
        self._read(file)

    def roots(self) -> list[Element]:
        """The elements declared for everywhere."""
        return [self.element(n) for (kind, _), n in self._globals.items() if kind == "element"]

    def tops(self) -> list[Element]:
        """Those of them that stand in no other."""
        roots = self.roots()
        held = {one for root in roots for one in root.content.elements() if one is not root}
        return [one for one in roots if one not in held]

    def root(self, local: str) -> Element:
        return next(one for one in self.roots() if etree.QName(one.tag).localname == local)

    def enumerated(self) -> list[str]:
        """All values that some enumeration lists."""
        trees = self._trees.values()
        return sorted({str(n.get("value")) for t in trees for n in t.iter(f"{{{XS}}}enumeration")})

    def element(self, node: etree._Element) -> Element:
        if node not in self._elements:
            self._elements[node] = Element(self, node)
        return self._elements[node]

    def name_of(self, node: etree._Element) -> str:
        namespace = self._target(node)
        return f"{{{namespace}}}{node.get('name')}" if namespace else str(node.get("name"))

    def types_of(self, node: etree._Element) -> list[etree._Element]:
        named = node.get("type")
        if named is not None:
            own = self._lookup("complexType", node, named)
        else:
            own = node.find(f"{{{XS}}}complexType")
        found = []
        while own is not None:
            found.append(own)
            extension = own.find(f"{{{XS}}}complexContent/{{{XS}}}extension")
            base = None if extension is None else extension.get("base")
            own = None if base is None else self._lookup("complexType", own, base)
        return found

    def attributes_in(self, node: etree._Element) -> Iterator[Attribute]:
        for child in node:
            kind = _local(child)
            if kind == "attributeGroup":
                yield from self.attributes_in(self._referred(child))
            elif kind in {"simpleContent", "complexContent", "extension"}:
                yield from self.attributes_in(child)
            elif kind == "attribute":
                reference = child.get("ref")
                if reference == "xml:id":
                    yield Attribute(f"{{{XML}}}id", child.get("use") == "required", "id")
                else:
                    required = child.get("use") == "required"
                    yield Attribute(str(child.get("name")), required, self.sample_of(child))

    def particles_in(self, node: etree._Element) -> Iterator[Particle]:
        for child in node:
            kind = _local(child)
            if kind in {"complexContent", "extension"}:
                yield from self.particles_in(child)
            elif kind in {"sequence", "choice"}:
                yield Particle(kind, *_occurs(child), tuple(self.particles_in(child)))
            elif kind == "group":
                group = self._referred(child)
                yield Particle("sequence", *_occurs(child), tuple(self.particles_in(group)))
            elif kind == "any":
                yield Particle("any", *_occurs(child))
            elif kind == "element":
                declared = child if child.get("ref") is None else self._referred(child)
                yield Particle("element", *_occurs(child), element=self.element(declared))

    def sample_of(self, node: etree._Element) -> str:
        """A right value of the simple type that an attribute or element has."""
        named = node.get("type") or node.get("base") or node.get("memberTypes")
        if named is not None:
            prefix, _, local = named.rpartition(":")
            if node.nsmap.get(prefix or None) == XS:
                return SAMPLES[local]
            simple = self._lookup("simpleType", node, named)
            if simple is not None:
                return self.sample_of(simple)
            complex_type = self._lookup("complexType", node, named)
            return "" if complex_type is None else self.sample_of(complex_type)
        enumerated = node.find(f"{{{XS}}}restriction/{{{XS}}}enumeration")
        if enumerated is not None:
            return str(enumerated.get("value"))
        for path in ("simpleType", "restriction", "union", "complexType"):
            inner = node.find(f"{{{XS}}}{path}")
            if inner is not None:
                return self.sample_of(inner)
        extension = node.find(f"{{{XS}}}simpleContent/{{{XS}}}extension")
        if extension is not None:
            return self.sample_of(extension)
        return "text" if _local(node) == "attribute" else ""

    def _read(self, file: Path) -> None:
        file = file.resolve()
        if file in self._trees:
            return
        self._trees[file] = root = parse(file.read_bytes())
        for child in root.iterchildren("*"):
            location = child.get("schemaLocation")
            if _local(child) in {"include", "import"} and location is not None:
                self._read(file.parent / location)
            elif child.get("name") is not None:
                # a sequence keeps the first: what includes comes before what is included
                self._globals.setdefault((_local(child), self.name_of(child)), child)

    def _target(self, node: etree._Element) -> str | None:
        return node.getroottree().getroot().get("targetNamespace")

    def _referred(self, node: etree._Element) -> etree._Element:
        found = self._lookup(_local(node), node, str(node.get("ref")))
        assert found is not None, etree.tostring(node)
        return found

    def _lookup(self, kind: str, node: etree._Element, qname: str) -> etree._Element | None:
        prefix, _, local = qname.rpartition(":")
        namespace = node.nsmap.get(prefix or None)
        name = f"{{{namespace}}}{local}" if namespace else local
        return self._globals.get((kind, name))


def _local(node: etree._Element) -> str:
    # a comment's tag is a function, and its name none of XML Schema's
    return str(node.tag).rpartition("}")[2]


def _occurs(node: etree._Element) -> tuple[int, float]:
    most = node.get("maxOccurs", "1")
    return int(node.get("minOccurs", "1")), float("inf") if most == "unbounded" else int(most)
