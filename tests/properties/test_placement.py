"""Placement on random sites: sound always, and on tiny sites as good as trying everything."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations, product
from typing import Any

from hypothesis import event, given, settings
from hypothesis import strategies as st

from gcf_am.errors import AmError, InsufficientBandwidth, InsufficientNodes, TooBig, Unsupported
from gcf_am.model.features import Feature
from gcf_am.model.placement import Wish
from gcf_am.model.site import Host, Site
from gcf_am.model.sliver import Contents, LinkPlacement, NodePlacement
from gcf_am.model.topology import Link, Node
from tests.unit.model.small import (
    exclusive,
    holds,
    link,
    node,
    ports,
    put,
    shared,
    site_of,
    switch,
    wire,
)

Held = Mapping[tuple[str, str], int]
Resources = tuple[Node | Link, ...]

CAPACITY = st.sampled_from([None, None, 1, 2])
GPU, RAM = "gpu", "ram"


def ram(amount: int) -> Feature:
    return Feature(RAM, amount, violatable=True, adds=True)


FEATURES = st.sampled_from(
    [(), (), (Feature(GPU, 0.5),), (ram(2),), (Feature(GPU, 0.0), ram(1)), (ram(3),)]
)
DESIRES = st.sampled_from(
    [
        *[()] * 12,
        (Feature(GPU, 0.4),),
        (Feature(GPU, 0.4, violatable=True),),
        (ram(1),),
        (ram(2),),
        (Feature(GPU, 1.0), ram(1)),
    ]
)


@st.composite
def sites(draw: st.DrawFn, *, hosts: int, wires: int, switches: int) -> Site:
    """Hosts, switches whose ports know no limit, and wires between ports of different ones.

    Half of the sites also have a wire from the first port of every host to the first switch.
    """
    parts: list[Host] = []
    for number in range(draw(st.integers(2, hosts))):
        name = f"h{number}"
        mine: dict[str, Any] = {
            "ports": ports(name, draw(st.integers(1, 2)), draw(CAPACITY)),
            "features": draw(FEATURES),
            "loopback": draw(CAPACITY),
        }
        if draw(st.booleans()):
            parts.append(exclusive(name, **mine))
        else:
            parts.append(shared(name, slots=draw(st.sampled_from([1, 1, 1, 2, 3])), **mine))
    star = [[f"{host.name}:0", f"sw0:{n}"] for n, host in enumerate(parts)]
    parts += [switch(f"sw{n}", 6) for n in range(draw(st.integers(0, switches)))]
    joined = star if len(parts) > len(star) and draw(st.booleans()) else []
    for _ in range(draw(st.integers(1, wires))):
        ends = draw(st.lists(st.sampled_from(parts), min_size=2, max_size=3, unique=True))
        joined.append([f"{one.name}:{draw(st.integers(0, len(one.ports) - 1))}" for one in ends])
    return site_of(
        *parts, *(wire(f"w{n}", *ends, capacity=draw(CAPACITY)) for n, ends in enumerate(joined))
    )


@st.composite
def requests(draw: st.DrawFn, *, nodes: int, links: int, prefix: str = "") -> Resources:
    """Nodes of several kinds, and links between interfaces that carry nothing yet."""
    made = [
        node(
            f"{prefix}n{number}",
            2,
            exclusive=draw(st.sampled_from([None, None, None, True, False])),
            sliver_type=draw(st.sampled_from([None, None, None, None, "vm", "raw"])),
            desires=draw(DESIRES),
        )
        for number in range(draw(st.integers(min(2, nodes), nodes)))
    ]
    by_node = [[one.client_id for one in some.interfaces] for some in draw(st.permutations(made))]
    free = [end for pair in zip(*by_node, strict=True) for end in pair]
    joins = []
    for number in range(draw(st.integers(1, links))):
        size = draw(st.sampled_from([2, 2, 3]))
        ends, free = free[:size], free[size:]
        if len(ends) >= 2:
            capacity = draw(st.integers(0, 2))
            joins.append(link(f"{prefix}l{number}", *ends, capacity=capacity))
    return (*made, *joins)


@st.composite
def loads(draw: st.DrawFn, site: Site) -> dict[tuple[str, str], int]:
    """Holds of others: no more than there is."""
    held: dict[tuple[str, str], int] = {}
    for host in site.hosts:
        if not host.switch and draw(st.integers(0, 3)) == 0:
            most = host.slots
            taken = most if host.exclusive else draw(st.integers(0, most))
            held[host.component_id, "slots"] = taken
            for port in host.ports if host.exclusive else ():
                held[port.component_id, "port"] = draw(st.integers(0, 1))
            for some in host.features:
                if some.adds:
                    taken = draw(st.sampled_from([0, some.amount // 2]))
                    held[host.component_id, f"feature:{some.name}"] = taken
    for one in site.wires:
        if one.capacity is not None:
            held[one.component_id, "bandwidth"] = draw(st.sampled_from([0, 0, one.capacity]))
    return held


def capacities(site: Site) -> dict[tuple[str, str], int]:
    limits = {(host.component_id, "slots"): host.slots for host in site.hosts}
    for host in site.hosts:
        if host.loopback is not None:
            limits[host.component_id, "bandwidth"] = host.loopback
        for one in host.features:
            if one.adds:
                limits[host.component_id, f"feature:{one.name}"] = one.amount
        for port in host.ports:
            if host.exclusive:
                limits[port.component_id, "port"] = 1
            if port.capacity is not None:
                limits[port.component_id, "bandwidth"] = port.capacity
    for way in site.wires:
        if way.capacity is not None:
            limits[way.component_id, "bandwidth"] = way.capacity
    return limits


def assert_within(site: Site, total: Held) -> None:
    limits = capacities(site)
    for key, amount in total.items():
        limit = 1 if key[1] == "vlan" else limits.get(key)
        assert limit is None or amount <= limit, key


def assert_true(site: Site, placed: Sequence[Contents]) -> None:
    """Each node suits its host, each link's ends are joined by its wires, holds say so."""
    home: dict[str, Host] = {}
    for one in placed:
        if isinstance(one.placement, NodePlacement):
            assert isinstance(one.resource, Node)
            host = site.host[one.placement.component_id]
            assert not host.switch
            assert one.resource.exclusive is not True or host.exclusive
            assert one.placement.exclusive == host.exclusive
            assert one.placement.sliver_type in {kind.name for kind in host.sliver_types}
            assert one.resource.sliver_type in {None, one.placement.sliver_type}
            assert_desires(one.resource, one, host)
            home |= {end.client_id: host for end in one.resource.interfaces}
    for one in placed:
        if isinstance(one.placement, LinkPlacement):
            assert isinstance(one.resource, Link)
            assert_joined(site, one.resource, one, one.placement, home)


