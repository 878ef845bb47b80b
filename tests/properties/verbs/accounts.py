"""What slices show of themselves, summed up as what they take of the site."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping

from tests.functional.running import Slice
from tests.properties.verbs.documents import Shown, read_manifest
from tests.properties.verbs.wishes import SITE, Contents, Holds, Link, Node, most


def check_capacity(held: Holds) -> None:
    for key, amount in held.items():
        assert amount <= SITE.get(key, 1), (key, amount)


def accounted(slice_: Slice, capacities: Mapping[str, int]) -> Counter[tuple[str, str]]:
    """What the slice's manifests say that it takes, of its slivers now and as they will be.

    `capacities` are those of links, by sliver URN.
    """
    views = [
        {urn: contents_of(one, capacities.get(urn, 0)) for urn, one in shown.items()}
        for cancelled in (False, True)
        for shown in [
            read_manifest(slice_.done("Describe", geni_cancelled=cancelled)["geni_rspec"])
        ]
    ]
    taken: Counter[tuple[str, str]] = Counter()
    for urn in views[0].keys() | views[1].keys():
        taken.update(most(*(view.get(urn) for view in views)))
    return +taken


def contents_of(shown: Shown, capacity: int) -> Contents:
    ends = tuple(shown.interfaces)
    if shown.kind == "node":
        return shown.of(Node(shown.name, ends))
    return shown.of(Link(shown.name, ends, capacity))


def accounted_by(slices: Iterable[Slice], capacities: Mapping[str, int]) -> Holds:
    """What all the slices take together."""
    taken: Counter[tuple[str, str]] = Counter()
    for one in slices:
        taken.update(accounted(one, capacities))
    return taken
