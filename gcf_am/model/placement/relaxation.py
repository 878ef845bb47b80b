"""The smallest relaxation: what of a request that does not fit would have to change so that it does."""

from collections.abc import Callable, Iterator, Sequence
from typing import Final

from gcf_am.model.placement.attempt import Fit
from gcf_am.model.placement.change import Change, Kind
from gcf_am.model.placement.shortage import Shortage
from gcf_am.model.placement.wish import Wish
from gcf_am.model.topology import Link, Node

Retry = Callable[[Sequence[Wish]], Fit | Shortage | None]

# So many requests are tried in all, a large one less often: this bounds the work of a refusal.
_RETRIES: Final = 16
_RETRIES_OF: Final = 1500
# A capacity is narrowed down so often.
_HALVINGS: Final = 4


def relaxation(
    wishes: Sequence[Wish], shortage: Shortage, retry: Retry
) -> tuple[Change, ...] | None:
    """Changes with which the wishes fit now, as few as were found; None when none were.

    What falls short is changed where that is enough: first what the request says beyond need,
    then how much it wants. Else the strongest of these is made, and what falls short then is
    changed, too. `retry` tries wishes again; it is None where they cannot be at all. A sliver
    that is there stays.
    """
    return _Relaxing(wishes, retry).run(shortage)


class _Relaxing:
    def __init__(self, wishes: Sequence[Wish], retry: Retry) -> None:
        self._given = wishes
        self._wishes = list(wishes)
        self._retry = retry
        self._left = max(1, min(_RETRIES, _RETRIES_OF // max(1, len(wishes))))
        self._made: tuple[Change, ...] = ()

    def run(self, shortage: Shortage) -> tuple[Change, ...] | None:
        while True:
            strongest: tuple[tuple[Change, ...], list[Wish], Shortage] | None = None
            for candidate in _candidates(self._wishes, shortage):
                changes, found, wishes = self._tried(candidate)
                if isinstance(found, Fit):
                    least = self._least(changes, shortage)
                    return (*self._needed(least), *least)
                if found is not None:
                    strongest = changes, wishes, found
                if self._left <= 0:
                    return None
            if strongest is None:
                return None
            changes, self._wishes, shortage = strongest
            self._made += changes

    def _needed(self, last: tuple[Change, ...]) -> tuple[Change, ...]:
        """Of the changes made before the last those that are needed beside it."""
        needed = self._made
        for one in self._made:
            if self._left <= 0:
                break
            fewer = tuple(each for each in needed if each is not one)
            self._wishes = list(self._given)
            if isinstance(self._try((*fewer, *last))[0], Fit):
                needed = fewer
        return needed

    def _try(self, changes: Sequence[Change]) -> tuple[Fit | Shortage | None, list[Wish]]:
        self._left -= 1
        wishes = self._wishes
        for one in changes:
            wishes = one.made(wishes)
        return self._retry(wishes), wishes

    def _tried(
        self, changes: tuple[Change, ...]
    ) -> tuple[tuple[Change, ...], Fit | Shortage | None, list[Wish]]:
        """Try changes; of a capacity what is left, even where that turns out to be less."""
        found, wishes = self._try(changes)
        while (
            changes[0].kind is Kind.CAPACITY
            and isinstance(found, Shortage)
            and found.what == "kbit/s"
            and wishes[found.number].resource.client_id == changes[0].element.client_id
            and found.available < int(changes[0].value)
            and self._left > 0
        ):
            changes = (Change(Kind.CAPACITY, changes[0].element, str(int(found.available))),)
            found, wishes = self._try(changes)
        return changes, found, wishes

    def _least(self, changes: tuple[Change, ...], shortage: Shortage) -> tuple[Change, ...]:
        """The largest capacity that fits, as far as that is tried."""
        if changes[0].kind is not Kind.CAPACITY:
            return changes
        low, high = int(changes[0].value), int(shortage.wanted)
        best = changes
        for _ in range(_HALVINGS):
            middle = (low + high) // 2
            if self._left <= 0 or middle in {low, high}:
                break
            tried = (Change(Kind.CAPACITY, changes[0].element, str(middle)),)
            if isinstance(self._try(tried)[0], Fit):
                low, best = middle, tried
            else:
                high = middle
        return best


def _candidates(wishes: Sequence[Wish], shortage: Shortage) -> Iterator[tuple[Change, ...]]:
    """What may help against a shortage, the least first."""
    wish = wishes[shortage.number]
    one = wish.resource
    if isinstance(one, Node):
        if _bound(one):
            yield (Change(Kind.UNBIND, one),)
        feature = shortage.what.partition("feature ")[2]
        if feature:
            yield (Change(Kind.FORGO, one, feature),)
        if one.exclusive:
            yield (Change(Kind.SHARE, one),)
        gone = [wishes[number] for number in shortage.excess or (shortage.number,)]
        if all(each.keep is None for each in gone):
            yield tuple(Change(Kind.REMOVE, each.resource) for each in gone)
        return
    if shortage.what == "kbit/s":
        yield (Change(Kind.CAPACITY, one, str(int(shortage.available))),)
    for node in _nodes_of(one, wishes):
        if _bound(node):
            yield (Change(Kind.UNBIND, node),)
    if wish.keep is None:
        yield (Change(Kind.REMOVE, one),)


def _bound(node: Node) -> bool:
    return node.component_id is not None or any(
        one.component_id is not None for one in node.interfaces
    )


def _nodes_of(link: Link, wishes: Sequence[Wish]) -> Iterator[Node]:
    ends = set(link.interfaces)
    for one in wishes:
        if isinstance(one.resource, Node) and any(
            end.client_id in ends for end in one.resource.interfaces
        ):
            yield one.resource
