"""A foreign advertisement becomes an inventory of ours (decision 22)."""

from dataclasses import dataclass
from typing import Final, cast

from lxml import etree

from gcf_am.errors import ConfigError, XmlRefused
from gcf_am.model.site import Site
from gcf_am.rspec.ad_repair import drop_refused_extensions, repair
from gcf_am.rspec.canonical import alone, indent, strip_space
from gcf_am.rspec.inventory import LIMIT, read_site
from gcf_am.rspec.locations import without_schema
from gcf_am.rspec.names import (
    EMULAB,
    GCF_AM,
    OPSTATE,
    RSPEC,
    RSPEC_2,
    SCHEMA_LOCATION,
    SHARED_VLANS,
    core,
)
from gcf_am.rspec.repairs import Kind, Repair, Repairs
from gcf_am.rspec.site_names import take_over
from gcf_am.safexml import parse
from gcf_am.urn import Urn

# Sliver types for nodes that name none; the standard's word for "whatever kind there is".
SLIVER_TYPE: Final = "default-vm"

_PREFIX: Final = "gcfam"
_STITCHING: Final = (
    "http://hpn.east.isi.edu/rspec/ext/stitch/0.1/",
    "http://www.geni.net/resources/rspec/ext/stitch/2/",
)
# What the other aggregate does beside giving nodes and links; advertised here it would be a lie.
_SERVICES: Final = (OPSTATE, *_STITCHING, *SHARED_VLANS)
_ROUTABLE: Final = f"{{{EMULAB}}}rspec_routable_addresses"
_NOTE: Final = (
    " An inventory of gcf_am, imported from another aggregate's advertisement."
    f" {_PREFIX}:alias is what a component was called there; that name binds too. "
)


@dataclass(frozen=True, slots=True)
class Imported:
    """The inventory file's content, the site it describes, and what became of the document.

    `renamed` counts the components that have another URN than before.
    """

    xml: bytes
    site: Site
    renamed: int
    repairs: tuple[Repair, ...]


def import_site(data: bytes, *, manager: Urn, sliver_type: str = SLIVER_TYPE) -> Imported:
    """Make an inventory of any advertisement, RSpec version 3 or 2.

    Managers and component URNs become this aggregate's, and the URNs from before aliases, which
    bind too. What its schema refuses is repaired. What only the other aggregate can do, and what
    was reserved there, is left out. Nodes without a sliver type get `sliver_type`. No node, link
    or interface is lost. The same document always gives the same inventory, and what was
    imported once is imported again as it is.

    Raises ConfigError for what is no advertisement.
    """
    repairs = Repairs()
    # 1. an advertisement
    root = _advertisement(data, repairs)
    # 2. what is not offered here
    _leave_out_services(root, repairs)
    # 3. as the schema wants it
    repair(root, repairs)
    # 4. ours
    _keep_once(root, repairs)
    renamed = take_over(root, manager, repairs)
    # 5. to be had
    for node in root.findall(core("node")):
        _offer(node, sliver_type, repairs)
    problems = drop_refused_extensions(root, repairs)
    if problems:
        raise ConfigError(f"the advertisement cannot be repaired: {problems[0]}")
    # 6. read once, as it will be
    xml = _written(root)
    return Imported(xml, read_site(xml, manager=manager), renamed, repairs.all())


def _advertisement(data: bytes, repairs: Repairs) -> etree._Element:
    """The document's root, in version 3, with our prefix."""
    try:
        root = parse(data, limit=LIMIT)
    except XmlRefused as refused:
        raise ConfigError(f"the advertisement is no XML that is read here: {refused}") from None
    name = etree.QName(root)
    if name.localname != "rspec" or name.namespace not in {RSPEC, RSPEC_2}:
        raise ConfigError(
            f"<{name.localname[:60]}> of the namespace {(name.namespace or '(none)')[:120]} is no"
            f" advertisement; GENI RSpecs of version 3 ({RSPEC}) and 2 ({RSPEC_2}) are read"
        )
    kind = (root.get("type") or "").strip()
    if kind.lower() != "advertisement":
        raise ConfigError(f"an advertisement is wanted; the document's type is {kind[:40]!r}")
    nsmap: dict[str | None, str] = {
        prefix: uri for prefix, uri in root.nsmap.items() if uri not in {RSPEC_2, GCF_AM}
    }
    if RSPEC not in nsmap.values():
        nsmap[None] = RSPEC
    nsmap[_PREFIX] = GCF_AM
    # lxml's types do not know that None stands for no prefix
    made = etree.Element(core("rspec"), nsmap=cast("dict[str, str]", nsmap))
    made.sourceline = root.sourceline
    for attribute, value in root.attrib.items():
        made.set(attribute, value)
    made.set("type", "advertisement")
    made.text = root.text
    made.extend(root)
    if name.namespace == RSPEC_2:
        for one in made.iter(f"{{{RSPEC_2}}}*"):
            one.tag = core(etree.QName(one).localname)
        repairs.note(Kind.VERSION, made)
    return made


def _leave_out_services(root: etree._Element, repairs: Repairs) -> None:
    """Leave out what tells of the other aggregate's services, and of its moment."""
    for block in root.findall("*"):
        if etree.QName(block).namespace in _SERVICES or block.tag == _ROUTABLE:
            repairs.note(Kind.BLOCK, block)
            root.remove(block)
    place = root.get(SCHEMA_LOCATION)
    if place is not None:
        for namespace in (RSPEC_2, *_SERVICES):
            place = without_schema(place, namespace)
        root.set(SCHEMA_LOCATION, place)
    if "expires" in root.attrib:
        del root.attrib["expires"]


def _keep_once(root: etree._Element, repairs: Repairs) -> None:
    """Drop components that stand there twice, word for word."""
    for parent in (root, *root.findall(core("node"))):
        seen: dict[str, etree._Element] = {}
        for tag in ("node", "link", "interface"):
            for one in parent.findall(core(tag)):
                name = f"{tag} {one.get('component_id', '').strip()}"
                first = seen.setdefault(name, one)
                if first is not one and _content(first) == _content(one):
                    repairs.note(Kind.TWICE, one)
                    parent.remove(one)


def _content(element: etree._Element) -> str:
    strip_space(element)
    return alone(element)


def _offer(node: etree._Element, sliver_type: str, repairs: Repairs) -> None:
    """Make a node available here: what is held of it at the other aggregate does not matter."""
    available = node.find(core("available"))
    if available is not None and available.get("now", "").strip() not in {"true", "1"}:
        repairs.note(Kind.AVAILABLE, node)
        available.set("now", "true")
    joins = node.find(core("cloud")) is not None or any(
        one.get("name") == "switch" for one in node.findall(core("hardware_type"))
    )
    if node.find(core("sliver_type")) is None and not joins:
        repairs.note(Kind.SLIVER_TYPE, node)
        etree.SubElement(node, core("sliver_type"), {"name": sliver_type})


def _written(root: etree._Element) -> bytes:
    strip_space(root)
    etree.cleanup_namespaces(root, keep_ns_prefixes=[_PREFIX])
    root.addprevious(etree.Comment(_NOTE))
    indent(root)
    text: bytes = etree.tostring(root.getroottree(), encoding="UTF-8", xml_declaration=True)
    return text + b"\n"
