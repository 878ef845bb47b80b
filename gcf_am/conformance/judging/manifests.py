"""Is a manifest right for its request, its slivers and its advertisement?"""

import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Final

from gcf_am.conformance.documents.reading import Element, canonical, core

_URN: Final = re.compile(r"urn:publicid:IDN\+([^+\s]+)\+([^+\s]+)\+([^\s]+)", re.ASCII)
_KINDS: Final = ("node", "link")


def authority(urn: str) -> str:
    """The authority in a URN, in lower case; "" when it is no URN."""
    match = _URN.fullmatch(urn)
    return match[1].lower() if match else ""


def is_manager(urn: str, manager: str) -> bool:
    """Whether a component_manager_id names this aggregate, as `am` or by the older `cm` (R266)."""
    match = _URN.fullmatch(urn)
    if match is None or match[1].lower() != authority(manager):
        return False
    return (match[2].lower(), match[3].lower()) in {("authority", "am"), ("authority", "cm")}


def ours(root: Element, kind: str, manager: str) -> list[Element]:
    """The nodes or links that this aggregate is asked for (R267: no manager means this one)."""
    if kind == "node":
        return [
            one
            for one in root.findall(core("node"))
            if is_manager(one.get("component_manager_id", manager), manager)
        ]
    return [one for one in root.findall(core("link")) if not _theirs(one, manager)]


def _theirs(link: Element, manager: str) -> bool:
    named = [one.get("name", "") for one in link.findall(core("component_manager"))]
    return bool(named) and not any(is_manager(one, manager) for one in named)


def client_ids(root: Element, kind: str, manager: str) -> list[str]:
    """The client_ids of our nodes or links, in their order."""
    return [one.get("client_id", "") for one in ours(root, kind, manager)]


def slivers(root: Element) -> dict[str, str]:
    """sliver_id by client_id, of nodes and links that have one."""
    return {
        one.get("client_id", ""): urn
        for one in root.iterchildren(core("node"), core("link"))
        if (urn := one.get("sliver_id")) is not None
    }


def kept_ids(request: Element, manifest: Element, manager: str) -> list[str]:
    """R265, R140: each node and link that was asked for is there once, under its name, no other."""
    return list(_kept_ids(request, manifest, manager))


def _kept_ids(request: Element, manifest: Element, manager: str) -> Iterator[str]:
    for kind in _KINDS:
        asked = Counter(client_ids(request, kind, manager))
        given = Counter(client_ids(manifest, kind, manager))
        for name in asked.keys() | given.keys():
            if asked[name] != given[name]:
                yield f"{kind} {name!r} was asked for {asked[name]} and is there {given[name]} times"


def kept_order(request: Element, manifest: Element, manager: str) -> list[str]:
    """Nodes and links stand in the order of the request."""
    return [
        f"the {kind}s stand in the order {given}, asked for as {asked}"
        for kind in _KINDS
        if (asked := client_ids(request, kind, manager))
        != (given := client_ids(manifest, kind, manager))
    ]


def kept_interfaces(request: Element, manifest: Element, manager: str) -> list[str]:
    """R265: each node has the interfaces it was asked for, under their names."""
    faults = []
    given = {one.get("client_id"): one for one in ours(manifest, "node", manager)}
    for node in ours(request, "node", manager):
        mine = given.get(node.get("client_id"))
        wanted = _ids(node, "interface")
        has = [] if mine is None else _ids(mine, "interface")
        if sorted(wanted) != sorted(has):
            faults.append(f"node {node.get('client_id')!r}: interfaces {has}, asked for {wanted}")
    return faults


def kept_ends(request: Element, manifest: Element, manager: str) -> list[str]:
    """R265: each link joins the interfaces it was asked for."""
    faults = []
    given = {one.get("client_id"): one for one in ours(manifest, "link", manager)}
    for link in ours(request, "link", manager):
        mine = given.get(link.get("client_id"))
        wanted, has = (
            _ids(link, "interface_ref"),
            [] if mine is None else _ids(mine, "interface_ref"),
        )
        if sorted(wanted) != sorted(has):
            faults.append(f"link {link.get('client_id')!r}: joins {has}, asked for {wanted}")
    return faults


def _ids(element: Element, name: str) -> list[str]:
    return [one.get("client_id", "") for one in element.findall(core(name))]


