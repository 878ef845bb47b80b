"""A request RSpec, or a manifest given to Update, to a topology."""

from collections.abc import Iterable
from copy import deepcopy
from typing import Final

from lxml import etree

from gcf_am.errors import BadArgs, BadVersion, XmlRefused
from gcf_am.model.topology import Foreign, Frame, Link, Node, Topology
from gcf_am.rspec import extensions
from gcf_am.rspec.canonical import alone, expanded_names, strip_space
from gcf_am.rspec.elements import client_id_of, read_link, read_node
from gcf_am.rspec.locations import without_schema
from gcf_am.rspec.names import RSPEC, RSPEC_2, SCHEMA_LOCATION, core
from gcf_am.rspec.ownership import is_ours
from gcf_am.rspec.position import refusal
from gcf_am.rspec.reduction import to_request, without_sliver_ids
from gcf_am.safexml import Problem, Schema, line_of, parse
from gcf_am.urn import Urn

_MOST_PROBLEMS: Final = 3
_LONGEST_NAMES: Final = 16 * 1024 * 1024
# Each becomes a document of its own, extensions and comments among them.
_MOST_CHILDREN: Final = 10_000
# While a place is sought for them all, nobody else can write.
MOST_RESOURCES: Final = 5000


def read_request(text: str, *, manager: Urn, manifest_allowed: bool = False) -> Topology:
    """Read a request for this aggregate.

    Nodes and links of other managers, and extensions beside them, are carried in the frame.
    `sliver_id`s are read and taken off before the schema judges (decision 18). With
    `manifest_allowed` a manifest is read as the request for what it shows. Whether the ends of
    links exist is not asked here: they may belong to slivers that the slice has already
    (decision 10).

    Raises BadArgs, naming element, line and what would have been right; BadVersion for
    anything but GENI RSpec version 3. Source: AM API v3, Allocate; R143 to R154, R237.
    """
    # 1. XML
    try:
        root = parse(text)
    except XmlRefused as refused:
        raise BadArgs(f"the RSpec is no XML that is read here: {refused}") from None
    if expanded_names(root) > _LONGEST_NAMES:
        raise BadArgs("the RSpec's names are too long, their namespaces included")
    # 2. GENI RSpec version 3, of the right type
    _judge_version(root)
    kind = _judge_type(root, manifest_allowed=manifest_allowed)
    if sum(1 for _ in root.iterchildren(core("node"), core("link"))) > MOST_RESOURCES:
        raise BadArgs(f"the RSpec has more than {MOST_RESOURCES} nodes and links")
    if len(root) > _MOST_CHILDREN:
        raise BadArgs(f"the RSpec has more than {_MOST_CHILDREN} children")
    # 3. the schema, and those of the extensions
    _judge_schema(root, kind)
    _judge_extensions(root)
    # 4. what it means
    strip_space(root)
    return _read(root, manager, from_manifest=kind == "manifest")


def _judge_version(root: etree._Element) -> None:
    name = etree.QName(root)
    if name.localname == "rspec" and name.namespace == RSPEC:
        return
    speaks = f"this aggregate speaks <rspec> of {RSPEC} (GENI 3)"
    if name.namespace == RSPEC_2:
        # a manifest must be of its request's version, and version 2 manifests are not made
        raise BadVersion(
            f"the RSpec is of ProtoGENI version 2; {speaks}: write the same request in that"
            " namespace, whose nodes, links and interfaces are spelled alike"
        )
    found = f"<{name.localname[:60]}> of the namespace {(name.namespace or '(none)')[:120]}"
    raise BadVersion(f"the RSpec is {found}; {speaks}")


def _judge_type(root: etree._Element, *, manifest_allowed: bool) -> str:
    kind = (root.get("type") or "").strip()
    allowed = ("request", "manifest") if manifest_allowed else ("request",)
    if kind in allowed:
        return kind
    found = f"type is {kind[:40]!r}" if kind else "the attribute type is missing"
    raise refusal(root, f"{found}; it must be {' or '.join(allowed)}")


def _judge_schema(root: etree._Element, kind: str) -> None:
    judged = root
    if kind == "request":
        judged = deepcopy(root)
        without_sliver_ids(judged)
    problems = Schema(kind).errors(judged)
    if problems:
        raise BadArgs(f"the RSpec does not follow the schema of a {kind}: {_told(problems)}")


