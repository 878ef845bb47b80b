"""Makes the components of other aggregates ours, by name."""

import re
from collections.abc import Iterable, Mapping
from typing import Final

from lxml import etree

from gcf_am.rspec.names import ALIAS, UNUSED, core
from gcf_am.rspec.repairs import Kind, Repairs
from gcf_am.urn import Urn

_URN: Final = re.compile(r"urn:publicid:IDN\+([^+]*)\+([^+]*)\+(.+)", re.IGNORECASE | re.DOTALL)
# A name that means one thing everywhere, even where its form is not quite a GENI URN's.
_GLOBAL: Final = re.compile(r"urn:publicid:IDN\+", re.IGNORECASE)
_SPACE: Final = re.compile(r"\s")
# What a URN may not hold, see gcf_am.urn.
_ODD: Final = re.compile(r"[^!-~]|[?/#|]")


def take_over(root: etree._Element, manager: Urn, repairs: Repairs) -> int:
    """Give all components URNs of this aggregate's authority, in place; answers how many changed.

    What a component was called before is kept as its alias when it was a URN. References follow:
    those to interfaces that no node has get an external_ref.

    1. Nodes, then interfaces, then links; none shares its name with another of its kind.
    2. References to interfaces and nodes.
    3. Managers.
    """
    nodes, links = root.findall(core("node")), root.findall(core("link"))
    managers = {one.get("component_manager_id", "").strip() for one in nodes}
    names = _Names(manager, repairs)
    new_nodes = names.rename("node", nodes)  # 1
    ports = [port for node in nodes for port in node.findall(core("interface"))]
    new_ports = names.rename("interface", ports)
    names.rename("link", links)
    _follow(root, links, new_ports, repairs)  # 2
    for relation in root.iter(core("relation")):
        old = relation.get("component_id", "")
        relation.set("component_id", new_nodes.get(old, old))
    for node in nodes:  # 3
        node.set("component_manager_id", manager.text)
    for one in (one for link in links for one in link.findall(core("component_manager"))):
        if one.get("name", "").strip() in managers:
            one.set("name", manager.text)
    return names.changed


class _Names:
    def __init__(self, manager: Urn, repairs: Repairs) -> None:
        self._manager = manager
        self._repairs = repairs
        self.changed = 0

    def rename(self, kind: str, elements: Iterable[etree._Element]) -> dict[str, str]:
        """Name the elements; answers new names by old ones, the first where several had one."""
        taken: dict[str, str] = {}
        found: dict[str, str] = {}
        for number, element in enumerate(elements, 1):
            old = element.get("component_id", "").strip()
            authority, name = self._parts(kind, element, old, number)
            free = self._free(name, authority, taken)
            if free != name:
                self._repairs.note(Kind.CLASH, element, f"it is {free} now")
                if "component_name" in element.attrib:
                    element.set("component_name", free)
            taken[free] = authority
            new = f"urn:publicid:IDN+{self._manager.authority}+{kind}+{free}"
            found.setdefault(old, new)
            if new != old:
                self._set(element, old, new)
        return found

    def _set(self, element: etree._Element, old: str, new: str) -> None:
        self.changed += 1
        element.set("component_id", new)
        if _GLOBAL.match(old) and not _SPACE.search(old):
            element.set(ALIAS, " ".join([*(element.get(ALIAS) or "").split(), old]))

    def _parts(self, kind: str, element: etree._Element, old: str, number: int) -> tuple[str, str]:
        """The authority it had, if any, and a name that may stand in a URN."""
        urn = _URN.fullmatch(old)
        if urn is not None:
            authority, name = urn[1], urn[3]
        else:
            authority, name = "", old.rpartition("+")[2] or f"{kind}{number}"
            parent = element.getparent()
            if kind == "interface" and parent is not None:
                # a plain name like eth0, which many nodes have
                name = f"{parent.get('component_id', '').rpartition('+')[2]}:{name}"
        clean = _ODD.sub("-", name)
        if urn is None or urn[2].lower() != kind or clean != name:
            self._repairs.note(Kind.NAME, element, f"it is {clean} now")
        return authority, clean

    def _free(self, name: str, authority: str, taken: Mapping[str, str]) -> str:
        if name not in taken:
            return name
        # the same name at two authorities: tell them apart by these
        told = _ODD.sub("-", authority).replace(":", "-")
        apart = f"{name}.{told}"
        if taken[name] != authority and told and apart not in taken:
            return apart
        number = 2
        while f"{name}-{number}" in taken:
            number += 1
        return f"{name}-{number}"


def _follow(
    root: etree._Element, links: list[etree._Element], new: dict[str, str], repairs: Repairs
) -> None:
    """Let links refer to interfaces by their new names."""
    elsewhere: set[str] = set()
    for one in root.findall(core("external_ref")):
        name = one.get("component_id", "").strip()
        if name in new:
            root.remove(one)  # of two authorities in one document, each was elsewhere for the other
        else:
            elsewhere.add(name)
    unknown: dict[str, None] = {}
    for link in links:
        for one in link.findall(core("property")):
            for attribute in ("source_id", "dest_id"):
                old = one.get(attribute, "").strip()
                one.set(attribute, new.get(old, old))
        ends: set[str] = set()
        for one in link.findall(core("interface_ref")):
            old = one.get("component_id", "").strip()
            ends.add(old)
            one.set("component_id", new.get(old, old))
        lost = sorted(ends - new.keys() - elsewhere)
        if lost:
            unknown.update(dict.fromkeys(lost))
            repairs.note(Kind.ELSEWHERE, link, ", ".join(lost))
        elif UNUSED not in link.attrib and not ends & elsewhere and len(ends) < 2:
            link.set(UNUSED, "it has fewer than two ends")
            repairs.note(Kind.ENDS, link)
    for old in unknown:
        etree.SubElement(root, core("external_ref"), {"component_id": old})
