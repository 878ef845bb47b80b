"""Small random sites and requests, of which about half just fit."""

import random
from dataclasses import dataclass, replace

from gcf_am.model.features import Feature
from gcf_am.model.site import Host, Site, Wire
from gcf_am.model.topology import Interface, Link, Node
from tests.unit.model.small import (
    RAW,
    VM,
    exclusive,
    link,
    node,
    ports,
    shared,
    site_of,
    switch,
    wire,
)


@dataclass(frozen=True)
class Instance:
    """A site, what others hold of it, and a request."""

    site: Site
    held: dict[tuple[str, str], int]
    request: tuple[Node | Link, ...]


def instance(seed: int) -> Instance:
    """The instance of a number; always the same."""
    chance = random.Random(seed)
    site = make_site(chance)
    return Instance(site, make_load(chance, site), make_request(chance, site))


def make_site(chance: random.Random) -> Site:
    """Switches in a chain, with some more trunks, and hosts at one or two of them each."""
    number = chance.randint(1, 4)
    doors = [0] * number
    wires: list[Wire] = []

    def door(at: int) -> str:
        doors[at] += 1
        return f"sw{at}:{doors[at] - 1}"

    pairs = [(n, n + 1) for n in range(number - 1) if chance.random() < 0.9]
    pairs += [(a, b) for a in range(number) for b in range(a) if chance.random() < 0.4]
    for one, other in pairs:
        ends = door(one), door(other)
        wires.append(wire(f"t{len(wires)}", *ends, capacity=chance.choice([1, 1, 2, 3])))
    hosts: list[Host] = []
    kinds = chance.choice([(True,), (False,), (True, False), (True, False)])
    for n in range(chance.randint(2, 9)):
        count = chance.choice([1, 2, 2, 3])
        hosts.append(make_host(chance, f"h{n}", count, alone=chance.choice(kinds)))
        at = chance.randrange(number)
        for port in range(count):
            there = at if chance.random() < 0.85 else chance.randrange(number)
            capacity = chance.choice([None, 2, 2, 3])
            wires.append(wire(f"w{n}.{port}", f"h{n}:{port}", door(there), capacity=capacity))
    switches = (switch(f"sw{n}", doors[n], chance.choice([None, None, 2])) for n in range(number))
    return site_of(*hosts, *switches, *wires)


def make_host(chance: random.Random, name: str, count: int, *, alone: bool) -> Host:
    """An exclusive or a shared host."""
    features = chance.choice(
        [(), (), (), (Feature("gpu", 0.0),), (Feature("ram", 3.0, violatable=True, adds=True),)]
    )
    hardware = chance.choice([("pc",), ("pc",), ("pc", "big"), ("big",)])
    mine = ports(name, count, chance.choice([None, 2, 3]))
    if alone:
        return exclusive(
            name, sliver_types=(RAW,), ports=mine, features=features, hardware_types=hardware
        )
    return shared(
        name, chance.randint(1, 3), sliver_types=(VM,), ports=mine, features=features,
        hardware_types=hardware, loopback=chance.choice([None, None, 1, 2]),
    )  # fmt: skip


def make_load(chance: random.Random, site: Site) -> dict[tuple[str, str], int]:
    """What others hold: some hosts, some trunks."""
    held: dict[tuple[str, str], int] = {}
    if chance.random() < 0.5:
        return held
    for host in site.hosts:
        if host.sliver_types and chance.random() < 0.15:
            held[host.component_id, "slots"] = host.slots if host.exclusive else 1
        for feature in host.features:
            if feature.adds and chance.random() < 0.5:
                held[host.component_id, f"feature:{feature.name}"] = 1000
    for one in site.wires:
        if one.capacity and chance.random() < 0.1:
            held[one.component_id, "bandwidth"] = 1
    return held


def make_request(chance: random.Random, site: Site) -> tuple[Node | Link, ...]:
    """Nodes of several kinds; links and LANs between them."""
    hosts = [one for one in site.hosts if one.sliver_types]
    room = sum(1 if one.exclusive else one.slots for one in hosts)
    many = max(2, min(chance.randint(3, 8), room))
    degree = [0] * many
    joined: list[list[int]] = []
    for _ in range(chance.randint(1, many + 2)):
        free = [n for n in range(many) if degree[n] < 3]
        size = chance.choice([2, 2, 2, 2, 3])
        if len(free) >= size:
            joined.append(chance.sample(free, size))
            for n in joined[-1]:
                degree[n] += 1
    nodes = []
    for n in range(many):
        # what one of the hosts at least offers
        like = chance.choice(hosts)
        nodes.append(
            node(
                f"n{n}",
                interfaces=tuple(Interface(f"n{n}:{e}") for e in range(3)),
                exclusive=chance.choice([None, None, like.exclusive or None]),
                hardware_types=chance.choice([(), (), (), like.hardware_types[:1]]),
                desires=tuple(
                    replace(one, weight=1.0) for one in like.features if chance.random() < 0.3
                ),
                component_id=like.component_id if chance.random() < 0.05 else None,
            )
        )
    ends = [0] * many
    links = []
    for number, members in enumerate(joined):
        names = []
        for n in members:
            names.append(f"n{n}:{ends[n]}")
            ends[n] += 1
        links.append(link(f"l{number}", *names, capacity=chance.choice([0, 1, 1, 1, 2])))
    return (*nodes, *links)
