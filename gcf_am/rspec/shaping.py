"""How a node shapes what passes through it: the extension delay/1."""

import math
from collections.abc import Collection, Iterator
from typing import Final

from lxml import etree

from gcf_am.model.topology import Pipe, Property, Queue
from gcf_am.rspec.names import DELAY
from gcf_am.rspec.numbers import number_of
from gcf_am.rspec.position import refusal

_PIPES: Final = f"{{{DELAY}}}sliver_type_shaping/{{{DELAY}}}pipe"
_TRUE: Final = frozenset({"true", "1"})


def read_pipes(sliver_type: etree._Element, interfaces: Collection[str]) -> Iterator[Pipe]:
    """The pipes in a sliver type; `interfaces` are those of its node.

    Raises BadArgs for one that does not lead from one of them to another, for a second one of
    the same direction, and for what is no number.
    """
    seen: set[tuple[str, str]] = set()
    for element in sliver_type.iterfind(_PIPES):
        way = read_way(element, ("source", "dest"), interfaces, "its node")
        if way.source == way.dest:
            raise refusal(element, f"it leads from interface {way.source[:80]!r} to itself")
        if (way.source, way.dest) in seen:
            raise refusal(
                element, f"there is one from {way.source[:80]!r} to {way.dest[:80]!r} already"
            )
        seen.add((way.source, way.dest))
        yield Pipe(way, _queue(element))


def read_way(
    element: etree._Element, names: tuple[str, str], interfaces: Collection[str], owner: str
) -> Property:
    """One direction, of a pipe or of a link, with its numbers; raises BadArgs.

    `names` are the attributes that name its two interfaces.
    """
    source, dest = (element.get(name, "") for name in names)
    for name, end in zip(names, (source, dest), strict=True):
        if end not in interfaces:
            raise refusal(element, f"its {name} {end[:80]!r} is no interface of {owner}")
    capacity, latency, loss = (
        _number(element, name) for name in ("capacity", "latency", "packet_loss")
    )
    return Property(
        source=source,
        dest=dest,
        capacity=None if capacity is None else math.ceil(capacity),
        latency=latency,
        packet_loss=loss,
    )


def _queue(element: etree._Element) -> Queue:
    return Queue(
        limit=_whole(element, "limit"),
        in_bytes=_truth(element, "queue_in_bytes"),
        red=_truth(element, "red"),
        gentle=_truth(element, "gentle"),
        thresh=_whole(element, "thresh"),
        maxthresh=_whole(element, "maxthresh"),
        linterm=_whole(element, "linterm"),
        weight=_number(element, "q_weight"),
    )


def _number(element: etree._Element, name: str) -> float | None:
    try:
        return number_of(element, name)
    except ValueError as error:
        raise refusal(element, str(error)) from None


def _whole(element: etree._Element, name: str) -> int | None:
    number = _number(element, name)
    return None if number is None else int(number)


def _truth(element: etree._Element, name: str) -> bool | None:
    text = element.get(name)
    return None if text is None else text.strip() in _TRUE
