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
        self._cables = site.cables
        self._trail: list[tuple[Key, int]] = []

    def taken(self, key: Key) -> int:
        """How much is taken, the wishes' own slivers included."""
        return self._taken.get(key, 0)

    def left(self, key: Key, limit: int, owned: Mapping[Key, int]) -> int:
        """How much of a limit is left to the owner of `owned`."""
        return limit - self.taken(key) + owned.get(key, 0)

    def bandwidth_left(self, component: str, owned: Mapping[Key, int]) -> int | None:
        """The kbit/s of a port or wire, or within a host, left to the owner; None for any."""
        capacity = self._cables.capacity[component]
        if capacity is None:
            return None
        return self.left((component, "bandwidth"), capacity, owned)

    def amounts_left(self) -> list[int]:
        """What bandwidth may be left somewhere to somebody who holds nothing; each amount once."""
        touched = {
            self.bandwidth_left(component, NOTHING)
            for component, dimension in self._taken
            if dimension == "bandwidth" and component in self._cables.capacity
        }
        return sorted({*self._cables.amounts, *(one for one in touched if one is not None)})

    def touched(self) -> set[str]:
        """The components of which something is taken."""
        return {component for (component, _), amount in self._taken.items() if amount}

    def state(self, port: str) -> tuple[object, ...]:
        """A host's port, and what is taken of it and of what it leads to.

        Ports of the same state can stand for each other.
        """
        cables, taken = self._cables, self._taken
        return (
            cables.port_kind[port],
            taken.get((port, "port"), 0),
            taken.get((port, "bandwidth"), 0),
            *(
                taken.get((one, "bandwidth"), 0)
                for wire in cables.wires.get(port, ())
                for one in (wire.component_id, *wire.ports)
                if one != port
            ),
        )

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
