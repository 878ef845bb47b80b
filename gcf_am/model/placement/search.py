"""Finds seats for the nodes and ways for the links, trying again where a choice was wrong."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from gcf_am.errors import AmError, InsufficientBandwidth, InsufficientNodes
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
        self._seats = self._seating(site, owned)
        self._runs = tuple(
            Run(one.link, holds, None if afresh else _old(one))
            for one, holds in zip(plan.links, owned[len(plan.nodes) :], strict=True)
        )
        self._neighbours = _neighbours(plan)
        self._decided: set[int] = set()

    def run(self) -> Fit | Shortage:
        """Decide one thing after the other, going back where nothing is left to choose."""
        full = self._seats.seat_all()
        if full is not None:
            return self._no_seat(full)
        decisions = in_order(self._plan)
        ways: list[Iterator[None]] = []
        tries, deepest, why = 0, -1, ""
        while len(ways) < len(decisions):
            ways.append(self._ways(decisions[len(ways)]))
            while not _advances(ways[-1]):
                ways.pop()
                failed = decisions[len(ways)]
                if isinstance(failed, Attach) and len(ways) > deepest:
                    deepest, why = len(ways), self._no_way(failed)
                if not ways or tries >= _TRIES:
                    proven = not ways and self._cabling.complete
                    return Shortage(InsufficientBandwidth, why, proven)
            tries += 1
        seats = range(len(self._plan.nodes))
        return Fit(tuple(self._offers[who][self._seats.seat(who)] for who in seats), self._runs)

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
        # nodes of one kind share one tuple, see Seats
        tuples: dict[int, tuple[str, ...]] = {}
        choices = []
        for one in self._plan.nodes:
            every = tuples.setdefault(
                id(one.offers), tuple(offer.host.component_id for offer in one.offers)
            )
            choices.append((one.pinned,) if one.pinned and not self._afresh else every)
        return Seats(choices, room, own)

    def _ways(self, decision: Decision) -> Iterator[None]:
        if isinstance(decision, Seat):
            return self._seat(decision.node)
        host = self._host(decision.end)
        end = decision.end
        return self._runs[decision.link].attach(
            end.client_id, host, end.port, self._cabling, self._ledger
        )

    def _seat(self, who: int) -> Iterator[None]:
        for host in self._preferred(who):
            if self._seats.decide(who, host):
                self._decided.add(who)
                yield
                self._decided.discard(who)
                self._seats.undecide(who)

    def _preferred(self, who: int) -> Iterator[str]:
        """Where it is; with a neighbour, where a link needs no wire; then where most is free."""
        offers = self._offers[who]
        tried: set[str] = set()
        near = [self._seats.seat(one) for one in self._neighbours[who] if one in self._decided]
        home = self._homes[who]
        for host in dict.fromkeys([*([home] if home in offers else []), *near]):
            if host == home or (host in offers and not offers[host].host.exclusive):
                tried.add(host)
                yield host
        rest = [one for one in offers if one not in tried]

        def cost(host: str) -> tuple[bool, int]:
            exclusive = offers[host].host.exclusive
            return exclusive, 0 if exclusive else -self._seats.room_left(host)

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
        title = plan.wish.title
        if plan.node.component_id is not None:
            message = f"{title} is bound to {plan.node.component_id}, which is not free"
        else:
            message = (
                f"{title} finds no place: {full.wanted} nodes are wanted where"
                f" {full.seats} are available"
            )
        return Shortage(InsufficientNodes, message, proven=True)

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
            run.bandwidth = amounts[middle]
            way = self._ways(failed)
            if _advances(way):
                low = middle + 1
                next(way, None)
            else:
                high = middle
        run.bandwidth = wanted
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


def _neighbours(plan: Plan) -> list[tuple[int, ...]]:
    """For each node the nodes it has links to."""
    found: list[dict[int, None]] = [{} for _ in plan.nodes]
    for link in plan.links:
        members = [one.node for one in link.ends if one.node is not None]
        for node in members:
            found[node].update(dict.fromkeys(members))
    return [tuple(one for one in some if one != node) for node, some in enumerate(found)]
