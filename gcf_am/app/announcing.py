"""Slivers are told to their slices' authority, which lists them to who looks for a slice's.

It follows the record of changes with a bookmark, so that it never holds up a call, goes on after
a restart where it stopped, and may tell a thing twice, but leaves nothing out. What it tells is
how a sliver stands now, however often it changed meanwhile. A sliver that the authority refuses
while it takes others holds up none of them: it is told again from time to time, as long as this
process lives.

Source: Federation API v2, SLIVER_INFO (the aggregate itself shall tell); FED 5.7.
"""

import logging
import threading
from collections.abc import Mapping
from datetime import datetime, timedelta
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
from gcf_am.clock import Clock, SystemClock
from gcf_am.config import Config
from gcf_am.errors import AmError, Busy, GcfAmError
from gcf_am.manager.ports import Duty, Store
from gcf_am.model.sliver import Sliver
from gcf_am.model.states import AllocationState
from gcf_am.urn import Urn

_log: Final = logging.getLogger(__name__)
_AT_ONCE: Final = 500
_CALL_SECONDS: Final = 30.0
_LARGEST: Final = 1024 * 1024
# How soon changes are noticed, and the longest pause after failures in a row.
_LOOK: Final = timedelta(seconds=1)
# What comes and goes within this time needs no word: telling costs both sides as much as the call.
SETTLES: Final = timedelta(seconds=2)
_LONGEST: Final = timedelta(minutes=10)
_DOUBLINGS: Final = 16
# For how long it is known of a sliver that nobody was told: longer than its news are late.
_KNOWN: Final = timedelta(minutes=1)
# Who tells keeps the right to for so long: longer than one call takes.
LEASE: Final = timedelta(seconds=60)


class Announcer:
    """Tells a slice authority of slivers, in a thread of its own; does nothing where none is set.

    `owner` names it among all of the store's, of which one tells at a time: what two told at once
    could come there in the wrong order. A change is told once it SETTLES.
    """

    def __init__(
        self, config: Config, store: Store, *, owner: str, clock: Clock | None = None
    ) -> None:
        self._store = store
        self._owner = owner
        self._clock = clock or SystemClock()
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
        self._taken: datetime | None = None
        # who made those that were refused while others were not, and when they are told again
        self._later: dict[Urn, tuple[str, datetime]] = {}
        # the bookmark as it was put last here, all before it told; None when that is not so
        self._heard: int | None = None
        # those that came and went before the authority was ever told of them, and when there was
        # news of them last
        self._untold: dict[Urn, datetime] = {}
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
        self._let_go()

    def run_once(self) -> bool:
        """Tell of the next changes; whether there may be more already.

        Raises what the authority's client raises when it should be tried again; the bookmark is
        then where it was. Tells nothing while another has the duty.
        """
        now = self._clock.now()
        with self._store.read() as unit:
            # what is of the future, by a clock that was set back, waits for nothing
            news = unit.news(_AT_ONCE, (now - SETTLES, now))
        if news.makers and not self._mine():
            return False
        # what was begun and not finished, or by another, may have told of what is gone now
        sure, self._heard = news.since == self._heard, None
        told, refused = self._tell_all(news.makers, sure=sure)
        if refused and not told:
            # nothing gets through: it is the authority's trouble
            raise next(iter(refused.values()))
        whole = news.last - news.since >= _AT_ONCE
        # what tells of no sliver is read again rather than written for each call
        if news.makers or whole:
            with self._store.write() as unit:
                unit.heard(news.last)
            self._heard = news.last
        else:
            self._heard = news.since
        # who is forgotten too soon is withdrawn for nothing, and no harm is done
        self._untold = {urn: at for urn, at in self._untold.items() if now < at + _KNOWN}
        due = self._clock.now() + _LONGEST
        for urn, why in refused.items():
            _log.warning("%s is not told, others are; again in %s: %s", urn, _LONGEST, why)
            self._later[urn] = news.makers[urn], due
        self._tell_again()
        return whole

    def _tell_again(self) -> None:
        """Tell of those again that were refused alone, when their time has come."""
        now = self._clock.now()
        # a clock that was set back must not stop it
        makers = {
            urn: maker
            for urn, (maker, due) in self._later.items()
            if not now < due <= now + _LONGEST
        }
        _, refused = self._tell_all(makers)
        for urn, maker in makers.items():
            del self._later[urn]
            if urn in refused:
                self._later[urn] = maker, now + _LONGEST

    def _tell_all(
        self, makers: Mapping[Urn, str], *, sure: bool = False
    ) -> tuple[int, dict[Urn, FederationRefused]]:
        """Tell how each sliver stands: how many were told, and why the others were refused.

        When it is `sure` that nobody told of the new ones yet, those that are gone already need no
        word.
        """
        told = 0
        with self._store.read() as unit:
            slivers = unit.named(tuple(makers))
            slices = {one.slice_key: unit.slice_of(one.slice_key).urn for one in slivers.values()}
        refused: dict[Urn, FederationRefused] = {}
        for urn, maker in makers.items():
            sliver = slivers.get(urn)
            about = None if sliver is None else slices[sliver.slice_key]
            if about is not None and about.namespace[0] != self._slices:
                continue
            if self._never_told(urn, sliver, new=sure and bool(maker)):
                continue
            if not self._mine():
                raise Busy("another process tells of slivers now")
            try:
                self._tell(urn, maker, sliver, about)
            except FederationRefused as error:
                refused[urn] = error
            else:
                told += 1
        return told, refused

    def _never_told(self, urn: Urn, sliver: Sliver | None, *, new: bool) -> bool:
        """Whether it is over, and the authority never heard of it."""
        if sliver is not None and not _is_over(sliver):
            return False
        never = new or urn in self._untold
        if never:
            self._untold[urn] = self._clock.now()
        return never

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

    def _mine(self) -> bool:
        """Have the duty to tell for a while, if no other has it."""
        now = self._clock.now()
        if self._taken is not None and self._taken <= now < self._taken + LEASE / 2:
            return True
        if self._taken is None or not self._taken <= now < self._taken + LEASE:
            # another may have had it meanwhile
            self._heard = None
        with self._store.write() as unit:
            mine = unit.take(Duty.TELL, self._owner, now, now + LEASE)
        self._taken = now if mine else None
        return mine

    def _let_go(self) -> None:
        if self._taken is None:
            return
        try:
            with self._store.write() as unit:
                unit.leave(Duty.TELL, self._owner)
        except AmError as error:
            _log.info("the duty to tell of slivers ends by itself: %s", error)

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