def listed(manifest: Element, told: Iterable[str], manager: str) -> list[str]:
    """R140: our nodes and links have sliver_ids, and they are the slivers that were told."""
    faults = [
        f"{kind} {one.get('client_id')!r} has no sliver_id"
        for kind in _KINDS
        for one in ours(manifest, kind, manager)
        if not one.get("sliver_id")
    ]
    shown, said = set(slivers(manifest).values()), set(told)
    faults += [f"{one} is in the manifest and not in geni_slivers" for one in sorted(shown - said)]
    faults += [f"{one} is in geni_slivers and not in the manifest" for one in sorted(said - shown)]
    return faults


def components(manifest: Element, advertised: Collection[str], manager: str) -> list[str]:
    """R140: our nodes say which of the advertised components they are on."""
    return [
        f"node {one.get('client_id')!r} has the component_id {one.get('component_id')!r},"
        " which the advertisement does not have"
        for one in ours(manifest, "node", manager)
        if one.get("component_id") not in advertised
    ]


def managers(manifest: Element, manager: str) -> list[str]:
    """R140: each node with a sliver says that this aggregate manages it."""
    return [
        f"node {one.get('client_id')!r} has the component_manager_id"
        f" {one.get('component_manager_id')!r}, not {manager}"
        for one in manifest.findall(core("node"))
        if one.get("sliver_id") and not is_manager(one.get("component_manager_id", ""), manager)
    ]


def sliver_authorities(urns: Iterable[str], manager: str) -> list[str]:
    """R053: slivers are named by this aggregate's authority."""
    return [
        f"{one} is not a sliver of the authority {authority(manager)!r}"
        for one in urns
        if (match := _URN.fullmatch(one)) is None
        or match[2].lower() != "sliver"
        or match[1].lower() != authority(manager)
    ]


def distinct_exclusives(manifest: Element, exclusive: Collection[str]) -> list[str]:
    """No two nodes stand on the same component among these, which go to one at a time."""
    used = Counter(
        component
        for one in manifest.findall(core("node"))
        if one.get("sliver_id") and (component := one.get("component_id", "")) in exclusive
    )
    return [f"{one} is given to {times} nodes" for one, times in used.items() if times > 1]


def kept_sliver_types(request: Element, manifest: Element, manager: str) -> list[str]:
    """The sliver type that was asked for is the one that is shown."""
    given = {one.get("client_id"): one for one in ours(manifest, "node", manager)}
    faults = []
    for node in ours(request, "node", manager):
        wanted = node.find(core("sliver_type"))
        mine = given.get(node.get("client_id"))
        has = None if mine is None else mine.find(core("sliver_type"))
        if wanted is not None and (has is None or has.get("name") != wanted.get("name")):
            told = "none" if has is None else repr(has.get("name"))
            faults.append(
                f"node {node.get('client_id')!r}: sliver type {told}, not {wanted.get('name')!r}"
            )
    return faults


def kept_inside(
    request: Element, manifest: Element, manager: str, path: tuple[str, ...]
) -> list[str]:
    """What a node asked for at this path of RSpec elements stands in the manifest unchanged."""
    faults = []
    place = "/".join(map(core, path))
    given = {one.get("client_id"): one for one in ours(manifest, "node", manager)}
    for node in ours(request, "node", manager):
        mine = given.get(node.get("client_id"))
        has = set() if mine is None else {canonical(one) for one in mine.iterfind(place)}
        faults += [
            f"node {node.get('client_id')!r}: {canonical(one)} is gone or changed"
            for one in node.iterfind(place)
            if canonical(one) not in has
        ]
    return faults


def bound(request: Element, manifest: Element, manager: str) -> list[str]:
    """A node that named its component is on it."""
    given = {one.get("client_id"): one for one in ours(manifest, "node", manager)}
    faults = []
    for node in ours(request, "node", manager):
        wanted, mine = node.get("component_id"), given.get(node.get("client_id"))
        has = None if mine is None else mine.get("component_id")
        if wanted and has != wanted:
            faults.append(f"node {node.get('client_id')!r} is on {has}, not on {wanted}")
    return faults


def shows(manifest: Element, wanted: Mapping[str, str]) -> list[str]:
    """The manifest holds these slivers (client_id to sliver_id), and no other."""
    has = slivers(manifest)
    return [] if has == dict(wanted) else [f"it shows {has}, not {dict(wanted)}"]
