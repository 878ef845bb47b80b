"""One attempt to place a plan: deciding, and going back where nothing is left to choose."""

from collections import Counter
from collections.abc import Generator, Iterator, Mapping
from dataclasses import dataclass, replace

from gcf_am.errors import InsufficientBandwidth, InsufficientNodes
from gcf_am.model.placement.links import Laid, Run
from gcf_am.model.placement.nodes import Offer
from gcf_am.model.placement.order import Attach, Decision, Seat
from gcf_am.model.placement.plan import End
from gcf_am.model.placement.setting import Setting
from gcf_am.model.placement.shortage import Shortage
from gcf_am.model.placement.wires import Cabling
from gcf_am.model.site import Host


@dataclass(frozen=True, slots=True)
class Fit:
    """A choice for every node, and every link laid."""

    offers: tuple[Offer, ...]
    links: tuple[Laid, ...]


class Attempt:
    """Decides one thing after the other, within so many `steps`.

    `sketch` says for some nodes where they had best go, by host or else by pool. Where it is
    `firm` that goes before what their desires cost. Of the ways of each link's end no more than
    `ways` are tried, None for all: so little time goes into links while a node is at fault.
    """

    def __init__(
        self,
        setting: Setting,
        sketch: Mapping[int, str | int] | None = None,
        *,
        firm: bool = False,
        ways: int | None = None,
    ) -> None:
        self._setting = setting
        self._sketch = sketch or {}
        self._firm = firm
        self._most = ways
        self._ledger = setting.ledger()
        self._cabling = Cabling(setting.site.cables, setting.ports)
        self._pools = setting.pools
        self._pools.reset()
        self._seats = setting.seats()
        self._runs = setting.runs()
        # where each node is, of those that are decided
        self._at: dict[int, str] = {}
        # how many nodes have got each feature whose cost depends on that
        self._used: Counter[str] = Counter()
        self._tries = 0

    @property
    def steps(self) -> int:
        """How many it has made: choices that were looked at, and wires on ways."""
        return self._tries + self._cabling.steps

    def run(self, steps: int) -> Fit | Shortage:
        """A fit, or what was lacking where it came furthest."""
        self._seats.seat_all()
        decisions = self._setting.decisions
        ways: list[Iterator[None]] = []
        deepest = -1
        while len(ways) < len(decisions):
            ways.append(self._ways(decisions[len(ways)]))
            while not _advances(ways[-1]):
                ways.pop()
                failed = decisions[len(ways)]
                if len(ways) > deepest:
                    deepest, why = len(ways), self._why(failed)
                if not ways or self.steps >= steps:
                    return replace(why, proven=not ways and self._cabling.complete)
            self._tries += 1
        offers, seats = self._setting.offers, range(len(self._setting.plan.nodes))
        return Fit(
            tuple(offers[who][self._at[who]] for who in seats),
            tuple(one.laid() for one in self._runs),
        )

    def _ways(self, decision: Decision) -> Iterator[None]:
        if isinstance(decision, Seat):
            return self._seat(decision.node)
        return self._some_ways(self._attach(self._runs[decision.link], decision.end))

    def _some_ways(self, ways: Generator[None]) -> Iterator[None]:
        for number, _ in enumerate(ways, 1):
            yield
            if number == self._most:
                self._cabling.complete = False
                ways.close()

    def _attach(self, run: Run, end: End) -> Generator[None]:
        host = self._host(end)
        return run.attach(end.client_id, host, end.port, self._cabling, self._ledger)

    def _seat(self, who: int) -> Iterator[None]:
        owned = self._setting.owned[who]
        for host in self._preferred(who):
            match = self._setting.offers[who][host].match
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
        setting = self._setting
        home = setting.homes[who]
        if home is not None and self._pools.of.get(home) in setting.choices[who]:
            yield home
        nodes, there = setting.neighbours[who]
        near = Counter([*there, *(self._at[one] for one in nodes if one in self._at)])
        cables, offers = setting.site.cables, setting.offers[who]
        switches = [(cables.switches(setting.site.host[one]), many) for one, many in near.items()]
        best = self._sketch.get(who)

        def cost(host: str) -> tuple[bool, bool, float, bool, int, int, int]:
            offer = offers[host]
            exclusive = offer.host.exclusive
            mine = cables.switches(offer.host)
            off = best is not None and best not in {host, self._pools.of[host]}
            return (
                self._firm and off,
                exclusive,
                offer.match.cost_now(self._used),
                off,
                0 if exclusive else -near[host],
                -sum(many for theirs, many in switches if mine & theirs),
                0 if exclusive else -self._pools.left(host),
            )

        offered = [one for pool in setting.choices[who] for one in self._pools.offered(pool)]
        yield from sorted((one for one in offered if one != home), key=cost)

    def _host(self, end: End) -> Host:
        if end.host is not None:
            return end.host
        assert end.node is not None
        return self._setting.offers[end.node][self._at[end.node]].host

    def _why(self, failed: Decision) -> Shortage:
        """Why nothing was left to choose."""
        if isinstance(failed, Attach):
            return self._no_way(failed)
        # every node keeps a seat: what it did not find is enough of a feature
        setting, who = self._setting, failed.node
        plan, owned = setting.plan.nodes[who], setting.owned[who]
        lacking = [
            (self._ledger.left(one.key, one.limit, owned), one)
            for pool in setting.choices[who]
            for host in self._pools.hosts[pool]
            for one in setting.offers[who][host].match.shares
            if self._ledger.left(one.key, one.limit, owned) < one.amount
        ]
        left, share = max(lacking, key=lambda pair: pair[0])
        name = share.key[1].removeprefix("feature:")
        message = (
            f"{plan.wish.title} wants {share.amount / 1000:g} of {name!r};"
            f" {left / 1000:g} are available"
        )
        return Shortage(
            InsufficientNodes, plan.number, f"feature {name}", share.amount / 1000, left / 1000,
            message, proven=False,
        )  # fmt: skip

    def _no_way(self, failed: Attach) -> Shortage:
        """What the link wants and what it could have had."""
        plan, run = self._setting.plan.links[failed.link], self._runs[failed.link]
        names = ", ".join(dict.fromkeys([*run.hosts(), self._host(failed.end).name]))
        wanted = plan.link.capacity
        amounts = [0, *(one for one in self._ledger.amounts_left() if 0 < one < wanted)]
        low, high = 0, len(amounts)
        while low < high:
            middle = (low + high) // 2
            trial = self._attach(run.trial(amounts[middle]), failed.end)
            low, high = (middle + 1, high) if _advances(trial) else (low, middle)
            trial.close()
        message = (
            f"{plan.wish.title}: no free ports and wires join hosts {names}"
            if low == 0
            else f"{plan.wish.title} wants {wanted} kbit/s between hosts {names};"
            f" {amounts[low - 1]} kbit/s are available"
        )
        what, least = ("ports and wires", 1) if low == 0 else ("kbit/s", wanted)
        return Shortage(
            InsufficientBandwidth, plan.number, what, least, amounts[low - 1] if low else 0,
            message, proven=False,
        )  # fmt: skip


def _advances(way: Iterator[None]) -> bool:
    """Whether there was another way; it is taken then."""
    for _ in way:
        return True
    return False
