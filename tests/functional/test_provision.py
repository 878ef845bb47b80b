"""Provision: what is allocated becomes real, with a longer life and accounts."""

from datetime import UTC, datetime, timedelta

import pytest

from gcf_am.clock import format_time, parse_time
from tests.functional.rspecs import USER, Rspec, core, node, pair, request
from tests.functional.running import GENI3, Slice

UNKNOWN = "urn:publicid:IDN+gcf.local+sliver+never"
ALICE = "urn:publicid:IDN+gcf.local+user+alice"


def account(slice_: Slice, urn: str = ALICE) -> dict[str, object]:
    """An item of geni_users with alice's own SSH key."""
    key = (slice_.owner.at.home / "certs" / "alice-ssh.pub").read_text("utf-8")
    return {"urn": urn, "keys": [key]}


def test_allocated_slivers_are_provisioned_and_live_longer(slice_: Slice) -> None:
    # R163, R172
    made = slice_.allocate(pair())
    value = slice_.done("Provision")
    assert Rspec(value["geni_rspec"]).urns() == made
    for one in value["geni_slivers"]:
        assert one["geni_allocation_status"] == "geni_provisioned"
        assert parse_time(one["geni_expires"]) > datetime.now(UTC) + timedelta(hours=1)
    slice_.until("geni_notready")


def test_no_sliver_outlives_the_credential(slice_: Slice) -> None:
    # R163, R224
    (urn,) = slice_.allocate(request(node("a"))).values()
    slice_.done("Provision", geni_end_time="2125-01-01T00:00:00Z")
    end = end_of(slice_)
    assert parse_time(slice_.slivers()[urn]["geni_expires"]) <= end
    renewed = slice_.done("Renew", "2125-01-01T00:00:00Z", geni_extend_alap=True)
    assert parse_time(renewed[0]["geni_expires"]) <= end


def end_of(slice_: Slice) -> datetime:
    """When the credential ends."""
    text = slice_.credential.partition("<expires>")[2].partition("<")[0]
    return parse_time(text)


@pytest.mark.parametrize(
    ("version", "code"),
    [(None, 1), ({"type": "GENI"}, 1), ({"type": "GENI", "version": "2"}, 4)],
)
def test_the_rspec_version_must_be_named_and_spoken(
    slice_: Slice, version: object, code: int
) -> None:
    # R164
    slice_.allocate(request(node("a")))
    options = {} if version is None else {"geni_rspec_version": version}
    answer = slice_.owner.am("Provision", [slice_.urn], slice_.creds, options)
    assert answer["code"]["geni_code"] == code
    assert {one[0] for one in slice_.states().values()} == {"geni_allocated"}


def test_users_get_accounts_that_the_manifest_tells(slice_: Slice) -> None:
    # R165, R263, R264
    bob = {"urn": "urn:publicid:IDN+other.example:lab+user+Bob", "keys": [], "more": 1}
    slice_.running(request(node("a")), geni_users=[account(slice_), bob])
    (services,) = slice_.rspec().nodes()["a"].findall(core("services"))
    logins = services.findall(core("login"))
    assert [one.get("username") for one in logins] == ["alice", "bob"]
    for one in logins:
        assert one.get("authentication") == "ssh-keys"
        assert one.get("hostname")
        assert one.get("port", "").isdigit()
    users = {one.get("login"): one for one in services.findall(USER)}
    assert users["alice"].get("user_urn") == ALICE
    keys = [(key.text or "").strip() for key in users["alice"]]
    assert keys == [str(key).strip() for key in account(slice_)["keys"]]  # type: ignore[attr-defined]
    assert len(users["bob"]) == 0


@pytest.mark.parametrize(
    "users",
    [
        "alice",
        [ALICE],
        [{"urn": ALICE}],
        [{"keys": []}],
        [{"urn": ALICE, "keys": "ssh-rsa"}],
        [{"urn": "alice", "keys": []}],
        [{"urn": ALICE, "keys": ["no key at all"]}],
    ],
)
def test_users_without_urn_or_keys_are_bad_arguments(slice_: Slice, users: object) -> None:
    # R166
    slice_.allocate(request(node("a")))
    assert slice_.refused("Provision", geni_users=users) == 1
    assert {one[0] for one in slice_.states().values()} == {"geni_allocated"}


def test_users_without_keys_and_no_users_are_legal(slice_: Slice) -> None:
    # R166
    first, second = slice_.allocate(request(node("a"), node("b"))).values()
    slice_.done("Provision", urns=[first], geni_users=[{"urn": ALICE, "keys": []}])
    slice_.done("Provision", urns=[second])


