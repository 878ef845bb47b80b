"""Restrictions: what of a site somebody may use."""

from collections.abc import Iterable
from dataclasses import replace

from gcf_am.errors import Refused
from gcf_am.model.site import Host, Site, SliverType
from gcf_am.model.sliver import Contents, NodePlacement
from gcf_am.policy.rules import Restriction, Rules, Who


def permitted(rules: Rules, who: Who, site: Site) -> Site:
    """The site without what they may not use; the very same where they may use all.

    Sliver types and images that are not for them are left out, hosts where nothing is left are
    not available, so that what they have there stays where it is.
    """
    barring = [one for one in rules.restrictions if not one.permits(who)]
    if not barring:
        return site
    hosts = tuple(_permitted(barring, one) for one in site.hosts)
    if all(one is other for one, other in zip(hosts, site.hosts, strict=True)):
        return site
    return replace(site, hosts=hosts)


def judge(rules: Rules, who: Who, site: Site, nodes: Iterable[Contents]) -> None:
    """Raise Refused, naming the rule, when one of these is what they may not use."""
    barring = [one for one in rules.restrictions if not one.permits(who)]
    for contents in nodes if barring else ():
        placed = contents.placement
        if not isinstance(placed, NodePlacement):
            continue
        host = site.host.get(placed.component_id)
        for rule in barring:
            if rule.means(host, placed.component_id, placed.sliver_type, placed.disk_image):
                image = f", image {placed.disk_image}" if placed.disk_image else ""
                raise Refused(
                    f"node {contents.resource.client_id!r} would be a {placed.sliver_type}{image}"
                    f" on {placed.component_id}: {rule.told}",
                    rule=rule.name,
                )


def _permitted(barring: Iterable[Restriction], host: Host) -> Host:
    types = []
    for one in host.sliver_types:
        if not one.images:
            if not _barred(barring, host, one, None):
                types.append(one)
            continue
        images = tuple(image for image in one.images if not _barred(barring, host, one, image.name))
        if images == one.images:
            types.append(one)
        elif images:
            types.append(replace(one, images=images))
    if tuple(types) == host.sliver_types:
        return host
    if not types:
        return replace(host, available=False)
    return replace(host, sliver_types=tuple(types))


def _barred(
    barring: Iterable[Restriction], host: Host, sliver_type: SliverType, image: str | None
) -> bool:
    return any(one.means(host, host.component_id, sliver_type.name, image) for one in barring)
