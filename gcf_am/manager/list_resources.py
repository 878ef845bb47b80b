"""ListResources: the advertisement, rendered once for each change of inventory or holds."""

import zlib
from base64 import b64encode

from gcf_am.manager.aggregate import Aggregate
from gcf_am.rspec.advertisement import advertise


def list_resources(am: Aggregate, *, only_available: bool) -> str:
    """The advertisement RSpec; with `only_available` (geni_available) of what is free now.

    Source: AM API v3, ListResources; decision 2: availability follows holds.
    """
    return _rendered(am, only_available=only_available, compressed=False)


def compressed(am: Aggregate, *, only_available: bool) -> str:
    """The same as base64 of its zlib stream (geni_compressed), without line breaks."""
    return _rendered(am, only_available=only_available, compressed=True)


def _rendered(am: Aggregate, *, only_available: bool, compressed: bool) -> str:
    site = am.site()
    # read before the holds are, so that a text is never older than the version it stands for
    # decision 2: holds begin at once and end when a driver confirmed, each of which raises the
    # version; none changes by time alone, so that no time is part of the key
    version = (site.version, am.store.hold_version())
    variant = "available" if only_available else "all"

    def text() -> str:
        with am.store.read() as unit:
            held = unit.held()
        return advertise(site, held, only_available=only_available)

    if not compressed:
        return am.shelf.get(variant, version, text)

    def deflated() -> str:
        plain = am.shelf.get(variant, version, text)
        return b64encode(zlib.compress(plain.encode())).decode("ascii")

    return am.shelf.get(f"{variant}, compressed", version, deflated)