def assert_desires(wanted: Node, one: Contents, host: Host) -> None:
    """What is hard is there, and an amount of it is held."""
    has = {feature.name for feature in host.features}
    held = holds([one])
    for desire in wanted.desires:
        assert desire.name in has or not desire.hard
        if desire.adds:
            assert held[host.component_id, f"feature:{desire.name}"] == desire.amount


def assert_joined(
    site: Site, wanted: Link, one: Contents, way: LinkPlacement, home: Mapping[str, Host]
) -> None:
    held = holds([one])
    assert held[f"vlan:{way.vlan}", "vlan"] == 1
    if len({home[end].component_id for end in wanted.interfaces}) == 1:
        (host,) = {home[end].component_id: home[end] for end in wanted.interfaces}.values()
        assert not way.ends
        assert not way.wires
        assert way.within == host.component_id
        inside = 0 if host.loopback is None else wanted.capacity
        assert held.get((host.component_id, "bandwidth"), 0) == inside
        return
    assert way.within is None
    assert [end for end, _ in way.ends] == list(wanted.interfaces)
    for end, port in way.ends:
        assert site.host_of_port[port] is home[end]
        assert held.get((port, "port"), 0) == home[end].exclusive
    assert joins(site, {port for _, port in way.ends}, way.wires)
    for component in (*way.wires, *(port for _, port in way.ends)):
        assert held.get((component, "bandwidth"), 0) == wanted.capacity


