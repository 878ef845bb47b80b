"""In which order a plan is decided."""

import heapq
from dataclasses import dataclass

from gcf_am.model.placement.plan import End, Plan


@dataclass(frozen=True, slots=True)
class Seat:
    """Decide on which host a node sits; `node` is its number in the plan."""

    node: int


@dataclass(frozen=True, slots=True)
class Attach:
    """Decide how an end joins its link; `link` is its number in the plan."""

    link: int
    end: End


Decision = Seat | Attach


def in_order(plan: Plan) -> list[Decision]:
    """Every node, and every end as soon as its node is decided.

    Neighbours follow each other, those with the fewest hosts to choose from first: so a choice
    that a link cannot follow is noticed at once, and little has to be undone.
    """
    return _Order(plan).decisions


class _Order:
    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._links: list[list[int]] = [[] for _ in plan.nodes]
        for number, link in enumerate(plan.links):
            for node in link.nodes:
                self._links[node].append(number)
        self._opened: set[int] = set()
        self._frontier: list[tuple[int, int]] = []
        self.decisions: list[Decision] = []
        for number, link in enumerate(plan.links):
            if not link.nodes:
                self._open(number)
        self._walk()

    def _walk(self) -> None:
        rank = [
            (1 if one.pinned else len(one.offers), node)
            for node, one in enumerate(self._plan.nodes)
        ]
        done: set[int] = set()
        for start in sorted(rank):
            heapq.heappush(self._frontier, start)
            while self._frontier:
                _, node = heapq.heappop(self._frontier)
                if node in done:
                    continue
                done.add(node)
                self.decisions.append(Seat(node))
                for link in self._links[node]:
                    if self._open(link):
                        for neighbour in self._plan.links[link].nodes:
                            heapq.heappush(self._frontier, rank[neighbour])
                    self.decisions.extend(
                        Attach(link, one) for one in self._plan.links[link].ends if one.node == node
                    )

    def _open(self, link: int) -> bool:
        """Attach first the ends on nodes that are there already."""
        if link in self._opened:
            return False
        self._opened.add(link)
        self.decisions.extend(
            Attach(link, one) for one in self._plan.links[link].ends if one.node is None
        )
        return True
