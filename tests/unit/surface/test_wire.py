import contextlib
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gcf_am.errors import BadArgs, BadVersion
from gcf_am.model.credential_argument import CredentialArgument
from gcf_am.surface.formats import REQUEST_3, rspec_version
from gcf_am.surface.wire import (
    BOOLEAN,
    CREDENTIALS,
    DATETIME,
    FILLED,
    SLICE_URN,
    URNS,
    USERS,
    UserKeys,
    WireType,
    refused,
)
from gcf_am.urn import Urn
from tests.surface.lives import GONE

SLICE = "urn:publicid:IDN+ch.test:p+slice+s1"
SLIVER = "urn:publicid:IDN+am.test+sliver+a.b_c-1"
USER = "urn:publicid:IDN+ch.test+user+alice"
ALL = (BOOLEAN, CREDENTIALS, DATETIME, FILLED, SLICE_URN, URNS, USERS, rspec_version(REQUEST_3))

WIRE_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8) | st.binary(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["urn", "keys", "type", "version", "geni_type", "geni_value"]), inner
        )
    ),
    max_leaves=8,
)


def refusal(kind: WireType[Any], value: object) -> str:
    with pytest.raises(BadArgs) as caught:
        kind.decode(value, "the_argument")
    assert caught.value.message.startswith("the_argument: ")
    assert kind.expects in caught.value.message
    return caught.value.message


@settings(derandomize=True, deadline=None, max_examples=100)
@given(st.sampled_from(ALL), WIRE_VALUES)
def test_any_value_is_read_or_refused(kind: WireType[Any], value: object) -> None:
    with contextlib.suppress(BadArgs, BadVersion):
        kind.decode(value, "the_argument")


@pytest.mark.parametrize(
    ("value", "read"),
    [
        (True, True),
        (False, False),
        (1, True),
        (0, False),
        ("true", True),
        ("False", False),
        ("1", True),
        ("0", False),
    ],
)
def test_booleans(value: object, read: bool) -> None:
    assert BOOLEAN.decode(value, "x") is read


@pytest.mark.parametrize("value", [2, -1, "yes", "", [], {}, 1.0, b"1"])
def test_what_is_no_boolean(value: object) -> None:
    refusal(BOOLEAN, value)


@pytest.mark.parametrize(
    "value",
    ["2030-01-31T12:00:00Z", "2030-01-31t14:00:00+02:00", "2030-01-31 12:00:00", b"20300131"],
)
def test_dates(value: object) -> None:
    if value == b"20300131":
        refusal(DATETIME, value)
    else:
        assert DATETIME.decode(value, "x") == datetime(2030, 1, 31, 12, tzinfo=UTC)


def test_a_datetime_of_xmlrpc_is_tolerated() -> None:
    moment = datetime(2030, 1, 31, 12, tzinfo=UTC)
    assert DATETIME.decode(moment, "x") == moment


@pytest.mark.parametrize("value", ["tomorrow", "", 5, "2030-02-31T12:00:00Z"])
def test_what_is_no_date(value: object) -> None:
    refusal(DATETIME, value)


def test_slice_urns() -> None:
    assert SLICE_URN.decode(SLICE, "slice_urn") == Urn.parse(SLICE)
    assert SLICE_URN.decode(SLICE.encode(), "slice_urn") == Urn.parse(SLICE)
    nineteen = "urn:publicid:IDN+a:b+slice+" + "N-1" * 6 + "N"
    assert SLICE_URN.decode(nineteen, "slice_urn").text == nineteen


@pytest.mark.parametrize(
    "value",
    [
        SLIVER,
        USER,
        "",
        "s1",
        "urn:publicid:IDN+a+slice",
        "urn:publicid:IDN+a+slice+x y",
        7,
        [SLICE],
        "urn:publicid:IDN+a+slice+x/y",
        "urn:publicid:IDN+a+slice+x?",
        "urn:publicid:IDN+a+slice+é",
    ],
)
def test_what_is_no_slice_urn(value: object) -> None:
    refusal(SLICE_URN, value)


def test_urns_are_one_slice_or_slivers_and_count_once() -> None:
    other = SLIVER + "x"
    assert URNS.decode([SLICE], "urns") == (Urn.parse(SLICE),)
    assert URNS.decode([SLICE, SLICE.upper().replace("PUBLICID:IDN", "publicid:IDN")], "urns") == (
        Urn.parse(SLICE),
    )
    assert URNS.decode([SLIVER, other, SLIVER], "urns") == (Urn.parse(SLIVER), Urn.parse(other))


