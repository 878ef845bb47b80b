"""Is what an aggregate need not understand still there as it came?"""

from collections.abc import Iterator

from gcf_am.conformance.documents.reading import RSPEC, Element, canonical, core
from gcf_am.conformance.judging.manifests import is_manager

_PLACES = ("node", "link")
# manifest.xsd wants the one on every link; the other is text that a schema says nothing of
_LINK_ADDITIONS = ("vlantag",)


def extensions(request: Element, manifest: Element, kind: str) -> list[str]:
    """R154: the extensions' elements below nodes, links or the rspec itself are unchanged."""
    return list(_extensions(request, manifest, kind))


def _extensions(request: Element, manifest: Element, kind: str) -> Iterator[str]:
    if kind == "rspec":
        pairs = [("rspec", request, manifest)]
    else:
        given = {one.get("client_id"): one for one in manifest.findall(core(kind))}
        pairs = [
            (f"{kind} {one.get('client_id')!r}", one, given[one.get("client_id")])
            for one in request.findall(core(kind))
            if one.get("client_id") in given
        ]
    for name, asked, shown in pairs:
        has = {canonical(one) for one in _foreign_children(shown)}
        for one in _foreign_children(asked):
            if canonical(one) not in has:
                yield f"{name}: {canonical(one)} is gone or changed"


def _foreign_children(element: Element) -> Iterator[Element]:
    for one in element.iterchildren("*"):
        if not str(one.tag).startswith(f"{{{RSPEC}}}"):
            yield one


def attributes(request: Element, manifest: Element) -> list[str]:
    """R154: the extensions' attributes of nodes are unchanged."""
    given = {one.get("client_id"): one for one in manifest.findall(core("node"))}
    faults = []
    for node in request.findall(core("node")):
        shown = given.get(node.get("client_id"))
        for name, value in ((str(key), text) for key, text in node.attrib.items()):
            if name.startswith("{") and (shown is None or shown.get(name) != value):
                faults.append(f"node {node.get('client_id')!r} has lost the attribute {name}")
    return faults


def others(request: Element, manifest: Element, manager: str) -> list[str]:
    """R153: nodes of other aggregates, and links among them, are copied as they are.

    They have no sliver here; a link may have got the vlantag that the manifest's schema wants.
    """
    faults = []
    for kind in _PLACES:
        given = {one.get("client_id"): one for one in manifest.findall(core(kind))}
        for asked in request.findall(core(kind)):
            if not _is_others(asked, manager):
                continue
            name, shown = asked.get("client_id"), given.get(asked.get("client_id"))
            if shown is None:
                faults.append(f"{kind} {name!r} of another aggregate is gone")
            elif shown.get("sliver_id"):
                faults.append(f"{kind} {name!r} of another aggregate has a sliver_id")
            elif canonical(asked, *_LINK_ADDITIONS) != canonical(shown, *_LINK_ADDITIONS):
                faults.append(f"{kind} {name!r} of another aggregate was changed")
    return faults


def _is_others(element: Element, manager: str) -> bool:
    if element.tag == core("node"):
        named = [element.get("component_manager_id", manager)]
    else:
        named = [one.get("name", "") for one in element.findall(core("component_manager"))]
    return bool(named) and not any(is_manager(one, manager) for one in named)
