"""Reservation at several aggregates: all of them, or none.

What is about to be done is written down before it is done, so that whoever takes over knows where
slivers may be. (1) A booking for each aggregate is written. (2) Each is marked as calling, with
what its slice has there already, and Allocate is called, at all aggregates at once. (3) All
held: provisioned and started, if that is wanted. (4) One refused: what the others hold is given
back, by sliver URN. (5) No answer: Describe tells what came of it. (6) What cannot be given back
now is tried again until it expires by itself.
"""

import logging
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta
from itertools import chain
from typing import Final, TypeVar

from gcf_am.clock import Clock
from gcf_am.homing.plans.booking import UNSETTLED, Booking, Held
from gcf_am.homing.plans.ledger import Ledger
from gcf_am.homing.plans.plan import Excluded
from gcf_am.homing.reserve.controller import Controller, Receipt, Rejected, Unknown

T = TypeVar("T")
# What stood in the way: nothing, where there is none.
Reasons = tuple[Excluded, ...]
_log: Final = logging.getLogger(__name__)
# How long slivers of an Allocate that was never answered may live, where nobody has told.
_LONGEST: Final = timedelta(hours=2)
_MOST_AT_ONCE: Final = 16
_CUT_OFF: Final = "the call was cut off"
_GOING_ON: Final = frozenset({Held.PLANNED, Held.CALLING, Held.HELD, Held.PROVISIONED})


@dataclass(frozen=True, slots=True)
class Outcome:
    """Whether everything is held; else nothing is, and `reasons` say what stood in the way."""

    held: bool
    reasons: Reasons = ()


@dataclass(frozen=True, slots=True)
class Saga:
    """Reserves for one plan, and gives back."""

    ledger: Ledger
    controller: Controller
    clock: Clock

    def reserve(self, bookings: Sequence[Booking]) -> Outcome:
        """Reserve them all, or hold nothing.

        Raises Lost when the plan is no longer ours; then whoever has it cleans up.
        """
        # (1) written before anything is called
        written = self.ledger.write(bookings)
        return self._finish(written, self._at_once(self._book, written))

    def resume(self, attempt: int) -> Outcome:
        """Go on where a worker was cut off: forwards, unless something was refused already."""
        rows = [one for one in self.ledger.all() if one.attempt == attempt]
        over = [one for one in rows if one.state not in _GOING_ON]
        if over:
            self.release()
            refused = [_whole(one, one.error) for one in over if one.state is Held.REFUSED]
            return Outcome(held=False, reasons=tuple(chain.from_iterable(refused)))
        return self._finish(rows, self._at_once(self._resumed, rows))

    def release(self) -> bool:
        """Give back whatever may be held; whether nothing is left that must be tried again."""
        return all(self._at_once(self._released, self.ledger.live()))

    def release_unsettled(self) -> bool:
        """The same, of what is not known or was to be given back; the rest stays."""
        rows = [one for one in self.ledger.live() if one.state in UNSETTLED]
        return all(self._at_once(self._released, rows))

    def _finish(self, rows: Sequence[Booking], refused: Sequence[Reasons]) -> Outcome:
        """(3), or (4) with what stood in the way."""
        reasons = tuple(chain.from_iterable(refused))
        if not reasons:
            wanted = [self.ledger.row(one.key) for one in rows if one.options.provision]
            reasons = tuple(chain.from_iterable(self._at_once(self._settled, wanted)))
        if reasons:
            self.release()
        return Outcome(held=not reasons, reasons=reasons)

    def _resumed(self, row: Booking) -> Reasons:
        """One that was cut off."""
        if row.state is Held.PLANNED:
            return self._book(row)
        return self._looked_up(row, _CUT_OFF) if row.state is Held.CALLING else ()

    def _book(self, row: Booking) -> Reasons:
        """(2) at one aggregate."""
        try:
            before = self.controller.before(row)
        except (Rejected, Unknown) as error:  # nothing was done yet
            self.ledger.mark(row, Held.REFUSED, error=str(error))
            return _whole(row, str(error))
        expires = row.options.end_time or self.clock.now() + _LONGEST
        row = self.ledger.mark(row, Held.CALLING, before=before, expires=expires)
        try:
            receipt = self.controller.reserve(row)
        except Rejected as error:
            self.ledger.mark(row, Held.REFUSED, error=str(error))
            return _whole(row, str(error)) if error.whole else _nodes(row, str(error))
        except Unknown as error:
            return self._looked_up(row, str(error))
        return self._held(row, receipt)

    def _held(self, row: Booking, receipt: Receipt) -> Reasons:
        """It is held, if it is all that was asked for."""
        row = self.ledger.mark(
            row, Held.HELD, slivers=receipt.slivers, expires=receipt.expires or row.expires
        )
        missing = [name for name in row.names if name not in row.slivers]
        return _whole(row, f"it gave no sliver for {', '.join(missing)}") if missing else ()

    def _looked_up(self, row: Booking, why: str) -> Reasons:
        """(5) What came of a call."""
        try:
            receipt = self.controller.find(row)
        except (Rejected, Unknown) as error:
            # it stays as it is: something may be there
            self.ledger.mark(row, Held.CALLING, error=str(error))
            return _whole(row, why)
        if receipt is None:
            self.ledger.mark(row, Held.REFUSED, error=why)
            return _whole(row, why)
        _log.info("plan %s: %s held slivers after all", row.plan, row.aggregate)
        return self._held(row, receipt)

    def _settled(self, row: Booking) -> Reasons:
        """(3) at one aggregate; what is settled already stays so."""
        if row.state is Held.PROVISIONED:
            return ()
        try:
            receipt = self.controller.settle(row)
        except (Rejected, Unknown) as error:
            return _whole(row, str(error))
        self.ledger.mark(row, Held.PROVISIONED, expires=receipt.expires or row.expires)
        return ()

    def _released(self, row: Booking) -> bool:
        """(4), (6) at one aggregate; whether it is done with."""
        if row.state is Held.CALLING:
            self._looked_up(row, row.error or _CUT_OFF)
            row = self.ledger.row(row.key)
        if row.state is Held.REFUSED:
            return True
        if row.state is Held.CALLING:
            return self._leaked(row, row.error)
        row = self.ledger.mark(row, Held.RELEASING, error=row.error)
        try:
            self.controller.release(row)
        except (Rejected, Unknown) as error:
            _log.warning("plan %s: %s keeps slivers: %s", row.plan, row.aggregate, error)
            return self._leaked(row, str(error))
        self.ledger.mark(row, Held.RELEASED, error=row.error)
        return True

    def _leaked(self, row: Booking, why: str) -> bool:
        """Whether what could not be given back has ended by itself meanwhile."""
        ended = row.expires is not None and row.expires <= self.clock.now()
        self.ledger.mark(row, Held.LEAKED if ended else row.state, error=why)
        return ended

    def _at_once(self, work: Callable[[Booking], T], rows: Sequence[Booking]) -> list[T]:
        """At all aggregates at once; what one raises is raised when all have ended."""
        if not rows:
            return []
        with ThreadPoolExecutor(min(len(rows), _MOST_AT_ONCE)) as threads:
            return list(threads.map(work, rows))


def _whole(row: Booking, why: str) -> Reasons:
    return (Excluded(row.aggregate, "", why),)


def _nodes(row: Booking, why: str) -> Reasons:
    """The nodes that the words name by component or client_id, else all that were asked for."""
    nodes = {name: urn for name, urn in row.names.items() if urn}
    named = [urn for name, urn in nodes.items() if urn in why or repr(name) in why]
    return tuple(Excluded(row.aggregate, urn, why) for urn in named or nodes.values())