def _judge_extensions(root: etree._Element) -> None:
    problems = extensions.problems(root)
    if problems:
        raise BadArgs(f"the RSpec's extensions do not follow their schemas: {_told(problems)}")


def _told(problems: list[Problem]) -> str:
    shown = "; ".join(str(one) for one in problems[:_MOST_PROBLEMS])
    more = len(problems) - _MOST_PROBLEMS
    rest = f"; and {more} more" if more > 0 else ""
    return f"{shown}{rest}"


def _read(root: etree._Element, manager: Urn, *, from_manifest: bool) -> Topology:
    # comments between the resources are not carried
    children = root.iterchildren("*")
    _refuse_twins(root.findall(core("node")))
    _refuse_twins(root.findall(core("link")))
    _refuse_twins(root.iterfind(f"{core('node')}/{core('interface')}"))
    # R267: a node without a manager is ours
    everybodys = {
        node: _names_us(node, "component_manager_id", manager)
        for node in root.findall(core("node"))
    }
    ours = {node for node, us in everybodys.items() if us is not False}
    our_ends, their_ends = _interfaces(ours), _interfaces(everybodys.keys() - ours)
    nodes: list[Node] = []
    links: list[Link] = []
    foreign: list[Foreign] = []
    for position, child in enumerate(children):
        sliver_id = child.get("sliver_id")
        if child in ours:
            nodes.append(read_node(_wish(child, from_manifest=from_manifest), position, sliver_id))
        elif child.tag == core("link") and _is_our_link(child, manager, our_ends, their_ends):
            links.append(read_link(_wish(child, from_manifest=from_manifest), position, sliver_id))
        else:
            foreign.append(Foreign(position, alone(child)))
    frame = Frame(_namespaces(root), _attributes(root), tuple(foreign))
    return Topology(tuple(nodes), tuple(links), frame, frozenset(their_ends))


def _wish(element: etree._Element, *, from_manifest: bool) -> etree._Element:
    if from_manifest:
        to_request(element)
    else:
        without_sliver_ids(element)
    return element


def _refuse_twins(elements: Iterable[etree._Element]) -> None:
    """Client ids are unique among nodes, among links and among all interfaces (R147)."""
    first: dict[str, etree._Element] = {}
    for element in elements:
        name = client_id_of(element)
        if name in first:
            line = line_of(first[name])
            raise refusal(element, f"line {line} has this client_id already; make it unique")
        first[name] = element


def _names_us(element: etree._Element, attribute: str, manager: Urn) -> bool | None:
    """Whether the attribute names this aggregate; None when it names nobody."""
    text = (element.get(attribute) or "").strip()
    if not text:
        return None
    try:
        return is_ours(Urn.parse(text), manager)
    except ValueError as error:
        raise refusal(element, f"{attribute}: {error}; ours is {manager}") from None


def _interfaces(nodes: Iterable[etree._Element]) -> set[str]:
    return {one.get("client_id", "") for node in nodes for one in node.findall(core("interface"))}


def _is_our_link(
    link: etree._Element, manager: Urn, our_ends: set[str], their_ends: set[str]
) -> bool:
    """A link is ours if it says so; if it does not say, unless all its ends are elsewhere."""
    named = [_names_us(one, "name", manager) for one in link.findall(core("component_manager"))]
    if any(one is not None for one in named):
        return True in named
    ends = {one.get("client_id", "") for one in link.findall(core("interface_ref"))}
    return bool(ends & our_ends) or not ends or not ends <= their_ends


def _namespaces(root: etree._Element) -> tuple[tuple[str, str], ...]:
    return tuple(sorted((prefix or "", uri) for prefix, uri in root.nsmap.items()))


def _attributes(root: etree._Element) -> tuple[tuple[str, str], ...]:
    """Attributes of extensions; `type`, `generated` and `expires` tell of the request itself.

    So does the RSpec schema's location: a manifest's is another.
    """
    pairs = {str(name): str(value) for name, value in root.attrib.items()}
    if SCHEMA_LOCATION in pairs:
        pairs[SCHEMA_LOCATION] = without_schema(pairs[SCHEMA_LOCATION], RSPEC)
    return tuple(sorted((n, value) for n, value in pairs.items() if n.startswith("{") and value))
