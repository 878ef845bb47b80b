"""Whether wishes fit on what is left: every choice is tried."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from tests.properties.verbs.wishes import (
    HOST_OF_PORT,
    HOSTS,
    SITE,
    WIRE_AT,
    Contents,
    Holds,
    Host,
    Link,
    Node,
    Wish,
)


@dataclass(frozen=True)
class Wanted:
    """A wish; `owned` is what its sliver goes on holding, and may use again (decision 3).

    `hosts` are those a node may go to.
    """

    wish: Wish
    owned: Holds = field(default_factory=dict)
    hosts: Collection[str] = tuple(HOSTS)


def hosts_for(node: Node) -> tuple[str, ...]:
    """The hosts that could have this node, were they empty."""
    bound = {HOST_OF_PORT[port].name for _, port in node.ports}
    if node.host is not None:
        bound.add(node.host)
    return tuple(
        name
        for name, host in HOSTS.items()
        if bound <= {name} and (host.exclusive or not node.exclusive)
    )


def fits(wanted: Sequence[Wanted], taken: Holds, beside: Iterable[Contents]) -> bool:
    """Whether all can be had together.

    `taken` are the holds of everybody else; links may also end on the nodes `beside`.
    """
    room = _Room(wanted, taken, beside)
    nodes = [one for one in wanted if isinstance(one.wish, Node)]
    links = [one for one in wanted if isinstance(one.wish, Link)]
    return any(True for _ in room.seat(nodes, links))


class _Room:
    def __init__(
        self,
        wanted: Sequence[Wanted],
        taken: Holds,
        beside: Iterable[Contents],
    ) -> None:
        self.taken = Counter(taken)
        self.host_of: dict[str, Host] = {}
        self.bound: dict[str, str] = {}
        for one in wanted:
            self.taken.update(one.owned)
            if isinstance(one.wish, Node):
                self.bound.update(one.wish.ports)
        for there in beside:
            if isinstance(there.wish, Node):
                self.bound.update(there.wish.ports)
                self.host_of.update(dict.fromkeys(there.wish.interfaces, HOSTS[there.host]))

    def take(self, one: Wanted, holds: Holds) -> Iterator[None]:
        """Take what exceeds what the sliver has already; undone afterwards."""
        more = {key: max(0, amount - one.owned.get(key, 0)) for key, amount in holds.items()}
        if all(self.taken[key] + extra <= SITE[key] for key, extra in more.items() if extra):
            self.taken.update(more)
            yield
            self.taken.subtract(more)

    def seat(self, nodes: Sequence[Wanted], links: Sequence[Wanted]) -> Iterator[None]:
        if not nodes:
            yield from self.lay(links)
            return
        first, *rest = nodes
        assert isinstance(first.wish, Node)
        for name in first.hosts:
            self.host_of.update(dict.fromkeys(first.wish.interfaces, HOSTS[name]))
            for _ in self.take(first, {(name, "slots"): 1}):
                yield from self.seat(rest, links)

    def lay(self, links: Sequence[Wanted]) -> Iterator[None]:
        if not links:
            yield
            return
        first, *rest = links
        assert isinstance(first.wish, Link)
        if len({self.host_of[end].name for end in first.wish.ends}) < 2:
            yield from self.lay(rest)  # within one host it needs no port
            return
        for ports in self.ways(first.wish.ends):
            holds = {(port, "bandwidth"): first.wish.capacity for port in ports}
            holds |= {(WIRE_AT[port], "bandwidth"): first.wish.capacity for port in ports}
            plugs = {(port, "port"): 1 for port in ports if HOST_OF_PORT[port].exclusive}
            for _ in self.take(first, holds | plugs):
                yield from self.lay(rest)

    def ways(self, ends: Sequence[str]) -> Iterator[tuple[str, ...]]:
        """Ports for the ends: ends on a shared host may share one, on an exclusive one not."""
        if not ends:
            yield ()
            return
        host = self.host_of[ends[0]]
        bound = self.bound.get(ends[0])
        for others in self.ways(ends[1:]):
            for port in host.ports:
                if bound in {None, port} and not (host.exclusive and port in others):
                    yield (port, *others)
