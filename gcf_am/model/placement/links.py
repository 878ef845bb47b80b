"""One link: what it may ask for, and how it is laid end by end."""

from collections.abc import Generator, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Final

from gcf_am.errors import Unsupported
from gcf_am.model.placement.ledger import Key, Ledger
from gcf_am.model.placement.wires import Cabling, Carries, Joined, Path
from gcf_am.model.placement.wish import Wish
from gcf_am.model.site import Host, Port
from gcf_am.model.sliver import Amount, LinkPlacement
from gcf_am.model.topology import Link

_TYPES: Final = ("lan", "vlan", "ethernet")


def check_kind(wish: Wish, link: Link) -> None:
    """Raise Unsupported for a kind of link that is not offered."""
    if link.shared_vlan is not None:
        # a request for a shared VLAN is refused by name, not quietly left unattached
        raise Unsupported(
            f"{wish.title} asks for shared VLAN {link.shared_vlan!r}; none is offered"
        )
    if link.link_type is not None and link.link_type not in _TYPES:
        raise Unsupported(
            f"{wish.title} asks for link type {link.link_type!r};"
            f" this aggregate offers: {', '.join(_TYPES)}"
        )


@dataclass(slots=True)
class _Terminal:
    """A place where a link enters a host: one port for all its ends there, or for one end.

    Ends on a shared host share an uplink; each end on an exclusive host has its own port.
    """

    host: Host
    bound: str | None
    ends: list[str]
    port: str | None = None


@dataclass(frozen=True, slots=True)
class Laid:
    """A link that is laid and has no tag yet."""

    way: LinkPlacement
    holds: Mapping[Key, int]

    def tagged(self, vlan: int) -> tuple[LinkPlacement, tuple[Amount, ...]]:
        """Where it runs and what it holds."""
        holds = {**self.holds, (f"vlan:{vlan}", "vlan"): 1}
        told = tuple(Amount(*key, amount) for key, amount in sorted(holds.items()))
        return replace(self.way, vlan=vlan), told


