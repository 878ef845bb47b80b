"""What numbers that were drawn mean in a slice as it is now: mostly what can be asked for."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

from tests.properties.verbs.documents import Item
from tests.properties.verbs.model import Chosen
from tests.properties.verbs.slivers import Sliver
from tests.properties.verbs.wishes import Link, Node, Wish


@dataclass(frozen=True)
class DrawnNode:
    """A node; `clashes` gives it a name that is taken, `nowhere` a host that is not there."""

    number: int
    interfaces: int
    exclusive: bool | None
    host: str | None
    clashes: bool
    nowhere: bool

    def named(self, name: str) -> Node:
        interfaces = tuple(f"{name}:{number}" for number in range(self.interfaces))
        host = "nowhere" if self.nowhere else self.host
        exclusive = self.exclusive if self.clashes or host in {None, "pc1", "pc2"} else None
        return Node(name, interfaces, exclusive, host)


@dataclass(frozen=True)
class DrawnLink:
    """A link; `astray` lets it end on any interface: one that is in use, or that is not there."""

    number: int
    ends: list[int]
    capacity: int
    clashes: bool
    astray: bool

    def named(self, name: str, free: Collection[str], there: Sequence[str]) -> Link | None:
        """The link between interfaces that are `free`, of those that are `there`."""
        choice = [*there, "x:0", "x:1"] if self.astray else [one for one in there if one in free]
        ends = tuple(dict.fromkeys(choice[end % len(choice)] for end in self.ends if choice))
        return Link(name, ends, self.capacity) if len(ends) > 1 else None


# number of the sliver; "drop", "change" (all of it) or "move" (its host, its capacity); what to
Edit = tuple[int, str, DrawnNode, DrawnLink]


def wishes(
    live: Sequence[Sliver], new: Sequence[DrawnNode], joining: Sequence[DrawnLink]
) -> list[Wish]:
    """New nodes, and links between their interfaces or others of the slice."""
    there = [one.future.wish for one in live if one.future is not None]
    return _beside(live, there, new, joining)


def edited(
    live: Sequence[Sliver],
    chosen: Chosen,
    edits: Sequence[Edit],
    new: Sequence[DrawnNode],
    joining: Sequence[DrawnLink],
) -> list[Item]:
    """The slivers chosen, as they are or edited, and what is new beside them."""
    named = {one.urn for one in chosen.slivers}
    wanted = {one.urn: (one.future or one.now).wish for one in chosen.slivers}
    others = [one.future.wish for one in live if one.urn not in named and one.future is not None]
    for number, what, node, link in edits:
        if not wanted:
            break
        urn = list(wanted)[number % len(wanted)]
        before = wanted.pop(urn)
        after: Wish | None = None
        if what == "move" and isinstance(before, Node):
            after = replace(before, host=node.host, exclusive=None, ports=())
        elif what == "move" and isinstance(before, Link):
            after = replace(before, capacity=link.capacity)
        elif what == "change" and isinstance(before, Node):
            after = node.named(before.name)
        elif what == "change":
            beside = [*others, *wanted.values()]
            after = link.named(before.name, _free(beside), _interfaces(beside))
        if after is not None:
            wanted[urn] = after
    items = [Item(wish, urn) for urn, wish in _ended(wanted, others).items()]
    there = [*others, *(one.wish for one in items)]
    return items + [Item(one) for one in _beside(live, there, new, joining)]


def _ended(wanted: dict[str, Wish], others: Sequence[Wish]) -> dict[str, Wish]:
    """The links without the ends that the request takes away; a link with one end is none."""
    there = _interfaces([*others, *wanted.values()])
    kept: dict[str, Wish] = {}
    for urn, wish in wanted.items():
        if isinstance(wish, Link):
            ends = tuple(one for one in wish.ends if one in there)
            if ends:
                kept[urn] = replace(wish, ends=ends)
        else:
            kept[urn] = wish
    return kept


def _beside(
    live: Sequence[Sliver],
    there: Sequence[Wish],
    new: Sequence[DrawnNode],
    joining: Sequence[DrawnLink],
) -> list[Wish]:
    taken = {name for one in live for kind, name in one.names if kind != "interface"}
    made: list[Wish] = []
    for drawn in new:
        made.append(drawn.named(_name("abcdefgh", drawn.number, taken, clash=drawn.clashes)))
    for join in joining:
        name = _name("lmnopqrs", join.number, taken, clash=join.clashes)
        beside = [*there, *made]
        link = join.named(name, _free(beside), _interfaces(beside))
        if link is not None:
            made.append(link)
    return made


def _name(names: str, number: int, taken: set[str], *, clash: bool) -> str:
    """A name that nobody has, or on a clash one that somebody has; from now on it is taken."""
    choice = [one for one in names if (one in taken) is clash] or list(names)
    name = choice[number % len(choice)]
    taken.add(name)
    return name


def _interfaces(wishes: Sequence[Wish]) -> list[str]:
    return [end for one in wishes if isinstance(one, Node) for end in one.interfaces]


def _free(wishes: Sequence[Wish]) -> set[str]:
    used = {end for one in wishes if isinstance(one, Link) for end in one.ends}
    return set(_interfaces(wishes)) - used
