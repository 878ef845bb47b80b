"""As much of an Update as can be had: its best effort (decision 13)."""

from collections.abc import Callable, Iterable, Sequence

from gcf_am.errors import AmError
from gcf_am.manager import parting
from gcf_am.manager.draft import Item
from gcf_am.manager.record import Change
from gcf_am.model.topology import Link, Node
from gcf_am.urn import Urn

Draft = Callable[[Sequence[Item]], list[Change]]


def most(items: Sequence[Item], draft: Draft) -> tuple[list[Change], dict[Urn, AmError]]:
    """The changes for as many items as can be drafted together, and why the others cannot.

    All at once if that works. Else group by group, where a group is what links and interfaces
    tie together, and in a group that fails one item after the other, as long as that helps.
    """
    try:
        return draft(items), {}
    except AmError:
        pass
    taken: list[Item] = []
    changes: list[Change] = []
    errors: dict[Urn, AmError] = {}

    def take(more: Sequence[Item]) -> bool:
        try:
            changes[:] = draft([*taken, *more])
        except AmError as refused:
            errors.update((one.urn, refused) for one in more)
            return False
        taken.extend(more)
        for one in more:
            errors.pop(one.urn, None)
        return True

    for group in _groups(items):
        if not take(group) and len(group) > 1:
            left = group
            while rest := [one for one in left if not take([one])]:
                if len(rest) == len(left):
                    break
                left = rest
    return changes, errors


def _groups(items: Sequence[Item]) -> list[list[Item]]:
    """The items, those together that have an interface in common, now or afterwards."""
    groups: list[tuple[set[str], list[Item]]] = []
    for item in items:
        mine = _interfaces(item)
        tied = [one for one in groups if one[0] & mine]
        groups = [one for one in groups if not one[0] & mine]
        together = [other for _, members in tied for other in members] + [item]
        groups.append((mine.union(*(names for names, _ in tied)), together))
    order = {one.urn: place for place, one in enumerate(items)}
    return [_in_order(members, order) for _, members in groups]


def _in_order(members: Iterable[Item], order: dict[Urn, int]) -> list[Item]:
    """Nodes before the links that need them, otherwise as they came."""
    return sorted(members, key=lambda one: (isinstance(one.resource, Link), order[one.urn]))


def _interfaces(item: Item) -> set[str]:
    names: set[str] = set()
    if item.sliver is not None:
        names |= parting.interfaces(item.sliver.contents) | parting.interfaces(item.sliver.pending)
    if isinstance(item.resource, Node):
        names.update(one.client_id for one in item.resource.interfaces)
    elif isinstance(item.resource, Link):
        names.update(item.resource.interfaces)
    return names
