"""What the saga asks of whoever reserves, and the aggregate manager as one who does.

The advertisement is a hint, Allocate is the claim.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Protocol

from gcf_am.client.aggregate import Aggregate
from gcf_am.client.answers import BadAnswer, CallRefused, Slivers, SliverStatus
from gcf_am.client.credential_file import Credential
from gcf_am.client.shown import UnreadableRspec, names_in
from gcf_am.client.transport import Endpoint, Faulted, Shown, Unreachable
from gcf_am.clock import parse_time
from gcf_am.errors import GcfAmError
from gcf_am.homing.plans.booking import Booking

# geni-error-codes registry
_FORBIDDEN, _UNAVAILABLE, _SEARCH_FAILED, _UNSUPPORTED, _BUSY, _SERVER_BUSY = (
    3, 11, 12, 13, 14, -32001,
)  # fmt: skip
# What says something of the aggregate, or of us there, and nothing of the nodes asked for.
_WHOLE: Final = frozenset({_FORBIDDEN, _UNAVAILABLE, _UNSUPPORTED, _BUSY, _SERVER_BUSY})
_PAUSES: Final = (0.2, 0.5, 1.0)
# AM API version 4 draft: Cancel gives up what is not provisioned; in version 3 Delete does.
_HAS_CANCEL: Final = 4
_READY_SECONDS: Final = 120.0


class Rejected(GcfAmError):
    """The answer is no, and nothing was done; `whole`: not because of the nodes asked for."""

    def __init__(self, message: str, *, whole: bool) -> None:
        super().__init__(message)
        self.whole = whole


class Unknown(GcfAmError):
    """There was no answer that tells whether anything was done."""


@dataclass(frozen=True, slots=True)
class Receipt:
    """What is held: sliver URNs by client_id, and until when at least."""

    slivers: dict[str, str]
    expires: datetime | None


@dataclass(frozen=True, slots=True)
class Bearer:
    """In whose name calls are made: her credentials, and her URN when we speak for her."""

    credentials: tuple[Credential, ...] = ()
    speaking_for: str = ""


class Controller(Protocol):
    """Reserves for one booking at a time; for several threads at once.

    Every method raises Rejected or Unknown.
    """

    def before(self, booking: Booking) -> frozenset[str]:
        """The slivers that the booking's slice has there now; changes nothing."""
        ...

    def reserve(self, booking: Booking) -> Receipt:
        """Reserve what the booking asks for, all of it or nothing."""
        ...

    def find(self, booking: Booking) -> Receipt | None:
        """What a call whose outcome is not known has reserved; None: nothing."""
        ...

    def settle(self, booking: Booking) -> Receipt:
        """Have what is reserved made and started."""
        ...

    def renew(self, booking: Booking, until: datetime) -> Receipt:
        """Let its slivers live until then, or as long as may be."""
        ...

    def release(self, booking: Booking) -> None:
        """Give back its slivers, by their own URNs; those that are gone already are no error."""
        ...


