"""Applies a relaxation as a client would: from the struct of a refusal, to the request."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from gcf_am.errors import AmError
from gcf_am.model.placement import Wish
from gcf_am.model.topology import Link, Node


def shortage_of(refusal: AmError) -> dict[str, Any]:
    """The struct of a refusal."""
    assert isinstance(refusal.hint, Mapping)
    (found,) = refusal.hint.values()
    assert isinstance(found, dict)
    return found


def relaxed(wishes: Sequence[Wish], shortage: Mapping[str, Any]) -> list[Wish]:
    """The request with all the changes that a refusal tells."""
    found = list(wishes)
    for change in shortage["relaxation"]:
        kind = Node if change["kind"] == "node" else Link
        (one,) = (
            each
            for each in found
            if isinstance(each.resource, kind) and each.resource.client_id == change["element"]
        )
        found = _changed(found, one, change)
    return found


def _changed(wishes: list[Wish], one: Wish, change: Mapping[str, Any]) -> list[Wish]:
    if change["change"] == "remove":
        return _removed(wishes, one)
    place, resource = wishes.index(one), one.resource
    if isinstance(resource, Link):
        assert change["change"] == "capacity"
        most = int(change["value"])
        ways = tuple(
            replace(each, capacity=min(each.capacity or 0, most)) for each in resource.properties
        )
        new: Node | Link = replace(resource, properties=ways)
    else:
        new = {
            "unbind": lambda: replace(
                resource,
                component_id=None,
                interfaces=tuple(replace(each, component_id=None) for each in resource.interfaces),
            ),
            "share": lambda: replace(resource, exclusive=False),
            "forgo": lambda: replace(
                resource,
                desires=tuple(each for each in resource.desires if each.name != change["value"]),
            ),
        }[change["change"]]()
    assert new != resource, "a change changes something"
    return [*wishes[:place], replace(one, resource=new), *wishes[place + 1 :]]


def _removed(wishes: list[Wish], one: Wish) -> list[Wish]:
    assert one.keep is None, "what is there stays"
    left = [each for each in wishes if each is not one]
    if isinstance(one.resource, Link):
        return left
    gone = {end.client_id for end in one.resource.interfaces}
    found = []
    for each in left:
        resource = each.resource
        if isinstance(resource, Link):
            ends = tuple(end for end in resource.interfaces if end not in gone)
            if not ends:
                continue
            resource = replace(resource, interfaces=ends)
        found.append(replace(each, resource=resource))
    return found
