"""An advertisement with holes: made of an inventory once, filled for each answer.

It is text, not a tree: of a site of thousands of nodes a tree is many times as large, and slow to
write. A mark, which stands nowhere else in the text, and a letter behind it are

| between pieces: what is before the nodes and links, each of these, what is behind them
h the number of the host among the site's, at the beginning of a node
n whether it is available now
s how many slots it has left
i images that were added to its next sliver type: their tag
r the number of the host that an interface_ref of a link is on, - where it is on none
p the numbers of those that a property of a link is between
= the end of such a number, or tag
e the end of a link's interface_refs and properties
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from lxml import etree

from gcf_am.errors import ConfigError
from gcf_am.model.site import Host
from gcf_am.rspec.canonical import indent
from gcf_am.rspec.components import numbered_slots
from gcf_am.rspec.locations import with_schemas
from gcf_am.rspec.names import AD_XSD, OPSTATE, OPSTATE_XSD, RSPEC, SCHEMA_LOCATION, core
from gcf_am.rspec.opstate import opstate_block
from gcf_am.urn import Urn

# On none of the site's hosts.
NOWHERE: Final = "-"
# Characters that XML allows and hardly anybody writes; the first that a site lacks is its mark.
_MARKS: Final = tuple(map(chr, range(0x7F, 0xA0)))
# It stands for the mark until that is chosen.
_MARK: Final = "\0"
_ENDS: Final[Mapping[str, tuple[str, tuple[str, ...]]]] = {
    core("interface_ref"): ("r", ("component_id",)),
    core("property"): ("p", ("source_id", "dest_id")),
}


@dataclass(frozen=True, slots=True)
class _Hole:
    """An element; `text`, `tail` or an attribute of it; and what that becomes."""

    element: etree._Element
    where: str
    text: str

    def dig(self, mark: str) -> None:
        written = self.text.replace(_MARK, mark)
        if self.where in {"text", "tail"}:
            setattr(self.element, self.where, written)
        else:
            self.element.set(self.where, written)


def write_template(root: etree._Element, hosts: Sequence[Host], manager: Urn) -> bytes:
    """The template of an inventory's tree, which is changed; the mark and a line's end go before.

    `hosts` are those of its nodes, in their order. Filled it is valid against ad.xsd, with the
    operational states, and declares UTF-8. The same site always gives the same template. Raises
    ConfigError when no character is left for the mark.
    """
    root.set(
        SCHEMA_LOCATION,
        with_schemas(root.get(SCHEMA_LOCATION, ""), {RSPEC: AD_XSD, OPSTATE: OPSTATE_XSD}),
    )
    for node in root.findall(core("node")):
        if node.find(core("available")) is None:
            etree.SubElement(node, core("available"))
    names = {one.name: None for host in hosts for one in host.sliver_types}
    block = opstate_block(manager, names)
    root.insert(0, block)
    indent(root)
    etree.indent(block, level=1)
    holes = list(_holes(root, hosts))
    count = sum(hole.text.count(_MARK) for hole in holes)
    for mark in _MARKS:
        for hole in holes:
            hole.dig(mark)
        text: bytes = etree.tostring(root, encoding="UTF-8", xml_declaration=True)
        if text.count(mark.encode()) == count:
            return mark.encode() + b"\n" + text + b"\n"
    raise ConfigError("the inventory has every control character; take one of them out")


def _holes(root: etree._Element, hosts: Sequence[Host]) -> Iterator[_Hole]:
    number = {port.component_id: place for place, host in enumerate(hosts) for port in host.ports}
    places = iter(range(len(hosts)))
    begins = []
    for child in root:
        begin = ""
        if child.tag == core("node"):
            place = next(places)
            begin = f"{_MARK}h{place}{_MARK}="
            yield from _of_node(child, hosts[place])
        elif child.tag == core("link"):
            yield from _of_link(child, number)
        begins.append(f"{_MARK}|{begin}")
    begins.append(f"{_MARK}|")
    yield _Hole(root, "text", begins[0] + (root.text or ""))
    for child, begin in zip(root, begins[1:], strict=True):
        yield _Hole(child, "tail", begin + (child.tail or ""))


def _of_node(node: etree._Element, host: Host) -> Iterator[_Hole]:
    available = node.find(core("available"))
    assert available is not None  # it was put there
    yield _Hole(available, "now", f"{_MARK}n")
    if not host.exclusive:
        for one in numbered_slots(node):
            if one.get("type_slots", "").strip() == str(host.slots):
                yield _Hole(one, "type_slots", f"{_MARK}s")
    for element, kind in zip(node.findall(core("sliver_type")), host.sliver_types, strict=True):
        if kind.images:
            prefix = f"{element.prefix}:" if element.prefix else ""
            tail = element[-1].tail or ""
            yield _Hole(element[-1], "tail", f"{_MARK}i{prefix}disk_image{_MARK}={tail}")


def _of_link(link: etree._Element, number: Mapping[str, int]) -> Iterator[_Hole]:
    """Its children that go with what they lead to, each told before the space before it."""

    def told(child: etree._Element) -> str:
        letter, names = _ENDS.get(str(child.tag), ("e", ()))
        if not names:
            return f"{_MARK}e"
        ends = (str(number.get(child.get(name, ""), NOWHERE)) for name in names)
        return f"{_MARK}{letter}{' '.join(ends)}{_MARK}="

    children = list(link)
    if children:
        yield _Hole(link, "text", told(children[0]) + (link.text or ""))
        for child, following in pairwise(children):
            yield _Hole(child, "tail", told(following) + (child.tail or ""))
        yield _Hole(children[-1], "tail", f"{_MARK}e" + (children[-1].tail or ""))