@dataclass(frozen=True, slots=True)
class AggregateController:
    """The aggregate manager that a booking names, as its client. Source: AM API v3."""

    identity: Shown
    bearer: Bearer
    seconds: float = 120.0
    sleep: Callable[[float], None] = time.sleep

    def before(self, booking: Booking) -> frozenset[str]:
        """Describe, of the slice."""
        with self._at(booking) as aggregate:
            answer = self._described(aggregate, booking)
        return frozenset(one.urn for one in answer.slivers) if answer else frozenset()

    def reserve(self, booking: Booking) -> Receipt:
        """Allocate, which is all or nothing; a busy aggregate is asked again, a few times."""
        with self._at(booking) as aggregate:
            for pause in (*_PAUSES, None):
                try:
                    answer = aggregate.allocate(
                        booking.slice_urn,
                        self.bearer.credentials,
                        booking.request,
                        end_time=booking.options.end_time,
                    )
                except CallRefused as refused:
                    if pause is None or refused.code not in {_BUSY, _SERVER_BUSY}:
                        raise
                    self.sleep(pause)
                else:
                    return _receipt(booking, answer)
        raise AssertionError("the last try returns or raises")

    def find(self, booking: Booking) -> Receipt | None:
        """Describe: slivers of our client_ids that were not there before."""
        with self._at(booking) as aggregate:
            answer = self._described(aggregate, booking)
        receipt = None if answer is None else _receipt(booking, answer)
        return receipt if receipt and receipt.slivers else None

    def settle(self, booking: Booking) -> Receipt:
        """Provision, and geni_start when the slivers are ready for it."""
        urns = list(booking.slivers.values())
        options = booking.options
        bearer = self.bearer.credentials
        with self._at(booking) as aggregate:
            answer = aggregate.provision(
                urns, bearer, end_time=options.end_time, users=options.users
            )
            until = time.monotonic() + _READY_SECONDS
            while not all(one.operational == "geni_notready" for one in answer.slivers):
                failed = [one for one in answer.slivers if one.operational == "geni_failed"]
                if failed or time.monotonic() > until:
                    why = failed[0].error if failed else "it did not become ready to start"
                    raise Rejected(why or "it failed", whole=False)
                self.sleep(_PAUSES[0])
                answer = aggregate.status(urns, bearer)
            answer = aggregate.perform(urns, bearer, "geni_start")
        return Receipt(booking.slivers, _earliest(answer.slivers))

    def renew(self, booking: Booking, until: datetime) -> Receipt:
        """Renew, with geni_extend_alap."""
        urns = list(booking.slivers.values())
        with self._at(booking) as aggregate:
            answer = aggregate.renew(urns, self.bearer.credentials, until, alap=True)
        return Receipt(booking.slivers, _earliest(answer.slivers))

    def release(self, booking: Booking) -> None:
        """Cancel where the aggregate has it, else Delete."""
        with self._at(booking) as aggregate:
            cancels = not booking.options.provision and (aggregate.get_version().api >= _HAS_CANCEL)
            give_back = aggregate.cancel if cancels else aggregate.delete
            for urn in booking.slivers.values():
                try:
                    give_back([urn], self.bearer.credentials)
                except CallRefused as refused:
                    if refused.code != _SEARCH_FAILED:
                        raise

    def _described(self, aggregate: Aggregate, booking: Booking) -> Slivers | None:
        try:
            return aggregate.describe([booking.slice_urn], self.bearer.credentials)
        except CallRefused as refused:
            if refused.code == _SEARCH_FAILED:  # no slivers of the slice here
                return None
            raise

    @contextmanager
    def _at(self, booking: Booking) -> Iterator[Aggregate]:
        """The booking's aggregate; what it answers that is no success becomes ours."""
        endpoint = Endpoint(booking.url, self.identity, self.seconds)
        try:
            yield Aggregate(endpoint, speaking_for=self.bearer.speaking_for)
        except CallRefused as refused:
            raise Rejected(str(refused), whole=refused.code in _WHOLE) from None
        except (Unreachable, Faulted, BadAnswer, UnreadableRspec) as error:
            raise Unknown(str(error)) from None
        finally:
            endpoint.close()


def _receipt(booking: Booking, answer: Slivers) -> Receipt:
    """The slivers of an answer that are the booking's."""
    names = names_in(answer.rspec)
    mine = [
        one
        for one in answer.slivers
        if names.get(one.urn) in booking.names and one.urn not in booking.before
    ]
    return Receipt({names[one.urn]: one.urn for one in mine}, _earliest(mine))


def _earliest(slivers: "tuple[SliverStatus, ...] | list[SliverStatus]") -> datetime | None:
    times = []
    for one in slivers:
        try:
            times.append(parse_time(one.expires))
        except ValueError:  # an aggregate that tells none, or nothing that is a time
            continue
    return min(times, default=None)
