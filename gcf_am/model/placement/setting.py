"""What a search starts from: who wants to go where, and what is left there."""

import math
from collections.abc import Mapping

from gcf_am.errors import InsufficientBandwidth, InsufficientNodes
from gcf_am.model.placement.adjacency import neighbours, ports_needed
from gcf_am.model.placement.ledger import Key, Ledger
from gcf_am.model.placement.links import Run
from gcf_am.model.placement.nodes import Offer
from gcf_am.model.placement.order import in_order
from gcf_am.model.placement.plan import LinkPlan, NodePlan, Plan, named
from gcf_am.model.placement.pools import Pools
from gcf_am.model.placement.seats import Overfull, Seats
from gcf_am.model.placement.shortage import Shortage
from gcf_am.model.site import Site
from gcf_am.model.sliver import LinkPlacement, NodePlacement


class Setting:
    """A plan on what is left of a site; the same for every attempt at it.

    `choices` are the pools where each node may go, `offers` by host what it would be there,
    `homes` where it is already, `owned` what the slivers of nodes and then of links hold.
    `afresh` asks about the empty site with every host in service, and forgets what the slivers
    hold and where they are: whether the wishes could ever fit.
    """

    def __init__(self, plan: Plan, site: Site, held: Mapping[Key, int], *, afresh: bool) -> None:
        self.plan = plan
        self.site = site
        self._afresh = afresh
        self._held = held
        wishes = [one.wish for one in plan.nodes] + [one.wish for one in plan.links]
        self.owned: list[dict[Key, int]] = [{} if afresh else one.owned for one in wishes]
        self.homes = [None if afresh else _home(one) for one in plan.nodes]
        self._olds = [None if afresh else _old(one) for one in plan.links]
        hosts, self.ports = named(plan, self.homes, self._olds)
        self._ledger = self.ledger()
        self._room = self._rooms()
        self.pools = Pools(site, self._ledger, hosts, self._room)
        self.offers = _by_host(plan)
        self.choices = self._hosts()
        self._own = self._owns()
        self.neighbours = neighbours(plan)
        self.decisions = in_order(plan)

    def ledger(self) -> Ledger:
        """What is taken before anything is decided."""
        return Ledger(self.site, self._held, self.owned)

    def seats(self) -> Seats:
        """Where nodes could sit before anything is decided."""
        return Seats(self.choices, self.pools.room(), self._own)

    def runs(self) -> tuple[Run, ...]:
        """The links, none of which is laid."""
        owned = self.owned[len(self.plan.nodes) :]
        return tuple(
            Run(one.link, len(one.ends), holds, old)
            for one, holds, old in zip(self.plan.links, owned, self._olds, strict=True)
        )

    def shortage(self) -> Shortage | None:
        """What cannot be had, seen without a search: a node's ports, a link's width, a seat."""
        for number, (one, choices) in enumerate(zip(self.plan.nodes, self.choices, strict=True)):
            if not choices:
                message = f"{one.wish.title} has more links than any host for it has ports"
                wanted = ports_needed(self.plan)[number]
                most = max(len(self.site.cables.usable(offer.host)) for offer in one.offers)
                return Shortage(
                    InsufficientNodes, one.number, "ports", wanted, most, message, proven=True
                )
        thin = self._too_thin()
        if thin is not None:
            return thin
        full = self.seats().seat_all()
        return None if full is None else self._no_seat(full)

    def _too_thin(self) -> Shortage | None:
        """A link that wants more than any port carries which a node of it can have.

        A node that gets a host of its own has no other node beside it, so its links leave the
        host. Trying all hosts would end with the same, on a large site after too many tries.
        """
        most: dict[int, float] = {}
        for one in self.plan.links:
            if len(one.nodes) + len(one.hosts) < 2:
                continue
            wanted = one.link.capacity
            for node in one.nodes:
                key = id(self.choices[node])
                if key not in most:
                    most[key] = self._widest(node)
                if wanted > most[key]:
                    message = (
                        f"{one.wish.title} wants {wanted} kbit/s; the ports that"
                        f" {self.plan.nodes[node].wish.title} can have carry {most[key]:.0f}"
                    )
                    return Shortage(
                        InsufficientBandwidth, one.number, "kbit/s", wanted, most[key],
                        message, proven=True,
                    )  # fmt: skip
        return None

    def _widest(self, node: int) -> float:
        """The most that a port of a host for the node carries; infinite on shared hosts."""
        found = 0.0
        for pool in self.choices[node]:
            host = self.site.host[self.pools.hosts[pool][0]]
            if not host.exclusive:
                return math.inf
            for port in self.site.cables.usable(host):
                found = max(found, math.inf if port.capacity is None else port.capacity)
        return found

    def _no_seat(self, full: Overfull) -> Shortage:
        plan = self.plan.nodes[full.who]
        where = f" on {plan.node.component_id}" if plan.node.component_id else ""
        message = (
            f"{plan.wish.title} finds no place{where}: {full.wanted} wanted, {full.seats} available"
        )
        excess = tuple(self.plan.nodes[who].number for who in self.seats().left_over())
        return Shortage(
            InsufficientNodes, plan.number, "nodes", full.wanted, full.seats, message,
            proven=True, excess=excess,
        )  # fmt: skip

    def _rooms(self) -> dict[str, int]:
        """How many more nodes each host can take."""
        room = {}
        for host in self.site.hosts:
            taken = self._ledger.taken((host.component_id, "slots"))
            left = int(taken == 0) if host.exclusive else host.slots - taken
            room[host.component_id] = max(0, left) if host.available or self._afresh else 0
        return room

    def _hosts(self) -> list[tuple[int, ...]]:
        """The pools every node may sit in; nodes of one kind share one tuple, see Seats."""
        shared: dict[tuple[int, int], tuple[int, ...]] = {}
        found = []
        cables, pools = self.site.cables, self.pools
        for one, ports in zip(self.plan.nodes, ports_needed(self.plan), strict=True):
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

    def _owns(self) -> list[int | None]:
        """The pool that each node's own seat is; see Seats."""
        own = []
        for home, holds in zip(self.homes, self.owned, strict=False):
            key = (home or "", "slots")
            mine = holds.get(key, 0)
            # on an exclusive host the seat is the sliver's only if nobody else holds a part
            alone = home in self.site.host and (
                not self.site.host[home].exclusive or self._ledger.taken(key) == mine
            )
            own.append(self.pools.of.get(home or "") if mine and alone else None)
        return own


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
    offers = {id(one.offers): one.offers for one in plan.nodes}
    shared = {
        key: {offer.host.component_id: offer for offer in some} for key, some in offers.items()
    }
    return [shared[id(one.offers)] for one in plan.nodes]
