"""Which hosts can hold a node, and as what."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from gcf_am.errors import AmError, Unsupported
from gcf_am.model.images import is_meant
from gcf_am.model.placement.desires import Match, lack, match
from gcf_am.model.placement.wish import Wish
from gcf_am.model.site import Host, Site, SliverType
from gcf_am.model.topology import Node


@dataclass(frozen=True, slots=True)
class Offer:
    """A host that can hold a node, the sliver type and image it would be made of, its match."""

    host: Host
    sliver_type: str
    disk_image: str | None
    match: Match


Kind = tuple[object, ...]


class Offers:
    """Finds the offers for nodes; nodes that ask for the same share one answer.

    Shared hosts come before exclusive ones: a node that may be shared is given a host of its own
    only when it does not fit elsewhere. What holds leave does not matter here.
    Source: RSpec v3, node `exclusive`, hardware_type, sliver_type and disk_image; RSpec extension
    emulab/1, fd.
    """

    def __init__(self, site: Site) -> None:
        self._site = site
        self._found: dict[Kind, tuple[Offer, ...]] = {}

    def of(self, wish: Wish, node: Node, bound: Host | None) -> tuple[Offer, ...]:
        """The offers for a node, shared first, never empty; `bound` is the only host it may have.

        Raises Unsupported for what is not offered, naming what is.
        """
        kind = (
            bound.component_id if bound is not None else None,
            node.exclusive,
            node.sliver_type,
            node.disk_image,
            node.hardware_types,
            node.desires,
        )
        if kind not in self._found:
            if bound is None:
                hosts = [host for host in self._site.hosts if host.sliver_types and not host.switch]
            elif not bound.sliver_types:
                raise Unsupported(
                    f"{wish.title} is bound to {bound.component_id}, which takes no slivers"
                )
            else:
                hosts = [bound]
            found = [*_offers(self._site, hosts, node)]
            if not found:
                raise self._refusal(wish, node, hosts)
            found.sort(key=lambda offer: offer.host.exclusive)
            self._found[kind] = tuple(found)
        return self._found[kind]

    def _refusal(self, wish: Wish, node: Node, hosts: list[Host]) -> AmError:
        place = hosts[0].component_id if len(hosts) == 1 else "this aggregate"
        types = [one for host in hosts for one in host.sliver_types]
        hardware = [name for host in hosts for name in host.hardware_types]
        images = [
            image for one in types if node.sliver_type in {None, one.name} for image in one.images
        ]
        if node.hardware_types and not set(node.hardware_types) & set(hardware):
            wanted, offered = "hardware type " + " or ".join(node.hardware_types), hardware
        elif node.sliver_type is not None and all(one.name != node.sliver_type for one in types):
            wanted, offered = f"sliver type {node.sliver_type}", [one.name for one in types]
        elif node.disk_image is not None and not any(
            is_meant(one, node.disk_image, self._site.manager.authority) for one in images
        ):
            wanted, offered = f"disk image {node.disk_image}", [one.name for one in images]
        elif node.disk_image is None and images and all(one.added for one in images):
            wanted, offered = "no disk image by name", [one.name for one in images]
        elif (lacking := lack(node.desires, hosts, self._site)) is not None:
            return Unsupported(
                f"{wish.title} cannot be without {lacking}; {place} does not offer it"
            )
        elif node.exclusive and not any(host.exclusive for host in hosts):
            return Unsupported(f"{wish.title} must be exclusive; {place} has only shared hosts")
        else:
            return Unsupported(
                f"{wish.title}: {place} offers all that it asks for, but no host offers it together"
            )
        names = ", ".join(dict.fromkeys(offered)) or "none"
        return Unsupported(f"{wish.title} asks for {wanted}; {place} offers: {names}")


def _offers(site: Site, hosts: Sequence[Host], node: Node) -> Iterator[Offer]:
    """The offers of these hosts; hosts of one kind offer alike, unless they hold a share of it."""
    known: dict[int, Offer | None] = {}
    for host in hosts:
        kind = site.cables.host_kind[host.component_id]
        offer = known.get(kind)
        if offer is not None:
            yield Offer(host, offer.sliver_type, offer.disk_image, offer.match)
        elif kind not in known:
            offer = _offer(site, host, node)
            if offer is None or not offer.match.shares:
                known[kind] = offer
            if offer is not None:
                yield offer


def _offer(site: Site, host: Host, node: Node) -> Offer | None:
    if node.exclusive and not host.exclusive:
        return None
    if node.hardware_types and not set(node.hardware_types) & set(host.hardware_types):
        return None
    suits = match(node.desires, host, site)
    if suits is None:
        return None
    for one in host.sliver_types:
        if node.sliver_type in {None, one.name}:
            for image in _images(site, one, node.disk_image):
                return Offer(host, one.name, image, suits)
    return None


def _images(site: Site, sliver_type: SliverType, wanted: str | None) -> Iterator[str | None]:
    if wanted is not None:
        authority = site.manager.authority
        yield from (one.name for one in sliver_type.images if is_meant(one, wanted, authority))
        return
    unasked = [one for one in sliver_type.images if not one.added]
    if unasked:
        yield next((one for one in unasked if one.default), unasked[0]).name
    elif not sliver_type.images:
        yield None
