"""What is left of every component while a request is placed."""

from collections.abc import Iterable, Mapping

from gcf_am.model.site import Site

Key = tuple[str, str]
NOTHING: Mapping[Key, int] = {}


class Ledger:
    """Counts what is taken and can go back to any earlier count.

    Starts from `held` and from what the wishes' own slivers hold: those amounts stay taken, and
    only their owner may use them again. So a sliver costs what its new amount exceeds its old
    one by, and holds the larger of the two in each dimension (decision 3).
    """

    def __init__(
        self, site: Site, held: Mapping[Key, int], owned: Iterable[Mapping[Key, int]] = ()
    ) -> None:
        self._taken = dict(held)
        for holds in owned:
            for key, amount in holds.items():
                self._taken[key] = self._taken.get(key, 0) + amount
        self._capacity = {wire.component_id: wire.capacity for wire in site.wires}
        for host in site.hosts:
            self._capacity[host.component_id] = host.loopback
            self._capacity.update((port.component_id, port.capacity) for port in host.ports)
        self._trail: list[tuple[Key, int]] = []

    def taken(self, key: Key) -> int:
        """How much is taken, the wishes' own slivers included."""
        return self._taken.get(key, 0)

    def left(self, key: Key, limit: int, owned: Mapping[Key, int]) -> int:
        """How much of a limit is left to the owner of `owned`."""
        return limit - self.taken(key) + owned.get(key, 0)

    def bandwidth_left(self, component: str, owned: Mapping[Key, int]) -> int | None:
        """The kbit/s of a port or wire, or within a host, left to the owner; None for any."""
        capacity = self._capacity[component]
        if capacity is None:
            return None
        return self.left((component, "bandwidth"), capacity, owned)

    def amounts_left(self) -> list[int]:
        """What bandwidth is left to somebody who holds nothing; each amount once."""
        left = {self.bandwidth_left(one, NOTHING) for one in self._capacity}
        return sorted(one for one in left if one is not None)

    def carries(self, component: str, bandwidth: int, owned: Mapping[Key, int]) -> bool:
        """Whether a port, wire or host has this many kbit/s left."""
        left = self.bandwidth_left(component, owned)
        return left is None or bandwidth == 0 or left >= bandwidth

    def unplugged(self, port: str, owned: Mapping[Key, int]) -> bool:
        """Whether a port that carries one link only is free for the owner of `owned`."""
        key = (port, "port")
        return self.taken(key) <= owned.get(key, 0)

    def mark(self) -> int:
        """A point to go back to."""
        return len(self._trail)

    def take(self, key: Key, amount: int, owned: Mapping[Key, int]) -> None:
        """Take an amount, of which the owner's old hold covers a part."""
        extra = max(0, amount - owned.get(key, 0))
        if extra:
            self._taken[key] = self._taken.get(key, 0) + extra
            self._trail.append((key, extra))

    def back(self, mark: int) -> None:
        """Give back whatever was taken since `mark`."""
        while len(self._trail) > mark:
            key, extra = self._trail.pop()
            self._taken[key] -= extra