@pytest.mark.parametrize(
    ("value", "says"),
    [
        ([], "this is empty"),
        (SLICE, "this is a string"),
        ({}, "this is a struct"),
        ([SLICE, SLICE + "x"], "several slices"),
        ([SLICE, SLIVER], "a slice and slivers"),
        ([USER], "names a user"),
        ([[SLICE]], "this is an array"),
        ([7], "this is an int"),
        (["urn:publicid:IDN+am.test+sliver+a+b"], "no sliver name"),
    ],
)
def test_urns_that_are_refused(value: object, says: str) -> None:
    assert says in refusal(URNS, value)


@pytest.mark.parametrize(
    ("item", "read"),
    [
        (
            {"geni_type": "geni_sfa", "geni_version": "3", "geni_value": "<a/>"},
            ("geni_sfa", "3", "<a/>"),
        ),
        (
            {"geni_type": "GENI_SFA", "geni_version": 3, "geni_value": b"<a/>"},
            ("geni_sfa", "3", "<a/>"),
        ),
        ({"geni_type": "geni_unknown", "geni_value": "<a/>"}, ("geni_unknown", "", "<a/>")),
        ({"geni_value": "x", "more": 1}, ("", "", "x")),
        ("<a/>", ("", "", "<a/>")),
        (b"\xff<a/>", ("", "", "\ufffd<a/>")),
    ],
)
def test_credentials(item: object, read: tuple[str, str, str]) -> None:
    assert CREDENTIALS.decode([item], "credentials") == (CredentialArgument(*read),)


def test_no_credentials_are_a_list_all_the_same() -> None:
    assert CREDENTIALS.decode([], "credentials") == ()


@pytest.mark.parametrize(
    "value",
    [
        "<a/>",
        {},
        [7],
        [None],
        [["<a/>"]],
        [{}],
        [{"geni_value": 7}],
        [{"geni_value": ""}],
        [{"geni_type": 1, "geni_value": "x"}],
        [{"geni_version": True, "geni_value": "x"}],
        [{"geni_version": [], "geni_value": "x"}],
    ],
)
def test_what_is_no_list_of_credentials(value: object) -> None:
    refusal(CREDENTIALS, value)


def test_users() -> None:
    keys = ["ssh-ed25519 AAAA alice\n", "ssh-rsa B\r\nssh-rsa C\n\n", b"ssh-rsa D"]
    assert USERS.decode([{"urn": USER, "keys": keys, "x": 1}], "geni_users") == (
        UserKeys(USER, ("ssh-ed25519 AAAA alice", "ssh-rsa B", "ssh-rsa C", "ssh-rsa D")),
    )
    assert USERS.decode([{"urn": USER, "keys": []}], "geni_users") == (UserKeys(USER, ()),)


@pytest.mark.parametrize(
    ("value", "says"),
    [
        ({}, "this is a struct"),
        ([USER], "an item is a string"),
        ([{"keys": []}], "an item has no urn"),
        ([{"urn": USER}], "an item has no keys"),
        ([{"urn": USER, "keys": "ssh-rsa A"}], "keys is a string"),
        ([{"urn": USER, "keys": [7]}], "this is an int"),
        ([{"urn": "alice", "keys": []}], "'alice'"),
    ],
)
def test_users_that_are_refused(value: object, says: str) -> None:
    assert says in refusal(USERS, value)


@pytest.mark.parametrize(
    "value",
    [
        {"type": "GENI", "version": "3"},
        {"type": "geni", "version": "3"},
        {"type": "Geni", "version": 3, "more": 1},
    ],
)
def test_rspec_versions_that_are_spoken(value: object) -> None:
    assert rspec_version(REQUEST_3).decode(value, "x") is REQUEST_3


@pytest.mark.parametrize(
    "value", [{"type": "GENI", "version": "99"}, {"type": "foo", "version": "3"}]
)
def test_rspec_versions_that_are_not(value: object) -> None:
    with pytest.raises(BadVersion, match="are not spoken here; GENI 3 are"):
        rspec_version(REQUEST_3).decode(value, "x")


def test_an_rspec_version_that_was_removed_is_not_among_the_spoken() -> None:
    gone = replace(REQUEST_3, version="2", life=GONE)
    with pytest.raises(BadVersion, match="GENI 2 are not spoken here; GENI 3 are"):
        rspec_version(gone, REQUEST_3).decode({"type": "GENI", "version": "2"}, "x")


@pytest.mark.parametrize(
    "value",
    [
        "GENI 3",
        {},
        {"type": "GENI"},
        {"version": "3"},
        {"type": "", "version": "3"},
        {"type": "GENI", "version": True},
        {"type": [], "version": "3"},
    ],
)
def test_what_is_no_rspec_version(value: object) -> None:
    refusal(rspec_version(REQUEST_3), value)


@pytest.mark.parametrize("value", ["", " \n", 7, [], b"\xff"])
def test_a_string_that_must_be_filled(value: object) -> None:
    refusal(FILLED, value)


def test_an_option_of_another_version_is_refused_with_advice() -> None:
    assert "Describe" in refusal(refused("Describe"), SLICE)
