"""Renew: until when slivers live."""

from datetime import UTC, datetime, timedelta

import pytest

from gcf_am.clock import format_time, parse_time
from tests.functional.rspecs import node, pair, request
from tests.functional.running import Slice

UNKNOWN = "urn:publicid:IDN+gcf.local+sliver+never"
NEVER = "2125-01-01T00:00:00Z"


def later(**span: float) -> str:
    return format_time(datetime.now(UTC) + timedelta(**span))


def expiries(slice_: Slice) -> dict[str, str]:
    return {urn: one["geni_expires"] for urn, one in slice_.slivers().items()}


def test_all_slivers_named_live_until_the_time_asked(slice_: Slice) -> None:
    # R188, R198
    made = slice_.provisioned(pair())
    until = later(days=2)
    told = slice_.done("Renew", until)
    assert {one["geni_sliver_urn"] for one in told} == set(made.values())
    assert {one["geni_expires"] for one in told} == {until}
    assert {one["geni_allocation_status"] for one in told} == {"geni_provisioned"}
    assert {one["geni_operational_status"] for one in told} == {"geni_notready"}
    assert set(expiries(slice_).values()) == {until}


def test_only_what_is_named_is_renewed(slice_: Slice) -> None:
    made = slice_.allocate(request(node("a"), node("b")))
    before = expiries(slice_)
    until = later(hours=1)
    assert [one["geni_sliver_urn"] for one in slice_.done("Renew", until, urns=[made["a"]])] == [
        made["a"]
    ]
    assert expiries(slice_) == {**before, made["a"]: until}


def test_beyond_the_limits_is_out_of_range_with_the_latest_time_as_hint(slice_: Slice) -> None:
    # R189 (the credential ends in a week), R190, R224
    slice_.provisioned(request(node("a")))
    before = expiries(slice_)
    answer = slice_.call("Renew", NEVER)
    assert answer["code"]["geni_code"] == 19
    assert answer["value"] in answer["output"]
    assert parse_time(answer["value"]) < parse_time(NEVER)
    assert expiries(slice_) == before
    told = slice_.done("Renew", answer["value"])
    assert [one["geni_expires"] for one in told] == [answer["value"]]


@pytest.mark.parametrize(
    ("time", "code"),
    [
        ("2020-01-01T00:00:00Z", 19),  # R191
        ("", 1),  # R192
        ("tomorrow", 1),
        ("2125-13-01T00:00:00Z", 1),
        ("2125-01-01", 1),
        (7, 1),
    ],
)
def test_times_that_are_over_or_none(slice_: Slice, time: object, code: int) -> None:
    slice_.allocate(request(node("a")))
    before = expiries(slice_)
    assert slice_.refused("Renew", time) == code
    assert expiries(slice_) == before


def test_a_missing_time_is_a_bad_argument(slice_: Slice) -> None:
    # R192
    slice_.allocate(request(node("a")))
    answer = slice_.owner.am("Renew", [slice_.urn], slice_.creds, {})
    assert answer["code"]["geni_code"] == 1
    assert "expiration_time" in answer["output"]


def test_as_long_as_possible_never_fails(slice_: Slice) -> None:
    # R193
    slice_.provisioned(request(node("a")))
    (told,) = slice_.done("Renew", NEVER, geni_extend_alap=True)
    answer = slice_.call("Renew", NEVER)
    # the credential ends before policy does, so the latest time stands still
    assert answer["value"] == told["geni_expires"]


def test_allocated_slivers_have_the_shorter_limit(slice_: Slice) -> None:
    # R194: two hours
    slice_.allocate(request(node("a")))
    assert slice_.refused("Renew", later(hours=3)) == 19
    (told,) = slice_.done("Renew", later(hours=3), geni_extend_alap=True)
    assert parse_time(told["geni_expires"]) <= datetime.now(UTC) + timedelta(hours=2)


def test_mixed_slivers_are_renewed_together_or_not(slice_: Slice) -> None:
    # R195, R196, R257
    a = slice_.provisioned(request(node("a")))["a"]
    b = slice_.allocate(request(node("b")))["b"]
    before, until = expiries(slice_), later(days=1)
    assert slice_.refused("Renew", until) == 19
    assert expiries(slice_) == before
    told = {
        one["geni_sliver_urn"]: one for one in slice_.done("Renew", until, geni_best_effort=True)
    }
    assert (told[a]["geni_expires"], told[a]["geni_error"]) == (until, "")
    assert told[b]["geni_expires"] == before[b]
    assert told[b]["geni_error"]
    assert expiries(slice_) == {a: until, b: before[b]}


def test_sooner_is_granted_too(slice_: Slice) -> None:
    # R197
    slice_.provisioned(request(node("a")))
    until = later(hours=1)
    assert slice_.done("Renew", until)[0]["geni_expires"] == until


def test_unknown_slivers(slice_: Slice) -> None:
    # R199, R257, R259
    (urn,) = slice_.allocate(request(node("a"))).values()
    before, until = expiries(slice_), later(hours=1)
    assert slice_.refused("Renew", until, urns=[urn, UNKNOWN]) == 12
    assert expiries(slice_) == before
    told = slice_.done("Renew", until, urns=[urn, UNKNOWN], geni_best_effort=True)
    assert [(one["geni_sliver_urn"], bool(one["geni_error"])) for one in told] == [
        (urn, False),
        (UNKNOWN, True),
    ]


def test_a_slice_without_slivers_is_not_found(slice_: Slice) -> None:
    assert slice_.refused("Renew", later(hours=1)) == 12


def test_a_time_with_an_offset_is_the_same_in_utc(slice_: Slice) -> None:
    # R200
    slice_.allocate(request(node("a")))
    moment = (datetime.now(UTC) + timedelta(hours=1)).replace(microsecond=0)
    east = (moment + timedelta(hours=2)).strftime("%Y-%m-%dT%H:%M:%S+02:00")
    for written in (east, moment.strftime("%Y-%m-%d %H:%M:%S.5")):
        assert slice_.done("Renew", written)[0]["geni_expires"] == format_time(moment)


def test_updating_slivers_are_renewed(slice_: Slice) -> None:
    # R252, R247
    made = slice_.provisioned(request(node("a"), node("b")))
    slice_.done("Update", request(node("a", sliver_id=made["a"])), urns=[made["a"]])
    until = later(days=1)
    told = {one["geni_sliver_urn"]: one for one in slice_.done("Renew", until)}
    assert {one["geni_expires"] for one in told.values()} == {until}
    assert told[made["a"]]["geni_next_allocation_status"] == "geni_provisioned"
    assert told[made["b"]]["geni_next_allocation_status"] == ""
