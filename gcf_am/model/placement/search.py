"""Finds seats for the nodes and ways for the links, trying again where a choice was wrong."""

import math
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Final

from gcf_am.errors import AmError, InsufficientBandwidth, InsufficientNodes
from gcf_am.model.placement.adjacency import neighbours, ports_needed
from gcf_am.model.placement.ledger import Key, Ledger
from gcf_am.model.placement.links import Run
from gcf_am.model.placement.nodes import Offer
from gcf_am.model.placement.order import Attach, Decision, Seat, in_order
from gcf_am.model.placement.plan import End, LinkPlan, NodePlan, Plan, named
from gcf_am.model.placement.pools import Pools
from gcf_am.model.placement.seats import Overfull, Seats
from gcf_am.model.placement.wires import Cabling
from gcf_am.model.site import Host, Site
from gcf_am.model.sliver import LinkPlacement, NodePlacement

# Bounds the time of a request that cannot be had: each try is some ten microseconds.
_TRIES: Final = 5000


@dataclass(frozen=True, slots=True)
class Shortage:
    """Why the wishes do not fit; `proven` when no other choice could have helped."""

    kind: type[AmError]
    message: str
    proven: bool


@dataclass(frozen=True, slots=True)
class Fit:
    """A choice for every node, and every link laid."""

    offers: tuple[Offer, ...]
    runs: tuple[Run, ...]


