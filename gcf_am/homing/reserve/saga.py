"""Reservation at several aggregates: all of them, or none.

What is about to be done is written down before it is done, so that whoever takes over knows where
slivers may be. (1) A booking for each aggregate is written. (2) Each is marked as calling, with
what its slice has there already, and Allocate is called, at all aggregates at once. (3) All
held: renewed where the slowest took so long that others end soon; provisioned and started, if that
is wanted. (4) One refused: what the others hold is given back, by sliver URN. (5) No answer:
Describe tells what came of it. (6) What cannot be given back now is tried again until it expires
by itself.
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
_log: Final = logging.getLogger(__name__)
# How long slivers of an Allocate that was never answered may live, where nobody has told.
_LONGEST: Final = timedelta(hours=2)
# What ends sooner than this when all are held is renewed for so long.
_SOON: Final = timedelta(minutes=2)
_LONGER: Final = timedelta(minutes=10)
_MOST_AT_ONCE: Final = 16
_CUT_OFF: Final = "the call was cut off"
_GOING_ON: Final = frozenset({Held.PLANNED, Held.CALLING, Held.HELD, Held.PROVISIONED})


@dataclass(frozen=True, slots=True)
class Outcome:
    """Whether everything is held; else nothing is, and `reasons` say what not to ask again."""

    held: bool
    reasons: tuple[Excluded, ...] = ()


_CUT: Final = Outcome(held=False)


@dataclass(frozen=True, slots=True)
class Saga:
    """Reserves for one plan, and gives back; `named` is the plan as log lines have it."""

    ledger: Ledger
    controller: Controller
    clock: Clock
    named: str

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
            refused = [_refused(one, one.error) for one in over if one.state is Held.REFUSED]
            return _together([_CUT, *refused])
        return self._finish(rows, self._at_once(self._resumed, rows))

    def release(self) -> bool:
        """Give back whatever may be held; whether nothing is left that must be tried again."""
        return all(self._at_once(self._released, self.ledger.live()))

    def release_unsettled(self) -> bool:
        """The same, of what is not known or was to be given back; the rest stays."""
        rows = [one for one in self.ledger.live() if one.state in UNSETTLED]
        return all(self._at_once(self._released, rows))

    def _finish(self, rows: Sequence[Booking], outcomes: Sequence[Outcome]) -> Outcome:
        """(3), or (4)."""
        outcome = _together(outcomes)
        if outcome.held:
            now_held = [self.ledger.row(one.key) for one in rows]
            outcome = _together(self._at_once(self._lasting, now_held))
        if outcome.held:
            wanted = [self.ledger.row(one.key) for one in rows if one.options.provision]
            outcome = _together(self._at_once(self._settled, wanted))
        if not outcome.held:
            self.release()
        return outcome

    def _book(self, row: Booking) -> Outcome:
        """(2) at one aggregate."""
        try:
            before = self.controller.before(row)
        except (Rejected, Unknown) as error:  # nothing was done yet
            self.ledger.mark(row, Held.REFUSED, error=str(error))
            return _refused(row, str(error))
        expires = row.options.end_time or self.clock.now() + _LONGEST
        row = self.ledger.mark(row, Held.CALLING, before=before, expires=expires)
        try:
            receipt = self.controller.reserve(row)
        except Rejected as error:
            self.ledger.mark(row, Held.REFUSED, error=str(error))
            return _refused(row, str(error), nodes=() if error.whole else _nodes(row, str(error)))
        except Unknown as error:
            return self._looked_up(row, str(error)) or _refused(row, str(error))
        return self._held(row, receipt)

    def _held(self, row: Booking, receipt: Receipt) -> Outcome:
        """It is held, if it is all that was asked for."""
        row = self.ledger.mark(
            row, Held.HELD, slivers=receipt.slivers, expires=receipt.expires or row.expires
        )
        missing = [name for name in row.names if name not in row.slivers]
        if missing:
            return _refused(row, f"it gave no sliver for {', '.join(missing)}")
        return Outcome(held=True)

    def _resumed(self, row: Booking) -> Outcome:
        """One that was cut off; what had not happened by then is not the aggregate's fault."""
        if row.state is Held.PLANNED:
            return self._book(row)
        if row.state is Held.CALLING:
            return self._looked_up(row, _CUT_OFF) or _CUT
        return Outcome(held=True)

    def _looked_up(self, row: Booking, why: str) -> Outcome | None:
        """(5) What came of a call; None: nothing."""
        try:
            receipt = self.controller.find(row)
        except (Rejected, Unknown) as error:
            # it stays as it is: something may be there
            self.ledger.mark(row, Held.CALLING, error=str(error))
            return _refused(row, why)
        if receipt is None:
            self.ledger.mark(row, Held.REFUSED, error=why)
            return None
        _log.info("%s: %s held slivers after all", self.named, row.aggregate)
        return self._held(row, receipt)

    def _lasting(self, row: Booking) -> Outcome:
        """(3) at one aggregate: what ends soon, and sooner than was asked for, is renewed."""
        now = self.clock.now()
        until = row.options.end_time or now + _LONGER
        ends = row.expires or until
        if row.state is not Held.HELD or ends >= min(until, now + _SOON):
            return Outcome(held=True)
        try:
            receipt = self.controller.renew(row, until)
        except (Rejected, Unknown) as error:
            _log.warning("%s: %s does not renew: %s", self.named, row.aggregate, error)
            # what lasts for a while yet is held all the same
            return Outcome(held=True) if ends > now else _refused(row, str(error))
        self.ledger.mark(row, Held.HELD, expires=receipt.expires)
        return Outcome(held=True)

    def _settled(self, row: Booking) -> Outcome:
        """(3) at one aggregate; what is settled already stays so."""
        if row.state is not Held.PROVISIONED:
            try:
                receipt = self.controller.settle(row)
            except (Rejected, Unknown) as error:
                return _refused(row, str(error))
            self.ledger.mark(row, Held.PROVISIONED, expires=receipt.expires or row.expires)
        return Outcome(held=True)

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
            _log.warning("%s: %s keeps slivers: %s", self.named, row.aggregate, error)
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


def _together(outcomes: Sequence[Outcome]) -> Outcome:
    reasons = chain.from_iterable(one.reasons for one in outcomes)
    return Outcome(all(one.held for one in outcomes), tuple(reasons))


def _refused(row: Booking, why: str, nodes: Sequence[str] = ()) -> Outcome:
    """Without nodes, the whole aggregate."""
    reasons = tuple(Excluded(row.aggregate, one, why) for one in nodes or ("",))
    return Outcome(held=False, reasons=reasons)


def _nodes(row: Booking, why: str) -> tuple[str, ...]:
    """The nodes that the words name by component or client_id, else all that were asked for."""
    nodes = {name: urn for name, urn in row.names.items() if urn}
    named = [urn for name, urn in nodes.items() if urn in why or repr(name) in why]
    return tuple(named or nodes.values())
