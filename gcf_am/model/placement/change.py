"""Changes that make a request easier to place."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from gcf_am.model.placement.wish import Wish
from gcf_am.model.topology import Link, Node


class Kind(StrEnum):
    """What is changed; the values are what clients read."""

    UNBIND = "unbind"
    SHARE = "share"
    FORGO = "forgo"
    CAPACITY = "capacity"
    REMOVE = "remove"


@dataclass(frozen=True, slots=True)
class Change:
    """One change of one node or link.

    `value` is the name of the feature that is forgone, or the kbit/s that are asked for instead.
    """

    kind: Kind
    element: Node | Link
    value: str = ""

    @property
    def words(self) -> str:
        """How the request would be then: `without the fixed component of node 'a'`."""
        name = f"{'node' if isinstance(self.element, Node) else 'link'} {self.element.client_id!r}"
        return {
            Kind.UNBIND: f"without the fixed component of {name}",
            Kind.SHARE: f"with exclusive=false for {name}",
            Kind.FORGO: f"without the desire of {name} for {self.value!r}",
            Kind.CAPACITY: f"with {self.value} kbit/s for {name}",
            Kind.REMOVE: f"without {name}",
        }[self.kind]

    def made(self, wishes: Sequence[Wish]) -> list[Wish]:
        """The wishes with this change."""
        if self.kind is Kind.REMOVE:
            return _without(self.element, wishes)
        return [
            replace(one, resource=self._changed(one.resource))
            if one.resource.client_id == self.element.client_id
            and type(one.resource) is type(self.element)
            else one
            for one in wishes
        ]

    def _changed(self, one: Node | Link) -> Node | Link:
        if isinstance(one, Link):
            most = int(self.value)
            return replace(
                one,
                properties=tuple(
                    replace(way, capacity=min(way.capacity, most)) if way.capacity else way
                    for way in one.properties
                ),
            )
        if self.kind is Kind.UNBIND:
            free = tuple(replace(end, component_id=None) for end in one.interfaces)
            return replace(one, component_id=None, interfaces=free)
        if self.kind is Kind.SHARE:
            return replace(one, exclusive=False)
        return replace(one, desires=tuple(each for each in one.desires if each.name != self.value))


def in_words(changes: Sequence[Change]) -> str:
    """All changes in one sentence's end; many nodes that are too many are counted."""
    nodes = [one for one in changes if one.kind is Kind.REMOVE and isinstance(one.element, Node)]
    told = [one.words for one in changes if one not in nodes]
    if nodes:
        what = _type_of([one.element for one in nodes if isinstance(one.element, Node)])
        fewer = f"{len(nodes)} node{'s' if len(nodes) > 1 else ''} fewer"
        names = ", ".join(repr(one.element.client_id) for one in nodes[:_NAMED])
        more = ", ..." if len(nodes) > _NAMED else ""
        told.append(f"with {fewer}{what}: without {names}{more}")
    return " and ".join(told)


# So many client_ids stand in a sentence; `value` has them all.
_NAMED = 5


def _type_of(nodes: Iterable[Node]) -> str:
    types = {one.hardware_types[:1] or (one.sliver_type,) for one in nodes}
    (name,) = types.pop() if len(types) == 1 else (None,)
    return f" of type {name}" if name else ""


def _without(element: Node | Link, wishes: Iterable[Wish]) -> list[Wish]:
    """A node goes with its ends of links, a link with its last end."""
    gone = {one.client_id for one in element.interfaces} if isinstance(element, Node) else set()
    left = []
    for one in wishes:
        resource = one.resource
        if resource == element:
            continue
        if isinstance(resource, Link) and gone.intersection(resource.interfaces):
            ends = tuple(end for end in resource.interfaces if end not in gone)
            if ends:
                left.append(replace(one, resource=replace(resource, interfaces=ends)))
            continue
        left.append(one)
    return left