class Search:
    """One attempt to place a plan on what is left.

    `afresh` asks about the empty site with every host in service, and forgets what the slivers
    hold and where they are: whether the wishes could ever fit.
    """

    def __init__(
        self, plan: Plan, site: Site, held: Mapping[Key, int], *, afresh: bool = False
    ) -> None:
        self._plan = plan
        self._afresh = afresh
        self._site = site
        wishes = [one.wish for one in plan.nodes] + [one.wish for one in plan.links]
        owned = [{} if afresh else one.owned for one in wishes]
        self._ledger = Ledger(site, held, owned)
        self._homes = [None if afresh else _home(one) for one in plan.nodes]
        olds = [None if afresh else _old(one) for one in plan.links]
        hosts, ports = named(plan, self._homes, olds)
        self._cabling = Cabling(site.cables, ports)
        seats = self._room()
        self._pools = Pools(site, self._ledger, hosts, seats)
        self._offers = _by_host(plan)
        self._choices = self._hosts()
        self._seats = self._seating(owned)
        # where each node is, of those that are decided
        self._at: dict[int, str] = {}
        self._owned = owned
        # how many nodes have got each feature whose cost depends on that
        self._used: Counter[str] = Counter()
        self._runs = tuple(
            Run(one.link, len(one.ends), holds, old)
            for one, holds, old in zip(plan.links, owned[len(plan.nodes) :], olds, strict=True)
        )
        self._neighbours = neighbours(plan)

    def run(self) -> Fit | Shortage:
        """Decide one thing after the other, going back where nothing is left to choose."""
        for plan, choices in zip(self._plan.nodes, self._choices, strict=True):
            if not choices:
                message = f"{plan.wish.title} has more links than any host for it has ports"
                return Shortage(InsufficientNodes, message, proven=True)
        thin = self._too_thin()
        if thin is not None:
            return thin
        full = self._seats.seat_all()
        if full is not None:
            return self._no_seat(full)
        decisions = in_order(self._plan)
        ways: list[Iterator[None]] = []
        tries, deepest = 0, -1
        while len(ways) < len(decisions):
            ways.append(self._ways(decisions[len(ways)]))
            while not _advances(ways[-1]):
                ways.pop()
                failed = decisions[len(ways)]
                if len(ways) > deepest:
                    deepest, why = len(ways), self._why(failed)
                if not ways or tries >= _TRIES:
                    return replace(why, proven=not ways and self._cabling.complete)
            tries += 1
        seats = range(len(self._plan.nodes))
        return Fit(tuple(self._offers[who][self._at[who]] for who in seats), self._runs)

    def _too_thin(self) -> Shortage | None:
        """A link that wants more than any port carries which a node of it can have.

        A node that gets a host of its own has no other node beside it, so its links leave the
        host. Trying all hosts would end with the same, on a large site after too many tries.
        """
        most: dict[int, float] = {}
        for one in self._plan.links:
            if len(one.nodes) + len(one.hosts) < 2:
                continue
            for node in one.nodes:
                key = id(self._choices[node])
                if key not in most:
                    most[key] = self._widest(node)
                if one.link.capacity > most[key]:
                    message = (
                        f"{one.wish.title} wants {one.link.capacity} kbit/s;"
                        f" the ports that {self._plan.nodes[node].wish.title} can have"
                        f" carry {most[key]:.0f}"
                    )
                    return Shortage(InsufficientBandwidth, message, proven=True)
        return None

    def _widest(self, node: int) -> float:
        """The most that a port of a host for the node carries; infinite on shared hosts."""
        found = 0.0
        for pool in self._choices[node]:
            host = self._site.host[self._pools.hosts[pool][0]]
            if not host.exclusive:
                return math.inf
            for port in self._site.cables.usable(host):
                found = max(found, math.inf if port.capacity is None else port.capacity)
        return found

    def _room(self) -> dict[str, int]:
        """How many more nodes each host can take."""
        room = {}
        for host in self._site.hosts:
            taken = self._ledger.taken((host.component_id, "slots"))
            left = int(taken == 0) if host.exclusive else host.slots - taken
            room[host.component_id] = max(0, left) if host.available or self._afresh else 0
        return room

    def _seating(self, owned: list[dict[Key, int]]) -> Seats:
        own = []
        for home, holds in zip(self._homes, owned, strict=False):
            key = (home or "", "slots")
            mine = holds.get(key, 0)
            # on an exclusive host the seat is the sliver's only if nobody else holds a part
            alone = home in self._site.host and (
                not self._site.host[home].exclusive or self._ledger.taken(key) == mine
            )
            own.append(self._pools.of.get(home or "") if mine and alone else None)
        return Seats(self._choices, self._pools.room(), own)

    def _hosts(self) -> list[tuple[int, ...]]:
        """The pools every node may sit in; nodes of one kind share one tuple, see Seats."""
        shared: dict[tuple[int, int], tuple[int, ...]] = {}
        found = []
        cables, pools = self._site.cables, self._pools
        for one, ports in zip(self._plan.nodes, ports_needed(self._plan), strict=True):
            kind = (id(one.offers), ports)
            if kind not in shared:
                shared[kind] = tuple(
                    dict.fromkeys(
                        pools.of[offer.host.component_id]
                        for offer in one.offers
                        if not offer.host.exclusive or len(cables.usable(offer.host)) >= ports
                    )
                )
            pinned = one.pinned if not self._afresh else None
            found.append((pools.of[pinned],) if pinned is not None else shared[kind])
        return found

    def _ways(self, decision: Decision) -> Iterator[None]:
        if isinstance(decision, Seat):
            return self._seat(decision.node)
        return self._attach(self._runs[decision.link], decision.end)

    def _attach(self, run: Run, end: End) -> Iterator[None]:
        host = self._host(end)
        return run.attach(end.client_id, host, end.port, self._cabling, self._ledger)

    def _seat(self, who: int) -> Iterator[None]:
        owned = self._owned[who]
        for host in self._preferred(who):
            match = self._offers[who][host].match
            if any(
                self._ledger.left(one.key, one.limit, owned) < one.amount for one in match.shares
            ):
                continue
            pool = self._pools.of[host]
            own = self._seats.owns(who, pool)
            if (own or self._pools.left(host) > 0) and self._seats.decide(who, pool):
                mark = self._ledger.mark()
                for one in match.shares:
                    self._ledger.take(one.key, one.amount, owned)
                counted = [one.name for one in match.counted]
                self._used.update(counted)
                self._at[who] = host
                if not own:
                    self._pools.take(host)
                yield
                if not own:
                    self._pools.give(host)
                del self._at[who]
                self._used.subtract(counted)
                self._ledger.back(mark)
                self._seats.undecide(who)

    def _preferred(self, who: int) -> Iterator[str]:
        """Where it is; where its desires cost least; near its neighbours; where most is free.

        With a neighbour on a shared host a link needs no wire, at the same switch no trunk.
        """
        home = self._homes[who]
        if home is not None and self._pools.of.get(home) in self._choices[who]:
            yield home
        nodes, there = self._neighbours[who]
        near = Counter([*there, *(self._at[one] for one in nodes if one in self._at)])
        cables, offers = self._site.cables, self._offers[who]
        switches = [(cables.switches(self._site.host[one]), many) for one, many in near.items()]

        def cost(host: str) -> tuple[bool, float, int, int, int]:
            offer = offers[host]
            exclusive = offer.host.exclusive
            mine = cables.switches(offer.host)
            return (
                exclusive,
                offer.match.cost_now(self._used),
                0 if exclusive else -near[host],
                -sum(many for theirs, many in switches if mine & theirs),
                0 if exclusive else -self._pools.left(host),
            )

        offered = [one for pool in self._choices[who] for one in self._pools.offered(pool)]
        yield from sorted((one for one in offered if one != home), key=cost)

    def _host(self, end: End) -> Host:
        if end.host is not None:
            return end.host
        assert end.node is not None
        return self._offers[end.node][self._at[end.node]].host

    def _no_seat(self, full: Overfull) -> Shortage:
        plan = self._plan.nodes[full.who]
        where = f" on {plan.node.component_id}" if plan.node.component_id else ""
        message = (
            f"{plan.wish.title} finds no place{where}: {full.wanted} wanted, {full.seats} available"
        )
        return Shortage(InsufficientNodes, message, proven=True)

    def _why(self, failed: Decision) -> Shortage:
        """Why nothing was left to choose."""
        if isinstance(failed, Attach):
            return Shortage(InsufficientBandwidth, self._no_way(failed), proven=False)
        # every node keeps a seat: what it did not find is enough of a feature
        plan, owned = self._plan.nodes[failed.node], self._owned[failed.node]
        lacking = [
            (self._ledger.left(one.key, one.limit, owned), one)
            for pool in self._choices[failed.node]
            for host in self._pools.hosts[pool]
            for one in self._offers[failed.node][host].match.shares
            if self._ledger.left(one.key, one.limit, owned) < one.amount
        ]
        left, share = max(lacking, key=lambda pair: pair[0])
        wanted = f"{share.amount / 1000:g} of {share.key[1].removeprefix('feature:')!r}"
        message = f"{plan.wish.title} wants {wanted}; {left / 1000:g} are available"
        return Shortage(InsufficientNodes, message, proven=False)

    def _no_way(self, failed: Attach) -> str:
        """What the link wants and what it could have had."""
        plan, run, host = (
            self._plan.links[failed.link],
            self._runs[failed.link],
            self._host(failed.end),
        )
        names = ", ".join(dict.fromkeys([*run.hosts(), host.name]))
        wanted = plan.link.capacity
        amounts = [0, *(one for one in self._ledger.amounts_left() if 0 < one < wanted)]
        low, high = 0, len(amounts)
        while low < high:
            middle = (low + high) // 2
            mark = self._ledger.mark()
            trial = self._attach(run.trial(amounts[middle]), failed.end)
            low, high = (middle + 1, high) if _advances(trial) else (low, middle)
            self._ledger.back(mark)
        if low == 0:
            return f"{plan.wish.title}: no free ports and wires join hosts {names}"
        return (
            f"{plan.wish.title} wants {wanted} kbit/s between hosts {names};"
            f" {amounts[low - 1]} kbit/s are available"
        )


def _advances(way: Iterator[None]) -> bool:
    """Whether there was another way; it is taken then."""
    for _ in way:
        return True
    return False


def _home(plan: NodePlan) -> str | None:
    if plan.wish.keep is None or not isinstance(plan.wish.keep.placement, NodePlacement):
        return None
    return plan.wish.keep.placement.component_id


def _old(plan: LinkPlan) -> LinkPlacement | None:
    if plan.wish.keep is None or not isinstance(plan.wish.keep.placement, LinkPlacement):
        return None
    return plan.wish.keep.placement


def _by_host(plan: Plan) -> list[dict[str, Offer]]:
    """The offers of each node by host; nodes of one kind share one."""
    shared = {
        id(one.offers): {offer.host.component_id: offer for offer in one.offers}
        for one in plan.nodes
    }
    return [shared[id(one.offers)] for one in plan.nodes]
