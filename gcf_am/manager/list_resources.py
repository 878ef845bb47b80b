"""ListResources: the advertisement, of which each change of holds costs what it changed."""

from gcf_am.manager.aggregate import Aggregate


def list_resources(am: Aggregate, *, only_available: bool) -> str:
    """The advertisement RSpec; with `only_available` (geni_available) of what is free now.

    Source: AM API v3, ListResources; decision 2: availability follows holds.
    """
    return am.shelf.plain(am.store, am.site(), only_available=only_available)


def compressed(am: Aggregate, *, only_available: bool) -> str:
    """The same as base64 of its zlib stream (geni_compressed), without line breaks."""
    return am.shelf.packed(am.store, am.site(), only_available=only_available)
