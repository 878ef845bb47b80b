"""Images by name and URN, and those that are offered beside the inventory's."""

import hashlib
from collections.abc import Sequence
from dataclasses import replace

from gcf_am.model.site import DiskImage, Site, SliverType
from gcf_am.urn import Urn


def is_meant(image: DiskImage, wanted: str, authority: str) -> bool:
    """Whether a name or URN means this image; a plain name stands for one of the authority."""
    if image.name == wanted:
        return True
    mine, other = _parts(image.name), _parts(wanted)
    ours = authority.lower()
    return mine[1] == other[1] and (mine[0] or ours) == (other[0] or mine[0] or ours)


def with_added(site: Site, images: Sequence[DiskImage]) -> Site:
    """The site with images, by plain names, that its inventory does not tell of.

    They are offered for each sliver type whose images the inventory names; where it names none,
    a node gets what the driver gives it and nobody chooses.
    """
    if not images:
        return site
    authority = site.manager.authority
    named = [
        replace(one, name=Urn.of(authority, "image", one.name).text, default=False, added=True)
        for one in images
    ]

    def widened(kind: SliverType) -> SliverType:
        if not kind.images:
            return kind
        new = [
            one
            for one in named
            if not any(is_meant(told, one.name, authority) for told in kind.images)
        ]
        return replace(kind, images=(*kind.images, *new))

    hosts = tuple(
        replace(host, sliver_types=tuple(map(widened, host.sliver_types))) for host in site.hosts
    )
    version = hashlib.sha256(repr((site.version, named)).encode()).hexdigest()[:16]
    return replace(site, hosts=hosts, version=version)


def _parts(text: str) -> tuple[str, str]:
    """Authority (lower case, "" for a plain name) and name; image names may hold slashes."""
    parts = text.split("+", 3)
    if len(parts) == 4 and parts[0].lower() == "urn:publicid:idn" and parts[2] == "image":
        return parts[1].lower(), parts[3]
    return "", text
