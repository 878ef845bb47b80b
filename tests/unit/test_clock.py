from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gcf_am.clock import SystemClock, format_time, parse_time, whole_seconds

MOMENTS = st.datetimes(
    min_value=datetime(1970, 1, 2),  # noqa: DTZ001 - hypothesis wants naive bounds
    max_value=datetime(2200, 1, 1),  # noqa: DTZ001
    timezones=st.integers(-14 * 60, 14 * 60).map(lambda m: timezone(timedelta(minutes=m))),
)
NOON = datetime(2030, 1, 31, 12, 0, tzinfo=UTC)


@settings(derandomize=True, deadline=None)
@given(MOMENTS)
def test_what_is_written_is_read_back(moment: datetime) -> None:
    assert parse_time(format_time(moment)) == whole_seconds(moment)
    assert len(format_time(moment)) == len("2030-01-31T12:00:00Z")


@pytest.mark.parametrize(
    "text",
    [
        "2030-01-31T12:00:00Z",
        "2030-01-31t12:00:00z",
        "2030-01-31 12:00:00Z",
        "2030-01-31T12:00:00",
        "2030-01-31T12:00:00.999Z",
        "2030-01-31T14:00:00+02:00",
        "2030-01-31T14:00:00+0200",
        "2030-01-31T04:30:00-07:30",
        " 2030-01-31T12:00:00Z ",
    ],
)
def test_spellings_of_one_moment(text: str) -> None:
    assert parse_time(text) == NOON


def test_a_leap_second_is_the_second_before() -> None:
    assert parse_time("2016-12-31T23:59:60Z") == datetime(2016, 12, 31, 23, 59, 59, tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    ["", "tomorrow", "2030-01-31", "2030-13-31T12:00:00Z", "2030-01-31T25:00:00Z", "12:00:00Z",
     "2030-01-31T12:00:00+99:99", "\u0662030-01-31T12:00:00Z", "0001-01-01T00:00:00+14:00"],
)  # fmt: skip
def test_what_is_no_date_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(ValueError, match="2030-01-31T12:00:00Z"):
        parse_time(text)


def test_the_system_clock_is_aware_and_in_utc() -> None:
    assert SystemClock().now().tzinfo is UTC
