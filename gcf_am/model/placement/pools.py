"""Pools: hosts that can stand for each other, so that one is tried for all of them."""

from collections import Counter
from collections.abc import Collection, Mapping

from gcf_am.model.placement.ledger import Ledger
from gcf_am.model.site import Host, Site


class Pools:
    """The hosts of a site by what is left of them, in pools of equals.

    Hosts are in one pool when they are of one kind and as much is taken of what they have and of
    what they lead to; `named` hosts, to which the request or an old sliver is bound, have a pool
    of their own. Within a pool those that the search has taken nothing of are equal: only the
    first is offered. Taking and giving back go in opposite orders.
    Source: Ricci, Alfeld, Lepreau, CCR 33(2) 2003, section 3.3, physical equivalence classes.
    """

    def __init__(
        self, site: Site, ledger: Ledger, named: Collection[str], seats: Mapping[str, int]
    ) -> None:
        self._seats = seats
        self._load: Counter[str] = Counter()
        self.of: dict[str, int] = {}
        self.hosts: list[list[str]] = []
        self._fresh: list[list[str]]
        self._begun: list[dict[str, None]]
        touched = _touched(site, ledger)
        numbers: dict[object, int] = {}
        for host in site.hosts:
            name = host.component_id
            if not host.sliver_types or host.switch:
                continue
            alike: object = site.cables.host_kind[name]
            if name in named:
                alike = name
            elif name in touched:
                alike = _state(host, ledger)
            pool = numbers.setdefault(alike, len(numbers))
            if pool == len(self.hosts):
                self.hosts.append([])
            self.hosts[pool].append(name)
            self.of[name] = pool
        self.reset()

    def reset(self) -> None:
        """Give everything back."""
        self._load.clear()
        self._fresh = [
            [one for one in reversed(hosts) if self._seats[one] > 0] for hosts in self.hosts
        ]
        self._begun = [{} for _ in self.hosts]

    def room(self) -> dict[int, int]:
        """How many seats each pool has."""
        return {
            pool: sum(self._seats[one] for one in hosts) for pool, hosts in enumerate(self.hosts)
        }

    def left(self, host: str) -> int:
        """How many seats of a host nothing has taken."""
        return self._seats[host] - self._load[host]

    def offered(self, pool: int) -> list[str]:
        """The hosts with a seat left: each that is partly taken, and the first of the others."""
        return [*self._begun[pool], *self._fresh[pool][-1:]]

    def take(self, host: str) -> None:
        """Take a seat of a host that is offered."""
        pool = self.of[host]
        if not self._load[host]:
            self._fresh[pool].pop()
        self._load[host] += 1
        self._sort(pool, host)

    def give(self, host: str) -> None:
        """Give back the seat that was taken last."""
        pool = self.of[host]
        self._load[host] -= 1
        if not self._load[host]:
            self._fresh[pool].append(host)
        self._sort(pool, host)

    def _sort(self, pool: int, host: str) -> None:
        if self._load[host] and self.left(host) > 0:
            self._begun[pool][host] = None
        else:
            self._begun[pool].pop(host, None)


def _touched(site: Site, ledger: Ledger) -> set[str]:
    """The hosts of which something is taken, or of what their ports lead to."""
    found: set[str] = set()
    cables = site.cables
    for component in ledger.touched():
        if component in site.host:
            found.add(component)
            continue
        ports = cables.ends_of.get(component, (component,))
        for port in ports:
            for end in (port, *cables.ends(port)) if port in cables.switch else (port,):
                if end in site.host_of_port:
                    found.add(site.host_of_port[end].component_id)
    return found


def _state(host: Host, ledger: Ledger) -> object:
    name = host.component_id
    dimensions = ("slots", "bandwidth", *(f"feature:{one.name}" for one in host.features))
    return (
        host.hardware_types,
        host.sliver_types,
        host.available,
        host.features,
        host.exclusive,
        host.slots,
        host.loopback,
        *(ledger.taken((name, one)) for one in dimensions),
        tuple(sorted(ledger.state(port.component_id) for port in host.ports)),
    )
