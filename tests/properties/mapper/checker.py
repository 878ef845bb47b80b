"""An independent checker: reads request, site and answer, and knows nothing of how it was found.

It counts for itself what nodes and links use, and says what is violated, one line each.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from gcf_am.model.site import Host, Site
from gcf_am.model.sliver import Contents, LinkPlacement, NodePlacement
from gcf_am.model.topology import Link, Node

Held = Mapping[tuple[str, str], int]


def violations(
    site: Site, request: Sequence[Node | Link], answer: Sequence[Contents], held: Held
) -> list[str]:
    """What of an answer is wrong; for sites whose wires have two ends each."""
    found = [*_everything_once(request, answer)]
    home: dict[str, Host] = {}
    bound: dict[str, str | None] = {}
    used: Counter[tuple[str, str]] = Counter()
    for one in answer:
        if isinstance(one.resource, Node) and isinstance(one.placement, NodePlacement):
            host = site.host[one.placement.component_id]
            found += [f"{one.resource.client_id}: {what}" for what in _node(one, host)]
            used[host.component_id, "slots"] += host.slots if host.exclusive else 1
            for desire in one.resource.desires:
                if desire.adds and desire.hard:
                    used[host.component_id, f"feature:{desire.name}"] += desire.amount
            for interface in one.resource.interfaces:
                home[interface.client_id] = host
                bound[interface.client_id] = interface.component_id
    tags: Counter[int | None] = Counter()
    for one in answer:
        if isinstance(one.resource, Link) and isinstance(one.placement, LinkPlacement):
            link, way = one.resource, one.placement
            tags[way.vlan] += 1
            mine: Counter[tuple[str, str]] = Counter()
            found += [f"{link.client_id}: {what}" for what in _link(site, link, way, home, mine)]
            for end, port in way.ends:
                if bound[end] not in {None, port}:
                    found.append(f"{link.client_id}: {end} is bound to {bound[end]}, not {port}")
            told = {(one.component, one.dimension): one.amount for one in one.holds}
            told.pop((f"vlan:{way.vlan}", "vlan"), None)
            if told != {key: amount for key, amount in mine.items() if amount}:
                found.append(f"{link.client_id}: uses {mine}, holds {told}")
            used += mine
    found += [f"VLAN tag {tag} is given {many} times" for tag, many in tags.items() if many > 1]
    limits = _limits(site)
    for key, amount in used.items():
        if key in limits and amount + held.get(key, 0) > limits[key]:
            found.append(f"{key}: {amount} and {held.get(key, 0)} of others, of {limits[key]}")
    return found


def _everything_once(request: Sequence[Node | Link], answer: Sequence[Contents]) -> Iterator[str]:
    if [one.resource for one in answer] != [*request]:
        yield "the answer is not to the request, in its order"


def _node(one: Contents, host: Host) -> Iterator[str]:
    node, way = one.resource, one.placement
    assert isinstance(node, Node)
    assert isinstance(way, NodePlacement)
    if host.switch or not host.available:
        yield f"{host.name} takes no nodes"
    if node.exclusive and not host.exclusive:
        yield f"{host.name} is shared"
    if node.component_id not in {None, host.component_id}:
        yield f"is bound to {node.component_id}, not {host.component_id}"
    if node.hardware_types and not {*node.hardware_types} & {*host.hardware_types}:
        yield f"{host.name} is none of {node.hardware_types}"
    if way.sliver_type not in {kind.name for kind in host.sliver_types}:
        yield f"{host.name} has no {way.sliver_type}"
    if node.sliver_type not in {None, way.sliver_type}:
        yield f"is a {way.sliver_type}, not a {node.sliver_type}"
    has = {feature.name for feature in host.features}
    for desire in node.desires:
        if desire.hard and desire.name not in has:
            yield f"{host.name} has no {desire.name}"


def _link(
    site: Site,
    link: Link,
    way: LinkPlacement,
    home: Mapping[str, Host],
    used: Counter[tuple[str, str]],
) -> Iterator[str]:
    """What is wrong with a link; counts what it uses."""
    hosts = {home[end].component_id for end in link.interfaces}
    if len(link.interfaces) == 1:
        if way.ends or way.wires or way.within:
            yield "joins nothing and takes something"
        return
    if len(hosts) == 1:
        (host,) = hosts
        if way.ends or way.wires or way.within != host:
            yield f"stays within {host} and leaves it"
        if site.host[host].loopback is not None:
            used[host, "bandwidth"] += link.capacity
        return
    if [end for end, _ in way.ends] != [*link.interfaces]:
        yield "an end has no port"
    ports = {port for _, port in way.ends}
    for end, port in way.ends:
        host_of_port = site.host_of_port[port]
        if host_of_port is not home[end]:
            yield f"{end} is on {home[end].name} and uses {port}"
        if host_of_port.exclusive:
            used[port, "port"] += 1
    wires = [site.wire[name] for name in way.wires]
    for component in {*ports, *way.wires, *(end for wire in wires for end in wire.ports)}:
        used[component, "bandwidth"] += link.capacity
    # a piece is what wires join through switches; hosts do not forward
    pieces = [{_joint(site, port) for port in wire.ports} for wire in wires]
    whole = pieces.pop() if pieces else set()
    while meeting := [one for one in pieces if one & whole]:
        pieces = [one for one in pieces if not one & whole]
        whole = whole.union(*meeting)
    if pieces or not ports <= whole:
        yield f"its wires do not join {sorted(ports - whole)}"


def _joint(site: Site, port: str) -> str:
    host = site.host_of_port[port]
    return host.component_id if host.switch else port


def _limits(site: Site) -> dict[tuple[str, str], int]:
    limits: dict[tuple[str, str], int] = {}
    for host in site.hosts:
        name = host.component_id
        limits[name, "slots"] = host.slots
        if host.loopback is not None:
            limits[name, "bandwidth"] = host.loopback
        for one in host.features:
            if one.adds:
                limits[name, f"feature:{one.name}"] = one.amount
        for port in host.ports:
            limits[port.component_id, "port"] = 1
            if port.capacity is not None:
                limits[port.component_id, "bandwidth"] = port.capacity
    for wire in site.wires:
        if wire.capacity is not None:
            limits[wire.component_id, "bandwidth"] = wire.capacity
    return limits
