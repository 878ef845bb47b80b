"""Seats for nodes: always one for every node, whatever is decided for some of them."""

from collections import Counter, deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Overfull:
    """Why a node finds no seat: `wanted` nodes compete for the `seats` of these hosts."""

    who: int
    wanted: int
    seats: int


class Seats:
    """A seating of all nodes, of which some are decided and the rest can still move.

    Node number i may sit on any host of `choices[i]`. A shared host has as many seats as slots
    are left, an exclusive one has one or none. `own[i]` is a host where the node sits already:
    that seat is its own and nobody else's. Because every node keeps a seat after each decision,
    a search over decisions never fails for want of nodes (a bipartite matching).
    """

    def __init__(
        self,
        choices: Sequence[tuple[str, ...]],
        room: Mapping[str, int],
        own: Sequence[str | None],
    ) -> None:
        self._choices = choices
        self._room = room
        self._own = own
        self._seat: list[str] = [""] * len(choices)
        self._sitting: dict[str, dict[int, None]] = {}
        self._decided: set[int] = set()
        self._load: Counter[str] = Counter()

    def seat_all(self) -> Overfull | None:
        """Find a seat for every node, or tell which one has none and why."""
        for who, choices in enumerate(self._choices):
            if self._own[who] in choices:
                first = str(self._own[who])
            else:
                first = next((one for one in choices if self._is_free(one)), choices[0])
            self._move(who, first)
            full = self._relieve(first)
            if full is not None:
                seats = sum(self._room.get(one, 0) for one in full)
                return Overfull(who, sum(len(self._sitting[one]) for one in full), seats)
        return None

    def decide(self, who: int, host: str) -> bool:
        """Give a node this seat for good, if all others still find one."""
        before = self._seat[who]
        self._decided.add(who)
        if host != before:
            self._move(who, host)
            if self._relieve(host) is not None:
                self._move(who, before)
                self._decided.discard(who)
                return False
        self._load[host] += self._own[who] != host
        return True

    def undecide(self, who: int) -> None:
        """Let a node move again."""
        self._decided.discard(who)
        self._load[self._seat[who]] -= self._own[who] != self._seat[who]

    def seat(self, who: int) -> str:
        """The host where a node sits."""
        return self._seat[who]

    def room_left(self, host: str) -> int:
        """How many seats of a host no decision has taken."""
        return self._room.get(host, 0) - self._load[host]

    def _is_free(self, host: str) -> bool:
        return len(self._sitting.get(host, ())) < self._room.get(host, 0)

    def _move(self, who: int, host: str) -> None:
        self._sitting.get(self._seat[who], {}).pop(who, None)
        self._seat[who] = host
        if self._own[who] != host:
            self._sitting.setdefault(host, {})[who] = None

    def _relieve(self, host: str) -> set[str] | None:
        """Move nodes on until `host` is not overfull.

        When that cannot be, nothing moves, and the answer is the hosts that are full.
        """
        if len(self._sitting.get(host, ())) <= self._room.get(host, 0):
            return None
        came: dict[str, tuple[str, int] | None] = {host: None}
        queue = deque([host])
        # nodes of one kind share one tuple of choices: asking one of them is asking all
        asked: set[int] = set()
        while queue:
            here = queue.popleft()
            for who in self._sitting.get(here, ()):
                choices = self._choices[who]
                if who in self._decided or (id(choices) in asked and self._own[who] is None):
                    continue
                asked.add(id(choices))
                for there in choices:
                    if there == self._own[who] or (there not in came and self._is_free(there)):
                        self._move_on(who, here, there, came)
                        return None
                    if there not in came:
                        came[there] = (here, who)
                        queue.append(there)
        for one in came:
            self._sitting.setdefault(one, {})
        return set(came)

    def _move_on(
        self, who: int, here: str, there: str, came: Mapping[str, tuple[str, int] | None]
    ) -> None:
        self._move(who, there)
        step = came[here]
        while step is not None:
            source, mover = step
            self._move(mover, here)
            here = source
            step = came[here]