class Run:
    """How far one link is laid; every step can be undone in reverse order.

    While all ends are on one host the link needs no port and no wire: it shares what the host
    can carry within it. `ends` is how many there will be.
    """

    def __init__(
        self, link: Link, ends: int, owned: Mapping[Key, int], old: LinkPlacement | None
    ) -> None:
        self.link = link
        self._ends = ends
        self.bandwidth = link.capacity
        self._owned = owned
        self._old_ports = frozenset(port for _, port in old.ends) if old else frozenset()
        self._old_wires = frozenset(old.wires) if old else frozenset()
        self._terminals: list[_Terminal] = []
        self._joined = Joined()
        self._holds: dict[Key, int] = {}

    def hosts(self) -> list[str]:
        """The names of the hosts where it ends so far."""
        return list(dict.fromkeys(one.host.name for one in self._terminals))

    def laid(self) -> "Laid":
        """How it is laid now."""
        within = self._within()
        ports = {end: one.port for one in self._terminals for end in one.ends if one.port}
        placement = LinkPlacement(
            ends=tuple((end, ports[end]) for end in self.link.interfaces if end in ports),
            wires=tuple(sorted(self._joined.wires)),
            capacity=self.bandwidth,
            within=None if within is None else within.component_id,
        )
        return Laid(placement, dict(self._holds))

    def trial(self, bandwidth: int) -> "Run":
        """A copy laid as far as this one, to see how it would go on with another bandwidth."""
        copy = Run(self.link, self._ends, self._owned, None)
        copy.bandwidth = bandwidth
        copy._terminals = [replace(one, ends=[*one.ends]) for one in self._terminals]
        copy._joined = self._joined.copy()
        copy._holds = dict(self._holds)
        return copy

    def attach(
        self, end: str, host: Host, bound: str | None, cabling: Cabling, ledger: Ledger
    ) -> Generator[None]:
        """Every way to join one more end; each is undone when the next is asked for, or none is."""
        for one in self._terminals:
            if one.host is host and not host.exclusive and bound in {None, one.bound}:
                one.ends.append(end)
                try:
                    yield from self._stay(ledger)
                finally:
                    one.ends.pop()
                return
        self._terminals.append(_Terminal(host, bound, [end]))
        try:
            if all(one.host is host for one in self._terminals):
                yield from self._stay(ledger)
            else:
                waiting = [one for one in self._terminals if one.port is None]
                yield from self._lay(waiting, cabling, ledger)
        finally:
            self._terminals.pop()

    def _within(self) -> Host | None:
        """The host that the link does not leave, once all its ends are there."""
        joined = sum(len(one.ends) for one in self._terminals)
        hosts = {one.host.component_id: one.host for one in self._terminals}
        return next(iter(hosts.values())) if len(hosts) == 1 and joined == self._ends > 1 else None

    def _stay(self, ledger: Ledger) -> Iterator[None]:
        """Nothing new is needed but, with the last end, a share of what is limited in the host."""
        host = self._within()
        if host is None or host.loopback is None:
            yield
        elif ledger.carries(host.component_id, self.bandwidth, self._owned):
            mark = ledger.mark()
            self._hold(ledger, (host.component_id, "bandwidth"), self.bandwidth)
            try:
                yield
            finally:
                self._drop(0)
                ledger.back(mark)

    def _lay(self, waiting: list[_Terminal], cabling: Cabling, ledger: Ledger) -> Iterator[None]:
        if not waiting:
            yield
            return
        terminal = waiting[0]
        for port in self._ports(terminal, cabling, ledger):
            mark, before = ledger.mark(), len(self._holds)
            terminal.port = port
            if terminal.host.exclusive:
                self._hold(ledger, (port, "port"), 1)
            self._hold(ledger, (port, "bandwidth"), self.bandwidth)
            try:
                if self._joined.first is None:
                    yield from self._begin(port, waiting[1:], cabling, ledger)
                else:
                    for path in self._paths(port, cabling, ledger):
                        yield from self._join(path, waiting[1:], cabling, ledger)
            finally:
                terminal.port = None
                self._drop(before)
                ledger.back(mark)

    def _begin(
        self, port: str, waiting: list[_Terminal], cabling: Cabling, ledger: Ledger
    ) -> Iterator[None]:
        self._joined.first = port
        try:
            yield from self._lay(waiting, cabling, ledger)
        finally:
            self._joined.first = None

    def _join(
        self, path: Path, waiting: list[_Terminal], cabling: Cabling, ledger: Ledger
    ) -> Iterator[None]:
        mark, before = ledger.mark(), len(self._holds)
        for component in (*path.wires, *path.crossed):
            self._hold(ledger, (component, "bandwidth"), self.bandwidth)
        self._joined.add(path)
        try:
            yield from self._lay(waiting, cabling, ledger)
        finally:
            self._joined.drop(path)
            self._drop(before)
            ledger.back(mark)

    def _hold(self, ledger: Ledger, key: Key, amount: int) -> None:
        if amount and key not in self._holds:
            self._holds[key] = amount
            ledger.take(key, amount, self._owned)

    def _drop(self, before: int) -> None:
        """Hold no more than what were the first holds."""
        while len(self._holds) > before:
            self._holds.popitem()

    def _ports(self, terminal: _Terminal, cabling: Cabling, ledger: Ledger) -> Iterator[str]:
        """The ports an end can use, the one it used before first; equal ones count once."""
        ports = list(cabling.cables.usable(terminal.host))
        if terminal.bound is not None:
            ports = [one for one in ports if one.component_id == terminal.bound]
        ports.sort(key=lambda one: one.component_id not in self._old_ports)
        seen: set[tuple[object, ...]] = set()
        for port in ports:
            name = port.component_id
            alike = ledger.state(name)
            if name not in cabling.named:
                if alike in seen:
                    continue
                seen.add(alike)
            if self._is_free(terminal, port, ledger):
                yield name

    def _is_free(self, terminal: _Terminal, port: Port, ledger: Ledger) -> bool:
        name = port.component_id
        if terminal.host.exclusive and (
            (name, "port") in self._holds or not ledger.unplugged(name, self._owned)
        ):
            return False
        return (name, "bandwidth") in self._holds or ledger.carries(
            name, self.bandwidth, self._owned
        )

    def _paths(self, port: str, cabling: Cabling, ledger: Ledger) -> Iterator[Path]:
        carries = Carries(ledger, self.bandwidth, self._owned, self._holds)
        if self._old_wires:
            yield from cabling.paths(port, self._joined, carries, only=self._old_wires)
        yield from cabling.paths(port, self._joined, carries)
