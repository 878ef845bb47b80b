"""Seats for nodes: always one for every node, whatever is decided for some of them."""

from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Overfull:
    """Why a node finds no seat: `wanted` nodes compete for the `seats` of these pools."""

    who: int
    wanted: int
    seats: int


class Seats:
    """A seating of all nodes, of which some are decided and the rest can still move.

    Node number i may sit in any pool of `choices[i]`, and `room` is how many seats a pool has.
    `own[i]` is a pool of one host where the node sits already:
    that seat is its own and nobody else's. Because every node keeps a seat after each decision,
    a search over decisions never fails for want of nodes (a bipartite matching).
    """

    def __init__(
        self,
        choices: Sequence[tuple[int, ...]],
        room: Mapping[int, int],
        own: Sequence[int | None],
    ) -> None:
        self._choices = choices
        self._room = room
        self._own = own
        self._seat: list[int] = [-1] * len(choices)
        self._sitting: dict[int, dict[int, None]] = {}
        self._decided: set[int] = set()

    def seat_all(self) -> Overfull | None:
        """Find a seat for every node, or tell which one has none and why."""
        for who in range(len(self._choices)):
            full = self._sit(who)
            if full is not None:
                seats = sum(self._room.get(one, 0) for one in full)
                return Overfull(who, sum(len(self._sitting[one]) for one in full), seats)
        return None

    def left_over(self) -> list[int]:
        """Seat as many nodes as can be; the fewest that find no seat."""
        found = []
        for who in range(len(self._choices)):
            if self._sit(who) is not None:
                del self._sitting[self._seat[who]][who]
                found.append(who)
        return found

    def _sit(self, who: int) -> set[int] | None:
        """Find a seat for one more; the pools that are full when there is none."""
        own, choices = self._own[who], self._choices[who]
        if own is not None and own in choices:
            first = own
        else:
            first = next((one for one in choices if self._is_free(one)), choices[0])
        self._move(who, first)
        return self._relieve(first)

    def decide(self, who: int, pool: int) -> bool:
        """Give a node this seat for good, if all others still find one."""
        before = self._seat[who]
        self._decided.add(who)
        if pool != before:
            self._move(who, pool)
            if self._relieve(pool) is not None:
                self._move(who, before)
                self._decided.discard(who)
                return False
        return True

    def undecide(self, who: int) -> None:
        """Let a node move again."""
        self._decided.discard(who)

    def owns(self, who: int, pool: int) -> bool:
        """Whether the pool is the host where the node sits already."""
        return self._own[who] == pool

    def _is_free(self, pool: int) -> bool:
        return len(self._sitting.get(pool, ())) < self._room.get(pool, 0)

    def _move(self, who: int, pool: int) -> None:
        self._sitting.get(self._seat[who], {}).pop(who, None)
        self._seat[who] = pool
        if self._own[who] != pool:
            self._sitting.setdefault(pool, {})[who] = None

    def _relieve(self, pool: int) -> set[int] | None:
        """Move nodes on until `pool` is not overfull.

        When that cannot be, nothing moves, and the answer is the pools that are full.
        """
        if len(self._sitting.get(pool, ())) <= self._room.get(pool, 0):
            return None
        came: dict[int, tuple[int, int] | None] = {pool: None}
        queue = deque([pool])
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
        self, who: int, here: int, there: int, came: Mapping[int, tuple[int, int] | None]
    ) -> None:
        self._move(who, there)
        step = came[here]
        while step is not None:
            source, mover = step
            self._move(mover, here)
            here = source
            step = came[here]
