"""PerformOperationalAction: start, stop, restart, and who may log in."""

import pytest

from tests.functional.rspecs import USER, core, node, pair, request
from tests.functional.running import Slice

UNKNOWN = "urn:publicid:IDN+gcf.local+sliver+never"
BOB = "urn:publicid:IDN+gcf.local+user+bob"
POA = "PerformOperationalAction"


def keys_of(slice_: Slice) -> dict[str | None, int]:
    """How many keys each login of node `a` has."""
    return {
        one.get("login"): len(one)
        for one in slice_.rspec().nodes()["a"].iter(USER)
    }  # fmt: skip


def bobs_key(slice_: Slice) -> str:
    return (slice_.owner.at.home / "certs" / "bob-ssh.pub").read_text("utf-8")


def test_slivers_are_started_stopped_and_restarted(slice_: Slice) -> None:
    # R201, R202, R203, R208
    made = slice_.provisioned(pair())
    steps = (
        ("geni_start", {"geni_configuring", "geni_ready"}, "geni_ready"),
        ("geni_restart", {"geni_configuring", "geni_ready"}, "geni_ready"),
        ("geni_stop", {"geni_stopping", "geni_notready"}, "geni_notready"),
        ("geni_start", {"geni_configuring", "geni_ready"}, "geni_ready"),
    )
    for action, at_once, finally_ in steps:
        told = slice_.done(POA, action)
        assert {one["geni_sliver_urn"] for one in told} == set(made.values())
        assert {one["geni_operational_status"] for one in told} <= at_once
        slice_.until(finally_)
    assert {one[0] for one in slice_.states().values()} == {"geni_provisioned"}


def test_allocated_slivers_do_nothing(slice_: Slice) -> None:
    # R204
    slice_.allocate(request(node("a")))
    before = slice_.states()
    for action in ("geni_start", "geni_stop", "geni_restart"):
        assert slice_.refused(POA, action) == 13
    assert slice_.states() == before


@pytest.mark.parametrize(
    ("action", "code"), [("geni_dance", 13), ("GENI_START", 13), ("", 1), (7, 1), (" ", 1)]
)
def test_what_is_no_action(slice_: Slice, action: object, code: int) -> None:
    # R205
    slice_.provisioned(request(node("a")))
    before = slice_.states()
    assert slice_.refused(POA, action) == code
    assert slice_.states() == before


def test_an_action_that_the_state_does_not_offer(slice_: Slice) -> None:
    # R206, R257
    (urn,) = slice_.provisioned(request(node("a"))).values()
    for action in ("geni_stop", "geni_restart", "geni_update_users_cancel"):
        assert slice_.refused(POA, action, urns=[urn]) == 13
        assert slice_.refused(POA, action) == 13
        (told,) = slice_.done(POA, action, urns=[urn], geni_best_effort=True)
        assert told["geni_error"]
        assert told["geni_operational_status"] == "geni_notready"


def test_one_that_cannot_keeps_all_from_it(slice_: Slice) -> None:
    # R207, R259; with best effort the other one goes
    made = slice_.running(request(node("a")))
    made |= slice_.provisioned(request(node("b")))
    urns = [made["a"], made["b"]]
    before = slice_.states()
    assert slice_.refused(POA, "geni_start", urns=urns) == 13
    assert slice_.states() == before
    told = slice_.done(POA, "geni_start", urns=urns, geni_best_effort=True)
    assert [bool(one["geni_error"]) for one in told] == [True, False]
    slice_.until("geni_ready")


def test_the_slices_urn_means_those_that_can(slice_: Slice) -> None:
    # decision 9
    made = slice_.running(request(node("a")))
    made |= slice_.provisioned(request(node("b")))
    made |= slice_.allocate(request(node("c")))
    told = {one["geni_sliver_urn"]: one for one in slice_.done(POA, "geni_start")}
    assert told.keys() == set(made.values())
    assert told[made["a"]]["geni_operational_status"] == "geni_ready"
    assert told[made["c"]]["geni_allocation_status"] == "geni_allocated"
    slice_.until("geni_ready", made["a"], made["b"])
    assert slice_.refused(POA, "geni_start") == 13


def test_unknown_slivers_and_empty_slices(slice_: Slice) -> None:
    # R257
    assert slice_.refused(POA, "geni_start") == 12
    (urn,) = slice_.provisioned(request(node("a"))).values()
    assert slice_.refused(POA, "geni_start", urns=[urn, UNKNOWN]) == 12
    assert slice_.states()[urn][2] == "geni_notready"
    told = slice_.done(POA, "geni_start", urns=[urn, UNKNOWN], geni_best_effort=True)
    assert [bool(one["geni_error"]) for one in told] == [False, True]


def test_users_are_changed_where_it_runs(slice_: Slice) -> None:
    # R209
    users = [{"urn": BOB, "keys": [bobs_key(slice_)]}]
    (urn,) = slice_.provisioned(request(node("a"))).values()
    assert slice_.refused(POA, "geni_update_users", urns=[urn]) == 1
    assert slice_.refused(POA, "geni_update_users", urns=[urn], geni_users=users) == 7
    slice_.done(POA, "geni_start")
    slice_.until("geni_ready")
    assert keys_of(slice_) == {}

    told = slice_.done(POA, "geni_update_users", geni_users=users)
    assert told[0]["geni_operational_status"] in {"geni_updating_users", "geni_ready"}
    slice_.until("geni_ready")
    assert keys_of(slice_) == {"bob": 1}
    # named users' keys are replaced; an empty list locks out
    slice_.done(POA, "geni_update_users", geni_users=[{"urn": BOB, "keys": []}])
    slice_.until("geni_ready")
    assert keys_of(slice_) == {"bob": 0}
    assert slice_.refused(POA, "geni_update_users", geni_users=[{"urn": BOB}]) == 1


def test_updating_slivers_are_busy(slice_: Slice) -> None:
    # R210, decision 9
    made = slice_.running(request(node("a"), node("b")))
    slice_.done("Update", request(node("a", sliver_id=made["a"])), urns=[made["a"]])
    assert slice_.refused(POA, "geni_restart", urns=[made["a"]]) == 14
    assert slice_.refused(POA, "geni_restart") == 14
    assert {one[2] for one in slice_.states().values()} == {"geni_ready"}
    told = slice_.done(POA, "geni_stop", geni_best_effort=True)
    assert {one["geni_sliver_urn"]: bool(one["geni_error"]) for one in told} == {
        made["a"]: True,
        made["b"]: False,
    }
    slice_.done("Cancel")


def test_what_cannot_start_is_failed_and_may_be_restarted(slice_: Slice) -> None:
    (urn,) = slice_.provisioned(request(node("unstartable"))).values()
    slice_.done(POA, "geni_start")
    (failed,) = slice_.until("geni_failed")
    assert "the fan is broken" in failed["geni_error"]
    (told,) = slice_.done(POA, "geni_restart", urns=[urn])
    assert told["geni_error"] == ""
    slice_.until("geni_ready")


def test_a_link_is_ready_when_its_ends_are(slice_: Slice) -> None:
    # decision 8
    made = slice_.provisioned(pair())
    slice_.done(POA, "geni_start", urns=[made["lan"]])
    assert slice_.states()[made["lan"]][2] == "geni_configuring"
    slice_.done(POA, "geni_start", urns=[made["a"], made["b"]])
    slice_.until("geni_ready")
    assert len(slice_.rspec().links()["lan"].findall(core("interface_ref"))) == 2
