"""Dates as the API writes them. Source: AM API v3, Common Concepts, dates; RFC 3339."""

import re
from datetime import UTC, datetime
from typing import Final

# with a zone, and without fractions of a second (R225)
_DATE: Final = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(Z|[+-]\d\d:\d\d)", re.ASCII)


def read_date(text: object) -> datetime | None:
    """A date of an answer; None for what is none, or has no zone."""
    if not isinstance(text, str) or not _DATE.fullmatch(text):
        return None
    try:
        return datetime.fromisoformat(text).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def write_date(moment: datetime) -> str:
    """A date for a call, in whole seconds of UTC."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
