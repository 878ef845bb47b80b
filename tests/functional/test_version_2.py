"""Version 2 at its own address, called as Omni calls it: plain strings for credentials.

The shapes are those of Omni's amhandler with `-V 2`; slivers are the same that version 3 sees.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.functional.rspecs import Rspec, node, pair, request
from tests.functional.running import GENI3, Person, Slice, eventually, proxy

LATE = "2125-01-01T00:00:00Z"


@pytest.fixture(scope="module")
def url_2(alice: Person) -> str:
    """Where GetVersion of version 3 says that version 2 is; Omni goes there by itself."""
    url = alice.am("GetVersion")["value"]["geni_api_versions"]["2"]
    assert isinstance(url, str)
    return url


@pytest.fixture(scope="module")
def old(alice: Person, url_2: str) -> Iterator[Callable[..., Any]]:
    """Call version 2 as alice: `old(method, parameters...)`."""
    root = alice.at.home / "certs" / "ch-cert.pem"
    with proxy(url_2, alice.cert, alice.key, root) as aggregate:

        def call(method: str, *parameters: object) -> Any:
            return getattr(aggregate, method)(*parameters)

        yield call


def test_its_address_answers_version_2(alice: Person, old: Callable[..., Any]) -> None:
    # R271, R033
    answer = old("GetVersion")
    assert answer["geni_api"] == answer["value"]["geni_api"] == 2
    three = alice.am("GetVersion")["value"]
    assert answer["value"]["geni_api_versions"] == three["geni_api_versions"]
    assert old("GetVersion", {})["value"] == answer["value"]
    # the form of the address that people type
    root = alice.at.home / "certs" / "ch-cert.pem"
    with proxy(f"{alice.at.am_url}2.0", alice.cert, alice.key, root) as aggregate:
        other: Any = aggregate.GetVersion()
    assert other == answer


def test_a_slices_life_as_omni_calls_it(slice_: Slice, old: Callable[..., Any]) -> None:
    # R272 to R281
    creds = [slice_.credential]
    urn = slice_.urn
    key = (slice_.owner.at.home / "certs" / "alice-ssh.pub").read_text("utf-8")
    users = [{"urn": "urn:publicid:IDN+gcf.local+user+alice", "keys": [key]}]
    # Omni's listresources sends all three options
    listing = {**GENI3, "geni_compressed": False, "geni_available": False}
    ad = old("ListResources", [slice_.owner.user_credential], listing)
    assert ad["code"]["geni_code"] == 0
    assert Rspec(ad["value"], "ad").nodes()
    assert (
        old("ListResources", creds, {**listing, "geni_slice_urn": urn})["code"]["geni_code"] == 12
    )
    assert old("ListResources", creds, {"geni_compressed": True})["code"]["geni_code"] == 1
    assert old("SliverStatus", urn, creds, {})["code"]["geni_code"] == 12

    created = old("CreateSliver", urn, creds, pair(), users, {})
    assert created["code"]["geni_code"] == 0, created["output"]
    made = Rspec(created["value"]).urns()
    assert made.keys() == {"a", "b", "lan"}
    assert old("CreateSliver", urn, creds, pair(), users, {})["code"]["geni_code"] == 17

    def ready() -> bool:
        value = old("SliverStatus", urn, creds, {})["value"]
        assert value["geni_status"] in {"configuring", "ready"}
        return bool(value["geni_status"] == "ready")

    eventually(ready, what="ready")
    status = old("SliverStatus", urn, creds, {})["value"]
    assert status["geni_urn"] == urn
    told = {
        one["geni_urn"]: (one["geni_status"], one["geni_error"]) for one in status["geni_resources"]
    }
    assert told == dict.fromkeys(made.values(), ("ready", ""))
    # version 3 sees the same, and its manifest has the logins of the users
    assert slice_.states() == dict.fromkeys(made.values(), ("geni_provisioned", "", "geni_ready"))
    manifest = old("ListResources", creds, {**listing, "geni_slice_urn": urn})["value"]
    assert manifest == slice_.done("Describe")["geni_rspec"]
    assert 'username="alice"' in manifest

    assert old("RenewSliver", urn, creds, LATE, {})["code"]["geni_code"] == 19
    renewed = old("RenewSliver", urn, creds, LATE, {"geni_extend_alap": True})
    assert renewed["value"] is True
    assert {one["geni_expires"] for one in slice_.slivers().values()} == {renewed["output"]}
    assert old("Shutdown", urn, creds, {})["code"]["geni_code"] == 3
    assert old("DeleteSliver", urn, creds, {})["value"] is True
    assert old("DeleteSliver", urn, creds, {})["code"]["geni_code"] == 12
    assert slice_.states() == {}


def test_what_version_3_made_is_seen_and_ended(slice_: Slice, old: Callable[..., Any]) -> None:
    # R281
    creds = [slice_.credential]
    made = slice_.running(request(node("a")))
    status = old("SliverStatus", slice_.urn, creds, {})["value"]
    assert [one["geni_urn"] for one in status["geni_resources"]] == list(made.values())
    assert status["geni_status"] == "ready"
    assert (
        old("CreateSliver", slice_.urn, creds, request(node("b")), [], {})["code"]["geni_code"]
        == 17
    )
    assert old("DeleteSliver", slice_.urn, creds, {})["value"] is True
    assert slice_.states() == {}


def test_a_node_that_cannot_be_made_is_failed(slice_: Slice, old: Callable[..., Any]) -> None:
    creds = [slice_.credential]
    rspec = request(node("unpreparable"), node("fine"))
    assert old("CreateSliver", slice_.urn, creds, rspec, [], {})["code"]["geni_code"] == 0

    def failed() -> bool:
        return bool(old("SliverStatus", slice_.urn, creds, {})["value"]["geni_status"] == "failed")

    eventually(failed, what="failed")
    resources = old("SliverStatus", slice_.urn, creds, {})["value"]["geni_resources"]
    assert [one["geni_error"] for one in resources if one["geni_status"] == "failed"] == [
        "the disk is broken"
    ]


def test_what_cannot_be_had_leaves_nothing(slice_: Slice, old: Callable[..., Any]) -> None:
    creds = [slice_.credential]
    rspec = request(node("a"), node("b", host="no-such-host"))
    answer = old("CreateSliver", slice_.urn, creds, rspec, [], {})
    assert answer["code"]["geni_code"] == 12
    assert slice_.states() == {}
