"""How long a sliver lives: the least of what is asked, what policy grants, what the credential has.

Source: AM API v3, Common Concepts, Sliver expiration; Allocate, Provision, Renew.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from gcf_am.clock import format_time, whole_seconds
from gcf_am.errors import OutOfRange


@dataclass(frozen=True, slots=True)
class Terms:
    """How long a sliver in some state lives without a wish, and at the longest.

    `longest` counts from any call on, `total` from when the sliver began, `renewal` is by how
    much one renewal may move its end; None where there is no such limit. `latest` is an end that
    something else sets, for the reason `why`.
    """

    first: timedelta
    longest: timedelta
    renewal: timedelta | None = None
    total: timedelta | None = None
    latest: datetime | None = None
    why: str = ""

    def ends(self, now: datetime, began: datetime) -> Iterator[tuple[datetime, str]]:
        """What bounds a sliver that began then, and is worked on now: ends, and what sets them."""
        yield now + self.longest, ""
        if self.total is not None:
            yield began + self.total, "no sliver of its slice lives longer in total"
        if self.latest is not None:
            yield self.latest, self.why


def first_expiry(
    terms: Terms,
    *,
    now: datetime,
    credential: datetime,
    wish: datetime | None,
    began: datetime | None = None,
) -> datetime:
    """When something made now expires, or is put on other terms now that began before.

    `wish` is geni_end_time: earlier than the default it counts, beyond the limits it is trimmed,
    in the past it is ignored; it never fails a call. `credential` is the end of the credential
    that allows it: nothing lasts longer. Raises OutOfRange when no time is left to it.
    """
    asked = now + terms.first if wish is None or wish <= now else wish
    end, why = min(terms.ends(now, began or now))
    if end <= now:
        raise OutOfRange(f"no time is left: {why}")
    return whole_seconds(min(asked, credential, end))


def renewed_expiry(
    terms: Terms,
    *,
    now: datetime,
    credential: datetime,
    wish: datetime,
    present: datetime,
    alap: bool,
    began: datetime | None = None,
) -> datetime:
    """When something expires that is renewed until `wish`; `present` is its expiry until now.

    Raises OutOfRange, whose hint is the latest time that would be granted, when `wish` is over
    or lies beyond the limits; with `alap` (geni_extend_alap) the latest time is granted instead,
    and a sliver that lives longer already keeps its time.
    """
    wish = whole_seconds(wish)
    bounds = list(terms.ends(now, began or now))
    if terms.renewal is not None:
        hours = terms.renewal // timedelta(hours=1)
        bounds.append((present + terms.renewal, f"one renewal adds at most {hours} h"))
    # what is granted already may be made shorter, whatever the rules say today
    bounds = [(max(end, present), why) for end, why in bounds]
    latest, why = min([(credential, "the credential ends then"), *bounds])
    latest = whole_seconds(latest)
    if wish <= now:
        raise OutOfRange(f"{format_time(wish)} is over", hint=format_time(latest))
    if wish <= latest:
        return wish
    if not alap:
        more = f": {why}" if why else ""
        raise OutOfRange(
            f"{format_time(wish)} is too late; the latest is {format_time(latest)}{more}",
            hint=format_time(latest),
        )
    return max(latest, min(wish, present))
