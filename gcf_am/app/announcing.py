"""Slivers are told to their slices' authority, which lists them to who looks for a slice's.

It follows the record of changes with a bookmark, so that it never holds up a call, goes on after
a restart where it stopped, and may tell a thing twice, but leaves nothing out. What it tells is
how a sliver stands now, however often it changed meanwhile.

Source: Federation API v2, SLIVER_INFO (the aggregate itself shall tell); FED 5.7.
"""

import logging
import threading
from datetime import timedelta
from typing import Final

from gcf_am.app.aggregate import urn_of
from gcf_am.client.federation import (
    ARGUMENT_ERROR,
    LASTING,
    FederationAuthority,
    FederationRefused,
    SliverInfo,
)
from gcf_am.client.transport import Endpoint, Identity
from gcf_am.config import Config
from gcf_am.errors import GcfAmError
from gcf_am.manager.ports import Store
from gcf_am.model.sliver import Sliver
from gcf_am.model.states import AllocationState
from gcf_am.urn import Urn

_log: Final = logging.getLogger(__name__)
_AT_ONCE: Final = 100
_CALL_SECONDS: Final = 30.0
_LARGEST: Final = 1024 * 1024
# How soon changes are noticed, and the longest pause after failures in a row.
_LOOK: Final = timedelta(seconds=1)
_LONGEST: Final = timedelta(minutes=10)
_DOUBLINGS: Final = 16


class Announcer:
    """Tells a slice authority of slivers, in a thread of its own; does nothing where none is set."""

    def __init__(self, config: Config, store: Store) -> None:
        self._store = store
        self._aggregate = urn_of(config)
        told = config.federation
        self._slices = (told.authority or config.aggregate.authority).lower()
        identity = Identity(
            config.path(config.trust.certificate),
            config.path(config.trust.key),
            config.path(told.pin),
            pinned=True,
        )
        self._endpoint = Endpoint(
            told.sliver_info, identity, seconds=_CALL_SECONDS, largest=_LARGEST
        )
        self._authority = FederationAuthority(self._endpoint)
        self._failures = 0
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Begin, where an authority is set."""
        if self._endpoint.url:
            self._thread = threading.Thread(target=self._loop, name="sliver infos", daemon=True)
            self._thread.start()

    def stop(self, timeout: float) -> None:
        """Begin no further call, and wait so long for one under way."""
        self._stopping.set()
        if self._thread is not None:
            self._thread.join(timeout)
        if self._thread is None or not self._thread.is_alive():
            self._endpoint.close()

    def run_once(self) -> bool:
        """Tell of the next changes; whether there may be more already.

        Raises what the authority's client raises when it should be tried again; the bookmark is
        then where it was.
        """
        with self._store.read() as unit:
            news = unit.news(_AT_ONCE)
            slivers = unit.named(tuple(news.makers))
            slices = {one.slice_key: unit.slice_of(one.slice_key).urn for one in slivers.values()}
        for urn, maker in news.makers.items():
            sliver = slivers.get(urn)
            about = None if sliver is None else slices[sliver.slice_key]
            if about is None or about.namespace[0] == self._slices:
                self._tell(urn, maker, sliver, about)
        whole = news.last - news.since >= _AT_ONCE
        # what tells of no sliver is read again rather than written for each call
        if news.makers or whole:
            with self._store.write() as unit:
                unit.heard(news.last)
        return whole

    def _tell(self, urn: Urn, maker: str, sliver: Sliver | None, about: Urn | None) -> None:
        """Tell how a sliver stands; what the authority will never take is dropped."""
        over = sliver is None or about is None or _is_over(sliver)
        try:
            if sliver is None or about is None or over:
                self._authority.delete_sliver_info(urn.text)
            elif maker:
                self._authority.create_sliver_info(
                    SliverInfo(urn.text, about.text, self._aggregate.text, maker, sliver.expires)
                )
            else:
                self._authority.update_sliver_info(urn.text, sliver.expires)
        except FederationRefused as refused:
            if refused.code not in LASTING:
                raise
            if over and refused.code == ARGUMENT_ERROR:
                # unknown there, as it shall be: its end is told again when it is destroyed, and
                # what came and went between two looks was never told
                return
            _log.info("%s is not told to its slice's authority: %s", urn, refused)

    def _loop(self) -> None:
        while not self._stopping.is_set():
            pause = self._guarded()
            self._stopping.wait(pause.total_seconds())

    def _guarded(self) -> timedelta:
        """One round; how long to wait before the next."""
        try:
            more = self.run_once()
        except GcfAmError as error:
            _log.warning("slivers cannot be told to their slices' authority now: %s", error)
        except Exception:  # noqa: BLE001  (it must outlive whatever the authority sends)
            _log.exception("slivers could not be told")
        else:
            self._failures = 0
            return timedelta() if more else _LOOK
        self._failures += 1
        return min(_LOOK * (1 << min(self._failures, _DOUBLINGS)), _LONGEST)


def _is_over(sliver: Sliver) -> bool:
    return sliver.allocation is AllocationState.UNALLOCATED
