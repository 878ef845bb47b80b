"""A shelf for the advertisement, which is costly to render and asked for often."""

from base64 import b64encode
from collections.abc import Callable
from threading import Lock
from typing import Final

from gcf_am.manager.ports import Store
from gcf_am.model.site import Site
from gcf_am.rspec.advertisement import Advertisement

# Characters of a text that is kept whole; a larger one is put together for each answer, which
# takes little beside sending it.
_MOST_KEPT: Final = 16 * 1024 * 1024


class Shelf:
    """Keeps the newest advertisement, for all threads of a process.

    What other processes change is seen at once: the store is asked each time, and tells what
    changed since it was last asked.
    """

    def __init__(self) -> None:
        self._site: Site | None = None
        self._version = 0
        self._texts: dict[str, str] = {}
        self._lock = Lock()

    def plain(self, store: Store, site: Site, *, only_available: bool) -> str:
        """The text; rendered by one thread while others wait for it."""
        return self._get(
            store,
            site,
            f"plain {only_available}",
            lambda of: of.text(only_available=only_available),
        )

    def packed(self, store: Store, site: Site, *, only_available: bool) -> str:
        """The same as base64 of its zlib stream, without line breaks."""
        return self._get(
            store,
            site,
            f"packed {only_available}",
            lambda of: b64encode(of.deflated(only_available=only_available)).decode(),
        )

    def _get(
        self, store: Store, site: Site, variant: str, render: Callable[[Advertisement], str]
    ) -> str:
        with self._lock:
            if site is not self._site:
                self._advertisement = Advertisement(site)
                self._site, self._version = site, 0
                self._texts.clear()
            # decision 2: holds begin at once and end when a driver confirmed, each of which
            # raises the version; none changes by time alone
            self._version, held = store.held_since(self._version)
            if self._advertisement.hold(held):
                self._texts.clear()
            text = self._texts.get(variant)
            if text is None:
                text = render(self._advertisement)
                if len(text) <= _MOST_KEPT:
                    self._texts[variant] = text
            return text