def test_only_what_is_named_and_new_is_provisioned(slice_: Slice) -> None:
    # R167, R168
    made = slice_.allocate(request(node("a"), node("b"), node("c")))
    value = slice_.done("Provision", urns=[made["a"]])
    assert Rspec(value["geni_rspec"]).urns() == {"a": made["a"]}
    assert slice_.states()[made["b"]][0] == "geni_allocated"
    rest = slice_.done("Provision")
    assert Rspec(rest["geni_rspec"]).urns() == {"b": made["b"], "c": made["c"]}
    assert {one["geni_sliver_urn"] for one in rest["geni_slivers"]} == {made["b"], made["c"]}


def test_nothing_left_to_do_is_an_empty_success(slice_: Slice) -> None:
    # decision 12, R269
    made = slice_.provisioned(request(node("a")))
    for urns in (None, [made["a"]]):
        value = slice_.done("Provision", urns=urns)
        assert value["geni_slivers"] == []
        assert Rspec(value["geni_rspec"]).nodes() == {}


def test_an_unknown_sliver_fails_all(slice_: Slice) -> None:
    # R169, R259
    (urn,) = slice_.allocate(request(node("a"))).values()
    assert slice_.refused("Provision", urns=[urn, UNKNOWN]) == 12
    assert slice_.states()[urn][0] == "geni_allocated"


def test_best_effort_provisions_the_others(slice_: Slice) -> None:
    # R170, R257
    (urn,) = slice_.allocate(request(node("a"))).values()
    value = slice_.done("Provision", urns=[urn, UNKNOWN], geni_best_effort=True)
    told = {one["geni_sliver_urn"]: one for one in value["geni_slivers"]}
    assert told[urn]["geni_allocation_status"] == "geni_provisioned"
    assert told[urn]["geni_error"] == ""
    assert told[UNKNOWN]["geni_allocation_status"] == "geni_unallocated"
    assert told[UNKNOWN]["geni_error"]
    assert Rspec(value["geni_rspec"]).urns() == {"a": urn}


def test_best_effort_where_all_is_well_is_the_plain_call(slice_: Slice) -> None:
    # R256
    made = slice_.allocate(request(node("a"), node("b")))
    value = slice_.done("Provision", geni_best_effort=True)
    assert {one["geni_sliver_urn"] for one in value["geni_slivers"]} == set(made.values())
    assert {one["geni_error"] for one in value["geni_slivers"]} == {""}


def test_best_effort_excuses_no_bad_argument_and_no_lack_of_rights(
    slice_: Slice, bobs: Slice
) -> None:
    # R258
    (urn,) = slice_.allocate(request(node("a"))).values()
    assert slice_.refused("Provision", geni_best_effort=True, geni_users=7) == 1
    options = {**GENI3, "geni_best_effort": True}
    answer = slice_.owner.am("Provision", [slice_.urn], bobs.creds, options)
    assert answer["code"]["geni_code"] == 3
    assert slice_.states()[urn][0] == "geni_allocated"


def test_a_slice_without_slivers_is_not_found(slice_: Slice) -> None:
    # R171
    assert slice_.refused("Provision") == 12
    assert slice_.refused("Provision", geni_best_effort=True) == 12


def test_what_cannot_be_prepared_is_failed_and_says_why(slice_: Slice) -> None:
    # R173: instantiation goes on after the call
    made = slice_.allocate(request(node("unpreparable"), node("good")))
    slice_.done("Provision")
    (failed,) = slice_.until("geni_failed", made["unpreparable"])
    assert "the disk is broken" in failed["geni_error"]
    assert failed["geni_allocation_status"] == "geni_provisioned"
    (good,) = slice_.until("geni_notready", made["good"])
    assert good["geni_error"] == ""


def test_an_end_time_is_a_wish(slice_: Slice) -> None:
    # R174
    first, second = slice_.allocate(request(node("a"), node("b"))).values()
    soon = format_time(datetime.now(UTC) + timedelta(hours=3))
    told = slice_.done("Provision", urns=[first], geni_end_time=soon)["geni_slivers"]
    assert [one["geni_expires"] for one in told] == [soon]
    slice_.done("Provision", urns=[second], geni_end_time="2020-01-01T00:00:00Z")
    assert parse_time(slice_.slivers()[second]["geni_expires"]) > datetime.now(UTC)
    assert slice_.refused("Provision", geni_end_time="soon") == 1
