"""An advertisement file to the site that it describes."""

import hashlib
import zlib
from collections.abc import Iterable
from typing import Final

from lxml import etree

from gcf_am.errors import ConfigError, XmlRefused
from gcf_am.model.site import Host, Site, Wire
from gcf_am.rspec.ad_template import write_template
from gcf_am.rspec.canonical import strip_space
from gcf_am.rspec.components import port_capacities, read_host, read_wire
from gcf_am.rspec.names import OPSTATE, RSPEC, UNUSED, core
from gcf_am.rspec.ownership import is_ours
from gcf_am.rspec.position import label
from gcf_am.safexml import Schema, parse
from gcf_am.urn import Urn

LIMIT: Final = 64 * 1024 * 1024
_MOST_PROBLEMS: Final = 10


def read_site(data: bytes, *, manager: Urn) -> Site:
    """Read the inventory, a GENI v3 advertisement.

    Its nodes and links are this aggregate's. A shared node takes as many slivers as the
    emulab extension's node_type says in `type_slots`, else 10. A node of hardware type `switch`
    only joins links. Links to a cloud and to interfaces that an external_ref names lead
    elsewhere: they are advertised, not used. The site's `version` is the same for the same
    content, however it is indented.

    Raises ConfigError, which lists what is wrong with line numbers.
    """
    # 1. XML
    try:
        root = parse(data, limit=LIMIT)
    except XmlRefused as refused:
        raise ConfigError(f"the inventory is no XML that is read here: {refused}") from None
    # 2. an advertisement, as its schema wants it
    if root.tag != core("rspec") or (root.get("type") or "").strip() != "advertisement":
        raise ConfigError(
            f'the inventory must be <rspec type="advertisement"> of the namespace {RSPEC}'
        )
    problems = [str(one) for one in Schema("ad").errors(root)]
    if problems:
        raise _refusal(problems)
    # 3. ours, unique and complete
    reader = _Reader(root, manager)
    reader.check_names()
    hosts = reader.hosts()
    wires = reader.wires(hosts)
    if reader.problems:
        raise _refusal(reader.problems)
    # 4. what is advertised, without what is written anew each time
    strip_space(root)
    for block in root.findall(f"{{{OPSTATE}}}rspec_opstate"):
        root.remove(block)
    for attribute in ("generated", "generated_by", "expires"):
        if attribute in root.attrib:
            del root.attrib[attribute]
    template = write_template(root, hosts, manager)
    version = hashlib.sha256(template).hexdigest()[:16]
    return Site(manager, tuple(hosts), tuple(wires), version, zlib.compress(template, 1))


def _refusal(problems: list[str]) -> ConfigError:
    shown = [f"  {number}. {one}" for number, one in enumerate(problems[:_MOST_PROBLEMS], 1)]
    if len(problems) > _MOST_PROBLEMS:
        shown.append(f"  and {len(problems) - _MOST_PROBLEMS} more")
    return ConfigError("\n".join(["the inventory cannot be used:", *shown]))


class _Reader:
    """Reads the pieces and remembers everything that is wrong, for one answer."""

    def __init__(self, root: etree._Element, manager: Urn) -> None:
        self.problems: list[str] = []
        self._manager = manager
        self._nodes = root.findall(core("node"))
        self._links = root.findall(core("link"))
        elsewhere = root.findall(core("external_ref"))
        for cloud in root.iter(core("cloud")):
            elsewhere += cloud.itersiblings(core("interface"))
            elsewhere += cloud.itersiblings(core("interface"), preceding=True)
        self._elsewhere = {one.get("component_id", "") for one in elsewhere}

    def check_names(self) -> None:
        """Components are ours and have names of their own."""
        for node in self._nodes:
            if self._names_us(node, "component_manager_id"):
                node.set("component_manager_id", self._manager.text)
            else:
                self._complain(
                    node, f"its component_manager_id is not this aggregate's, {self._manager}"
                )
        interfaces = [one for node in self._nodes for one in node.findall(core("interface"))]
        for elements in (self._nodes, interfaces, self._links):
            self._check_ids(elements)
        for link in self._links:
            for one in link.findall(core("component_manager")):
                if self._names_us(one, "name"):
                    one.set("name", self._manager.text)

    def hosts(self) -> list[Host]:
        capacities = port_capacities(self._links)
        return [read_host(node, capacities, self._complain) for node in self._nodes]

    def wires(self, hosts: Iterable[Host]) -> list[Wire]:
        ports = {port.component_id for host in hosts for port in host.ports}
        found: list[Wire] = []
        for link in self._links:
            wire = read_wire(link, self._complain)
            if UNUSED in link.attrib or not self._elsewhere.isdisjoint(wire.ports):
                continue
            for one in link.findall(core("interface_ref")):
                name = one.get("component_id", "")
                if name not in ports:
                    self._complain(link, f"no node has its interface {name[:120]!r}")
            if len(set(wire.ports)) < 2:
                self._complain(link, "it joins fewer than two interfaces")
            found.append(wire)
        return found

    def _check_ids(self, elements: Iterable[etree._Element]) -> None:
        seen: set[str] = set()
        for element in elements:
            name = element.get("component_id", "")
            if name in seen:
                self._complain(element, "another one has its component_id; make it unique")
            seen.add(name)
            kind = etree.QName(element).localname
            wanted = f"urn:publicid:IDN+{self._manager.authority}+{kind}+"
            if not name.lower().startswith(wanted.lower()) or len(name) == len(wanted):
                self._complain(element, f"its component_id must begin with {wanted}")

    def _names_us(self, element: etree._Element, attribute: str) -> bool:
        try:
            return is_ours(Urn.parse(element.get(attribute, "")), self._manager)
        except ValueError:
            return False

    def _complain(self, element: etree._Element, reason: str) -> None:
        self.problems.append(f"{label(element)}: {reason}")
