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
from gcf_am.model.placement.plan import End, LinkPlan, NodePlan, Plan
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
        wishes = [one.wish for one in plan.nodes] + [one.wish for one in plan.links]
        owned = [{} if afresh else one.owned for one in wishes]
        self._ledger = Ledger(site, held, owned)
        self._cabling = Cabling(site)
        self._offers = [
            {offer.host.component_id: offer for offer in one.offers} for one in plan.nodes
        ]
        self._homes = [None if afresh else _home(one) for one in plan.nodes]
        self._choices = self._hosts()
        self._seats = self._seating(site, owned)
        self._owned = owned
        # how many nodes have got each feature whose cost depends on that
        self._used: Counter[str] = Counter()
        self._runs = tuple(
            Run(one.link, len(one.ends), holds, None if afresh else _old(one))
            for one, holds in zip(plan.links, owned[len(plan.nodes) :], strict=True)
        )
        self._neighbours = neighbours(plan)
        self._decided: set[int] = set()

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
        return Fit(tuple(self._offers[who][self._seats.seat(who)] for who in seats), self._runs)

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
        for name in self._choices[node]:
            host = self._offers[node][name].host
            if not host.exclusive:
                return math.inf
            for port in self._cabling.usable(host):
                found = max(found, math.inf if port.capacity is None else port.capacity)
        return found

    def _seating(self, site: Site, owned: list[dict[Key, int]]) -> Seats:
        room, own = {}, []
        for host in site.hosts:
            taken = self._ledger.taken((host.component_id, "slots"))
            left = int(taken == 0) if host.exclusive else host.slots - taken
            room[host.component_id] = max(0, left) if host.available or self._afresh else 0
        for home, holds in zip(self._homes, owned, strict=False):
            key = (home or "", "slots")
            mine = holds.get(key, 0)
            # on an exclusive host the seat is the sliver's only if nobody else holds a part
            alone = home in site.host and (
                not site.host[home].exclusive or self._ledger.taken(key) == mine
            )
            own.append(home if mine and alone else None)
        return Seats(self._choices, room, own)

    def _hosts(self) -> list[tuple[str, ...]]:
        """The hosts every node may sit on; nodes of one kind share one tuple, see Seats."""
        shared: dict[tuple[int, int], tuple[str, ...]] = {}
        found = []
        for one, ports in zip(self._plan.nodes, ports_needed(self._plan), strict=True):
            kind = (id(one.offers), ports)
            if kind not in shared:
                shared[kind] = tuple(
                    offer.host.component_id
                    for offer in one.offers
                    if not offer.host.exclusive or len(self._cabling.usable(offer.host)) >= ports
                )
            found.append((one.pinned,) if one.pinned and not self._afresh else shared[kind])
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
            if self._seats.decide(who, host):
                mark = self._ledger.mark()
                for one in match.shares:
                    self._ledger.take(one.key, one.amount, owned)
                counted = [one.name for one in match.counted]
                self._used.update(counted)
                self._decided.add(who)
                yield
                self._decided.discard(who)
                self._used.subtract(counted)
                self._ledger.back(mark)
                self._seats.undecide(who)

    def _preferred(self, who: int) -> Iterator[str]:
        """Where it is; where its desires cost least; with a neighbour; then where most is free.

        With a neighbour on a shared host a link needs no wire.
        """
        offers, choices = self._offers[who], self._choices[who]
        tried: set[str] = set()
        nodes, near = self._neighbours[who]
        near = [*near, *(self._seats.seat(one) for one in nodes if one in self._decided)]
        home = self._homes[who]
        if home in choices:
            tried.add(str(home))
            yield str(home)
        near = [one for one in near if one in choices and not offers[one].host.exclusive]
        for host in near:
            # what costs nothing cannot be beaten
            if host not in tried and not offers[host].match.cost_now(self._used):
                tried.add(host)
                yield host
        rest = [one for one in choices if one not in tried]
        rank = {host: place for place, host in reversed([*enumerate(near)])}

        def cost(host: str) -> tuple[bool, float, int, int]:
            offer = offers[host]
            exclusive = offer.host.exclusive
            room = 0 if exclusive else self._seats.room_left(host)
            return exclusive, offer.match.cost_now(self._used), rank.get(host, len(near)), -room

        if rest:
            # mostly the first does: the others are sorted only when it does not
            best = min(rest, key=cost)
            yield best
            rest.remove(best)
            yield from sorted(rest, key=cost)

    def _host(self, end: End) -> Host:
        if end.host is not None:
            return end.host
        assert end.node is not None
        return self._offers[end.node][self._seats.seat(end.node)].host

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
            for host in self._choices[failed.node]
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