def joins(site: Site, terminals: set[str], wires: Sequence[str]) -> bool:
    """Whether the wires, and the switches between them, are one piece that reaches all ports."""
    groups = [set(site.wire[name].ports) for name in wires]
    groups = [
        {site.host_of_port[port].name if site.host_of_port[port].switch else port for port in group}
        for group in groups
    ]
    switches = {host.name for host in site.hosts if host.switch}
    if not groups:
        return len(terminals) == 1
    piece = groups.pop()
    # pieces meet at switches only: a host does not forward
    while touching := [group for group in groups if group & piece & switches]:
        for group in touching:
            groups.remove(group)
            piece |= group
    return not groups and terminals <= piece


@settings(derandomize=True, deadline=None, max_examples=150)
@given(st.data())
def test_requests_one_after_the_other_never_take_more_than_there_is(data: st.DataObject) -> None:
    site = data.draw(sites(hosts=6, wires=8, switches=2))
    total: Counter[tuple[str, str]] = Counter(data.draw(loads(site)))
    for number in range(4):
        wishes = data.draw(requests(nodes=4, links=3, prefix=f"r{number}"))
        try:
            placed = put(site, *wishes, held=total)
        except AmError as refusal:
            event(type(refusal).__name__)
            continue
        assert [one.resource for one in placed] == list(wishes)
        assert put(site, *wishes, held=dict(total)) == placed, "the same again"
        assert_true(site, placed)
        total.update(holds(placed))
        assert_within(site, total)


@settings(derandomize=True, deadline=None, max_examples=150)
@given(st.data())
def test_an_update_holds_the_larger_of_old_and_new(data: st.DataObject) -> None:
    site = data.draw(sites(hosts=5, wires=6, switches=1))
    others = data.draw(loads(site))
    try:
        old = put(site, *data.draw(requests(nodes=3, links=2)), held=others)
        wishes = data.draw(requests(nodes=3, links=2))
        before = {(type(one.resource), one.resource.client_id): one for one in old}
        changed = [Wish(one, before.pop((type(one), one.client_id), None)) for one in wishes]
        going = holds(list(before.values()))
        new = put(site, *changed, held=Counter(others) + Counter(going))
    except AmError as refusal:
        event(type(refusal).__name__)
        return
    assert_true(site, new)
    total = Counter(others) + Counter(going)
    for wish, after in zip(changed, new, strict=True):
        total.update(Counter(holds([after])) | Counter(wish.owned))
    assert_within(site, total)


@settings(derandomize=True, deadline=None, max_examples=100)
@given(st.data())
def test_what_is_not_changed_stays_where_it_is(data: st.DataObject) -> None:
    site = data.draw(sites(hosts=5, wires=6, switches=1))
    others = data.draw(loads(site))
    wishes = data.draw(requests(nodes=3, links=2))
    try:
        old = put(site, *wishes, held=others)
    except AmError:
        return
    again = [Wish(one, kept) for one, kept in zip(wishes, old, strict=True)]
    assert put(site, *again, held=others) == old


@settings(derandomize=True, deadline=None, max_examples=400)
@given(st.data())
def test_tiny_sites_against_trying_everything(data: st.DataObject) -> None:
    site = data.draw(sites(hosts=3, wires=2, switches=1))
    held = data.draw(loads(site))
    wishes = data.draw(requests(nodes=3, links=2))
    now = Everything(site, held).fits(wishes)
    event(f"fits: {now}")
    try:
        placed = put(site, *wishes, held=held)
    except TooBig:
        assert not Everything(site, {}).fits(wishes)
    except (InsufficientNodes, InsufficientBandwidth):
        assert not now
        assert Everything(site, {}).fits(wishes)
    except Unsupported:
        assert not Everything(site, {}).fits(wishes)
    else:
        assert now
        over = [isinstance(one.placement, LinkPlacement) and one.placement.wires for one in placed]
        event(f"links over wires: {sum(map(bool, over))}")


