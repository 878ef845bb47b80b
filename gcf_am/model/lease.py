"""How long a sliver lives: the least of what is asked, what policy grants, what the credential has.

Source: AM API v3, Common Concepts, Sliver expiration; Allocate, Provision, Renew.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from gcf_am.clock import format_time, whole_seconds
from gcf_am.errors import OutOfRange


@dataclass(frozen=True, slots=True)
class Terms:
    """How long a sliver in some state lives without a wish, and at the longest."""

    first: timedelta
    longest: timedelta


def first_expiry(
    terms: Terms, *, now: datetime, credential: datetime, wish: datetime | None
) -> datetime:
    """When something made now expires.

    `wish` is geni_end_time: earlier than the default it counts, beyond the limits it is trimmed,
    in the past it is ignored; it never fails a call. `credential` is the end of the credential
    that allows it: nothing lasts longer.
    """
    asked = now + terms.first if wish is None or wish <= now else wish
    end = min(asked, now + terms.longest)
    return whole_seconds(min(end, credential))


def renewed_expiry(
    terms: Terms,
    *,
    now: datetime,
    credential: datetime,
    wish: datetime,
    present: datetime,
    alap: bool,
) -> datetime:
    """When something expires that is renewed until `wish`; `present` is its expiry until now.

    Raises OutOfRange, whose hint is the latest time that would be granted, when `wish` is over
    or lies beyond the limits; with `alap` (geni_extend_alap) the latest time is granted instead,
    and a sliver that lives longer already keeps its time.
    """
    wish = whole_seconds(wish)
    latest = whole_seconds(min(now + terms.longest, credential))
    if wish <= now:
        raise OutOfRange(f"{format_time(wish)} is over", hint=format_time(latest))
    if wish <= latest:
        return wish
    if not alap:
        raise OutOfRange(
            f"{format_time(wish)} is too late; the latest is {format_time(latest)}",
            hint=format_time(latest),
        )
    return max(latest, min(wish, present))
