"""Time: aware UTC inside, RFC 3339 text outside."""

import re
from datetime import UTC, datetime, timedelta
from typing import Final, Protocol

from dateutil import parser

_RFC3339: Final = re.compile(
    r"\s*(\d{4}-\d\d-\d\d)[Tt ](\d\d):(\d\d):(\d\d)(?:\.\d+)?\s*([Zz]|[+-]\d\d:?\d\d)?\s*", re.ASCII
)


class Clock(Protocol):
    """Tells the time; each verb asks once, so that it has one now for all it does."""

    def now(self) -> datetime:
        """The present, aware, in UTC."""
        ...


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        """The present, aware, in UTC."""
        return datetime.now(UTC)


def parse_time(text: str) -> datetime:
    """Read an RFC 3339 date and time; without a zone it means UTC.

    Fractions are cut off, a leap second becomes :59. Returns aware UTC; raises ValueError,
    whose text says what would have been right.

    Source: RFC 3339 5.6; AM API v3, Common Concepts, Date and Time; credentials use
    xs:dateTime, where no zone is read as UTC.
    """
    match = _RFC3339.fullmatch(text)
    if match is None:
        raise ValueError(f"{text[:40]!r} is no date like 2030-01-31T12:00:00Z")
    date, hour, minute, second, zone = match.groups()
    second = "59" if second == "60" else second
    zone = "+00:00" if zone is None or zone in "Zz" else zone
    try:
        return parser.isoparse(f"{date}T{hour}:{minute}:{second}{zone}").astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise ValueError(f"{text[:40]!r} is no date like 2030-01-31T12:00:00Z") from error


def format_time(moment: datetime) -> str:
    """Write a moment as `YYYY-MM-DDTHH:MM:SSZ`: no fraction, always Z."""
    return f"{moment.astimezone(UTC).replace(tzinfo=None).isoformat(timespec='seconds')}Z"


def whole_seconds(moment: datetime) -> datetime:
    """The moment without its fraction, so that what is stored equals what was answered."""
    return moment.astimezone(UTC).replace(microsecond=0)


def seconds(number: float) -> timedelta:
    """A span of seconds."""
    return timedelta(seconds=number)