@settings(derandomize=True, deadline=None, max_examples=150)
@given(st.data())
def test_a_node_alone_goes_where_its_desires_cost_least(data: st.DataObject) -> None:
    site = data.draw(sites(hosts=6, wires=1, switches=0))
    held = data.draw(loads(site))
    wanted = next(one for one in data.draw(requests(nodes=1, links=1)) if isinstance(one, Node))
    try:
        (placed,) = put(site, wanted, held=held)
    except AmError:
        return
    assert isinstance(placed.placement, NodePlacement)
    chosen = site.host[placed.placement.component_id]
    for host in site.hosts:
        alone = site_of(host)
        try:
            put(alone, wanted, held=held)
        except AmError:
            continue
        # shared hosts first, then the cheaper
        assert (chosen.exclusive, cost(chosen, wanted)) <= (host.exclusive, cost(host, wanted))


def cost(host: Host, wanted: Node) -> float:
    """Weights of what is desired and not there, and of what is there and not desired."""
    has = {one.name for one in host.features}
    desired = {one.name for one in wanted.desires}
    lacking = sum(one.weight for one in wanted.desires if one.name not in has)
    return lacking + sum(
        one.weight for one in host.features if one.name not in desired and not one.adds
    )


@dataclass
class Everything:
    """Tries every host for every node, every port for every end, every set of wires for a link."""

    site: Site
    held: Held

    def fits(self, wishes: Resources) -> bool:
        nodes = [one for one in wishes if isinstance(one, Node)]
        links = [one for one in wishes if isinstance(one, Link)]
        limits = capacities(self.site)
        hosts = [host for host in self.site.hosts if not host.switch]
        for choice in product(hosts, repeat=len(nodes)):
            left = Counter({key: limit - self.held.get(key, 0) for key, limit in limits.items()})
            if not all(map(self._suits, choice, nodes)):
                continue
            for host, one in zip(choice, nodes, strict=True):
                left[host.component_id, "slots"] -= host.slots if host.exclusive else 1
                for desire in one.desires:
                    if desire.adds:
                        left[host.component_id, f"feature:{desire.name}"] -= desire.amount
            if any(
                amount < 0 for key, amount in left.items() if key[1] not in {"port", "bandwidth"}
            ):
                continue
            home = {
                end.client_id: host
                for host, one in zip(choice, nodes, strict=True)
                for end in one.interfaces
            }
            if self._laid(links, home, left):
                return True
        return False

    def _suits(self, host: Host, one: Node) -> bool:
        kinds = {kind.name for kind in host.sliver_types}
        has = {feature.name for feature in host.features}
        if any(desire.hard and desire.name not in has for desire in one.desires):
            return False
        return (one.sliver_type is None or one.sliver_type in kinds) and (
            one.exclusive is not True or host.exclusive
        )

    def _laid(
        self, links: list[Link], home: Mapping[str, Host], left: Counter[tuple[str, str]]
    ) -> bool:
        if not links:
            return True
        return any(self._laid(links[1:], home, after) for after in self._ways(links[0], home, left))

    def _ways(
        self, one: Link, home: Mapping[str, Host], left: Counter[tuple[str, str]]
    ) -> Iterator[Counter[tuple[str, str]]]:
        hosts = {home[end].component_id: home[end] for end in one.interfaces}
        if len(hosts) == 1:
            after = left.copy()
            (inside,) = hosts
            if (inside, "bandwidth") in left:
                after[inside, "bandwidth"] -= one.capacity
            if not one.capacity or after[inside, "bandwidth"] >= 0:
                yield after
            return
        # one port for each end on an exclusive host, one for all ends on a shared host
        places = [
            host
            for host in hosts.values()
            for _ in range(
                sum(home[end] is host for end in one.interfaces) if host.exclusive else 1
            )
        ]
        every = [one.component_id for one in self.site.wires]
        subsets = [some for size in range(len(every) + 1) for some in combinations(every, size)]
        for chosen in product(*(host.ports for host in places)):
            terminals = [port.component_id for port in chosen]
            if len(set(terminals)) < len(terminals):
                continue
            for wires in subsets:
                if not joins(self.site, set(terminals), wires):
                    continue
                after = left.copy()
                for port, host in zip(terminals, places, strict=True):
                    if host.exclusive:
                        after[port, "port"] -= 1
                for component in (*terminals, *wires):
                    if (component, "bandwidth") in left:
                        after[component, "bandwidth"] -= one.capacity
                if all(
                    amount >= 0 for key, amount in after.items() if key[1] == "port" or one.capacity
                ):
                    yield after
