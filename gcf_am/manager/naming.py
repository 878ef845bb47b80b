"""client_ids are unique per kind over the slice's live slivers here (decision 10)."""

from collections.abc import Iterable, Iterator

from gcf_am.errors import BadArgs
from gcf_am.model.sliver import Contents, Sliver
from gcf_am.model.topology import Node, Resource
from gcf_am.urn import Urn


def check(claims: Iterable[tuple[Urn, Resource]], live: Iterable[Sliver]) -> None:
    """Raise BadArgs when a resource bears a name that another sliver has.

    `claims` are resources with the URNs of the slivers they make or change; `live` are slivers
    that stay, changed or not. The names they have now and will have count alike, so that neither
    Cancel nor Provision can ever make two the same.
    """
    owners = {
        name: sliver.urn
        for sliver in live
        for contents in (sliver.contents, sliver.pending)
        for name in _names_of(contents)
    }
    for urn, resource in claims:
        for kind, client_id in _names(resource):
            owner = owners.setdefault((kind, client_id), urn)
            if owner != urn:
                raise BadArgs(
                    f"line {resource.line}: {kind} {client_id!r} is in the slice already,"
                    f" with sliver {owner}; expected is another client_id, or in Update that"
                    " sliver_id, as the manifest has it"
                )


def _names_of(contents: Contents | None) -> Iterator[tuple[str, str]]:
    return iter(()) if contents is None else _names(contents.resource)


def _names(resource: Resource) -> Iterator[tuple[str, str]]:
    if isinstance(resource, Node):
        yield "node", resource.client_id
        for interface in resource.interfaces:
            yield "interface", interface.client_id
    else:
        yield "link", resource.client_id
