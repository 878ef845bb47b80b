"""What the links of a sketch load on trunks and uplinks."""

from collections.abc import Mapping, Sequence

from gcf_am.model.placement.setting import Setting
from gcf_am.model.placement.terrain import LEAVING, Terrain

# A pair of switches, or a host with what of it is meant.
Resource = tuple[str, str]
UPLINK, WITHIN = "uplink of", "within"


class Loads:
    """The loads of a plan's links while its nodes move from bin to bin.

    `over` is by how many kbit/s everything together is overloaded, `hot` what is, and `cost` what
    the links cost, see Terrain.
    """

    def __init__(self, setting: Setting, terrain: Terrain) -> None:
        links = setting.plan.links
        self._nodes = [one.nodes for one in links]
        self._ends = [len(one.ends) for one in links]
        self._capacity = [one.link.capacity for one in links]
        self._terrain = terrain
        self._bins = terrain.bins
        self._load: dict[Resource, int] = {}
        self._limit: dict[Resource, float] = {}
        self._uses: list[tuple[int, tuple[Resource, ...]]] = [(0, ())] * len(links)
        self._found: dict[tuple[int, ...], tuple[int, tuple[Resource, ...]]] = {}
        # for each link the places, and for shared hosts the names, where it ends already
        self._there = [
            [
                (terrain.place_of(host), None if host.exclusive else host.component_id)
                for host in (setting.site.host[one] for one in link.hosts)
            ]
            for link in links
        ]
        self.on: dict[Resource, dict[int, None]] = {}
        self.hot: dict[Resource, None] = {}
        self.over = 0.0
        self.cost = 0

    def lift(self, link: int) -> None:
        """Take a link away."""
        cost, uses = self._uses[link]
        self.cost -= cost
        for one in uses:
            self._change(one, -self._capacity[link])
            del self.on[one][link]

    def lay(self, link: int, where: Mapping[int, int]) -> None:
        """Lay a link between the bins where its nodes are."""
        bins = tuple([where[node] for node in self._nodes[link]])
        if len(bins) == 2 == self._ends[link]:
            # most are like this, and between the same bins like each other
            found = self._found.get(bins)
            if found is None:
                found = self._found[bins] = self._way(link, bins)
        else:
            found = self._way(link, bins)
        capacity = self._capacity[link]
        cost, uses = found[0] * (capacity or 1), found[1]
        self._uses[link] = cost, uses
        self.cost += cost
        for one in uses:
            self._change(one, capacity)
            self.on.setdefault(one, {})[link] = None

    def _way(self, link: int, where: Sequence[int]) -> tuple[int, tuple[Resource, ...]]:
        bins = [self._bins[one] for one in where]
        ends = [*self._there[link], *((one.place, one.host) for one in bins)]
        hosts = dict.fromkeys(host for _, host in ends if host is not None)
        if len(ends) == sum(host is not None for _, host in ends) and len(hosts) == 1:
            return 0, ((WITHIN, next(iter(hosts))),) if self._ends[link] > 1 else ()
        places = dict.fromkeys(place for place, _ in ends)
        if len(ends) < 2:
            return 0, ()
        cost = LEAVING * len(hosts)
        uses: dict[Resource, None] = {(UPLINK, one): None for one in hosts}
        first = next(iter(places))
        for place in places:
            way = self._terrain.way(first, place)
            cost += way.cost
            uses.update(dict.fromkeys(way.trunks))
        return cost, tuple(uses)

    def _change(self, one: Resource, by: int) -> None:
        limit = self._limit.get(one)
        if limit is None:
            limit = self._limit[one] = self._limit_of(one)
        before = self._load.get(one, 0)
        after = self._load[one] = before + by
        if before > limit:
            self.over -= before - limit
            del self.hot[one]
        if after > limit:
            self.over += after - limit
            self.hot[one] = None

    def _limit_of(self, one: Resource) -> float:
        if one[0] not in {UPLINK, WITHIN}:
            return self._terrain.capacity(one)
        at = self._terrain.of_host.get(one[1])
        if at is None:
            return float("inf")
        found = self._bins[at].uplink if one[0] == UPLINK else self._bins[at].within
        return float("inf") if found is None else found
