"""What a set of wishes comes to, once everything that can never be is refused."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from gcf_am.errors import BadArgs, SearchFailed, Unsupported
from gcf_am.model.cables import is_control
from gcf_am.model.placement.links import check_kind
from gcf_am.model.placement.nodes import Offer, Offers
from gcf_am.model.placement.wish import Wish
from gcf_am.model.site import Host, Site
from gcf_am.model.sliver import Contents, LinkPlacement, NodePlacement
from gcf_am.model.topology import Interface, Link, Node


@dataclass(frozen=True, slots=True)
class End:
    """One end of a wished link.

    On a node of the wishes (`node` is its number among them), or on one that is there (`host`);
    `port` is given when the interface is bound.
    """

    client_id: str
    node: int | None
    host: Host | None
    port: str | None


@dataclass(frozen=True, slots=True)
class NodePlan:
    """A node to be seated; `pinned` when a link that stays as it is ends there.

    `number` is its wish's place among the wishes.
    """

    number: int
    wish: Wish
    node: Node
    offers: tuple[Offer, ...]
    pinned: str | None


@dataclass(frozen=True, slots=True)
class LinkPlan:
    """A link to be laid between its local ends; `number` as for nodes."""

    number: int
    wish: Wish
    link: Link
    ends: tuple[End, ...]

    @property
    def nodes(self) -> tuple[int, ...]:
        """The wished nodes it joins, by number."""
        return tuple(dict.fromkeys(one.node for one in self.ends if one.node is not None))

    @property
    def hosts(self) -> tuple[str, ...]:
        """The component_ids of the hosts whose nodes it joins are there already."""
        there = (one.host.component_id for one in self.ends if one.host is not None)
        return tuple(dict.fromkeys(there))


@dataclass(frozen=True, slots=True)
class Plan:
    """All nodes and links, each in the order of the wishes."""

    nodes: tuple[NodePlan, ...]
    links: tuple[LinkPlan, ...]


def plan_of(
    wishes: Sequence[Wish], site: Site, beside: Sequence[Contents], foreign: Collection[str]
) -> Plan:
    """Check the wishes against each other, the site's kinds and the slice's other slivers.

    1. client_ids are unique per kind over the slice (decision 10).
    2. Every node is of a kind that some host offers: a bound one its own host, where the ports
       that its interfaces are bound to must be.
    3. Every link is of a kind that is offered and ends on interfaces that exist.
    4. No interface carries two links.

    Raises BadArgs, SearchFailed, Unsupported.
    """
    _check_client_ids(wishes, beside)  # 1
    offers = Offers(site)
    untouched = _untouched_ends(beside, site)
    nodes = []
    for number, wish in enumerate(wishes):
        if isinstance(node := wish.resource, Node):
            if node.blockstore is not None:
                raise Unsupported(
                    f"{wish.title} asks for blockstore {node.blockstore!r}; none is offered"
                )
            found = offers.of(wish, node, _binding(wish, node, site))  # 2
            pinned = _pinned(wish, node, found, untouched)
            nodes.append(NodePlan(number, wish, node, found, pinned))
    ends = _ends(nodes, site, beside)
    carried = {end: link for end, (link, _) in untouched.items()}
    links = []
    for number, wish in enumerate(wishes):
        if isinstance(link := wish.resource, Link):
            check_kind(wish, link)  # 3
            _check_ends(wish, link, ends, carried, foreign)  # 3, 4
            mine = tuple(ends[one] for one in link.interfaces if one in ends)
            links.append(LinkPlan(number, wish, link, mine))
    return Plan(tuple(nodes), tuple(links))


def named(
    plan: Plan, homes: Iterable[str | None], olds: Iterable[LinkPlacement | None]
) -> tuple[set[str], set[str]]:
    """The hosts and the ports that something is bound to, or that an old sliver has."""
    hosts = {one for one in homes if one is not None}
    ports = {port for old in olds if old is not None for _, port in old.ends}
    for node in plan.nodes:
        if node.pinned is not None:
            hosts.add(node.pinned)
        if len(node.offers) == 1:
            hosts.add(node.offers[0].host.component_id)
    for link in plan.links:
        hosts.update(link.hosts)
        ports.update(one.port for one in link.ends if one.port is not None)
    return hosts, ports


def _untouched_ends(beside: Sequence[Contents], site: Site) -> dict[str, tuple[str, str | None]]:
    """The ends of the links that are there: the link's client_id, and the host it needs it on.

    That is the host whose port it enters by, or the one that it does not leave; None when it
    joins nothing there.
    """
    found: dict[str, tuple[str, str | None]] = {}
    for contents in beside:
        link, way = contents.resource, contents.placement
        if isinstance(link, Link) and isinstance(way, LinkPlacement):
            ports = {
                end: site.host_of_port[port].component_id
                for end, port in way.ends
                if port in site.host_of_port
            }
            for end in link.interfaces:
                found[end] = (link.client_id, ports.get(end, way.within))
    return found


def _check_client_ids(wishes: Sequence[Wish], beside: Sequence[Contents]) -> None:
    seen: dict[tuple[str, str], str] = {}
    for contents in beside:
        for kind, name in _names(contents.resource):
            seen[kind, name] = "the slice has one here already"
    for wish in wishes:
        for kind, name in _names(wish.resource):
            if (kind, name) in seen:
                raise BadArgs(
                    f"{wish.title}: {kind} client_id {name!r} is not unique; {seen[kind, name]}"
                )
            seen[kind, name] = f"{wish.title} has it too"


def _names(resource: Node | Link) -> Iterable[tuple[str, str]]:
    if isinstance(resource, Link):
        return [("link", resource.client_id)]
    interfaces = [("interface", one.client_id) for one in resource.interfaces]
    return [("node", resource.client_id), *interfaces]


def _binding(wish: Wish, node: Node, site: Site) -> Host | None:
    """The host that the node, or a port one of its interfaces is bound to, leaves as choice."""
    bound = None
    if node.component_id is not None:
        bound = site.host_named(node.component_id)
        if bound is None:
            raise SearchFailed(
                f"{wish.title} is bound to component {node.component_id},"
                " which this aggregate does not have"
            )
    for one in node.interfaces:
        if one.component_id is None:
            continue
        title = f"{wish.title}: interface {one.client_id!r} is bound to {one.component_id}"
        port = site.port_named(one.component_id)
        if port is None:
            raise SearchFailed(f"{title}, which this aggregate does not have")
        host = site.host_of_port[port.component_id]
        if bound is not None and bound is not host:
            raise BadArgs(f"{title}, which is not a port of {bound.component_id}")
        if is_control(port):
            raise Unsupported(f"{title}, which is for control and carries no links")
        bound = host
    return bound


def _pinned(
    wish: Wish,
    node: Node,
    offers: Sequence[Offer],
    untouched: Mapping[str, tuple[str, str | None]],
) -> str | None:
    """The host where a link that stays as it is needs a changed node; raises Unsupported."""
    if wish.keep is None:
        return None
    needed = (untouched.get(one.client_id, ("", None)) for one in node.interfaces)
    link, home = next(((link, host) for link, host in needed if host is not None), ("", None))
    if home is not None and all(offer.host.component_id != home for offer in offers):
        raise Unsupported(
            f"{wish.title} cannot become this on {home}, where link {link!r},"
            " which this Update does not touch, needs it"
        )
    return home


def _ends(nodes: Sequence[NodePlan], site: Site, beside: Sequence[Contents]) -> dict[str, End]:
    """The interfaces that links may end on, by client_id."""
    found: dict[str, End] = {}
    for contents in beside:
        if isinstance(contents.resource, Node) and isinstance(contents.placement, NodePlacement):
            host = site.host.get(contents.placement.component_id)
            for one in contents.resource.interfaces if host is not None else ():
                found[one.client_id] = End(one.client_id, None, host, _port(one, site))
    for number, plan in enumerate(nodes):
        for one in plan.node.interfaces:
            found[one.client_id] = End(one.client_id, number, None, _port(one, site))
    return found


def _port(interface: Interface, site: Site) -> str | None:
    """The component_id of the port it is bound to, by whatever name."""
    if interface.component_id is None:
        return None
    port = site.port_named(interface.component_id)
    return interface.component_id if port is None else port.component_id


def _check_ends(
    wish: Wish,
    link: Link,
    ends: Collection[str],
    carried: dict[str, str],
    foreign: Collection[str],
) -> None:
    for end in link.interfaces:
        if end not in ends and end not in foreign:
            raise BadArgs(f"{wish.title} ends on interface {end!r}, which no node has")
        if end in carried:
            raise BadArgs(
                f"{wish.title} ends on interface {end!r}, which link {carried[end]!r} uses already"
            )
        carried[end] = link.client_id
