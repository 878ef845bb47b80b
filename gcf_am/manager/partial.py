"""As much of an Update as can be had: its best effort (decision 13)."""

from collections.abc import Callable, Iterable, Sequence
from typing import Final

from gcf_am.errors import AmError, Refused
from gcf_am.manager import parting
from gcf_am.manager.draft import Item
from gcf_am.manager.record import Change
from gcf_am.model.topology import Link, Node
from gcf_am.urn import Urn

Draft = Callable[[Sequence[Item]], list[Change]]

# Items, each as often as it is drafted: some seconds, in which others wait for the holds.
MOST_DRAFTED: Final = 20_000


def most(items: Sequence[Item], draft: Draft) -> tuple[list[Change], dict[Urn, AmError]]:
    """The changes for as many items as can be drafted together, and why the others cannot.

    All at once if that works. Else group by group, where a group is what links and interfaces
    tie together, and in a group that fails one item after the other, as long as that helps. What
    is not reached within MOST_DRAFTED is Refused.
    """
    try:
        return draft(items), {}
    except AmError:
        pass
    taken: list[Item] = []
    changes: list[Change] = []
    errors: dict[Urn, AmError] = {}
    drafted = 0

    def take(more: Sequence[Item]) -> bool:
        nonlocal drafted
        drafted += len(taken) + len(more)
        try:
            if drafted > MOST_DRAFTED:
                raise Refused("not tried, since so much else fails; ask for less at once")
            changes[:] = draft([*taken, *more])
        except AmError as refused:
            errors.update((one.urn, refused) for one in more)
            return False
        taken.extend(more)
        for one in more:
            errors.pop(one.urn, None)
        return True

    def settle(groups: Sequence[list[Item]]) -> None:
        if take([one for group in groups for one in group]):
            return
        if len(groups) > 1:  # in halves: few bad ones among many good ones are found soon
            middle = len(groups) // 2
            settle(groups[:middle])
            settle(groups[middle:])
            return
        left = groups[0]
        if len(left) > 1:
            while rest := [one for one in left if not take([one])]:
                if len(rest) == len(left):
                    break
                left = rest

    settle(_groups(items))
    return changes, errors


def _groups(items: Sequence[Item]) -> list[list[Item]]:
    """The items, those together that have an interface in common, now or afterwards."""
    users: dict[str, list[int]] = {}
    for place, item in enumerate(items):
        for name in _interfaces(item):
            users.setdefault(name, []).append(place)
    groups: list[list[Item]] = []
    seen: set[int] = set()
    for start in range(len(items)):
        group: list[int] = []
        left = [start]
        while left:
            place = left.pop()
            if place not in seen:
                seen.add(place)
                group.append(place)
                # each name leads on once: a LAN's ends are not gone through again from each end
                for name in _interfaces(items[place]):
                    left += users.pop(name, ())
        if group:
            groups.append(_in_order(items[place] for place in sorted(group)))
    return groups


def _in_order(members: Iterable[Item]) -> list[Item]:
    """Nodes before the links that need them, otherwise as they came."""
    return sorted(members, key=lambda one: isinstance(one.resource, Link))


def _interfaces(item: Item) -> set[str]:
    names: set[str] = set()
    if item.sliver is not None:
        names |= parting.interfaces(item.sliver.contents) | parting.interfaces(item.sliver.pending)
    if isinstance(item.resource, Node):
        names.update(one.client_id for one in item.resource.interfaces)
    elif isinstance(item.resource, Link):
        names.update(item.resource.interfaces)
    return names
