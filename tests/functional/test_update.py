"""Update: a change is reserved beside what runs; Provision carries it out."""

import pytest

from gcf_am.clock import format_time, parse_time
from tests.functional.rspecs import (
    PRESERVE,
    Rspec,
    component,
    core,
    example,
    link,
    node,
    pair,
    request,
)
from tests.functional.running import Slice, free

UNKNOWN = "urn:publicid:IDN+gcf.local+sliver+never"
UPDATING = ("geni_updating", "geni_provisioned")
LEAVING = ("geni_updating", "geni_unallocated")
ALLOCATED = ("geni_allocated", "geni_provisioned")


def told(value: dict[str, list[dict[str, str]]]) -> dict[str, tuple[str, str]]:
    """Allocation and next allocation of each sliver that a call answered."""
    return {
        one["geni_sliver_urn"]: (
            one["geni_allocation_status"],
            one["geni_next_allocation_status"],
        )
        for one in value["geni_slivers"]
    }


def test_provisioned_slivers_are_updating_and_go_on_as_they_were(slice_: Slice) -> None:
    # R227, R228
    made = slice_.running(pair())
    before = slice_.slivers()
    value = slice_.done(
        "Update",
        request(
            node("a", "a:0", "a:1", sliver_id=made["a"]),
            node("b", "b:0", sliver_id=made["b"]),
            link("lan", "a:0", "b:0", sliver_id=made["lan"]),
        ),
    )
    assert value.keys() == {"geni_rspec", "geni_slivers"}
    assert told(value) == dict.fromkeys(made.values(), UPDATING)
    for one in value["geni_slivers"]:
        was = before[one["geni_sliver_urn"]]
        assert one["geni_expires"] == was["geni_expires"]
        assert one["geni_operational_status"] == was["geni_operational_status"] == "geni_ready"
    assert Rspec(value["geni_rspec"]).urns() == made


def test_an_allocated_sliver_is_changed_at_once(slice_: Slice) -> None:
    # R229
    free(slice_.owner, "pc5", "pc6")
    made = slice_.allocate(request(node("a", host="pc5")))
    soon = format_time(parse_time(slice_.slivers()[made["a"]]["geni_expires"]))
    slice_.done("Renew", "2125-01-01T00:00:00Z", geni_extend_alap=True)
    value = slice_.done("Update", request(node("a", host="pc6", sliver_id=made["a"])))
    assert told(value) == {made["a"]: ALLOCATED}
    # as Allocate gives it: ten minutes again, not the two hours that it had
    (one,) = value["geni_slivers"]
    assert soon <= one["geni_expires"] < slice_.call("Renew", "2125-01-01T00:00:00Z")["value"]
    assert slice_.rspec().hosts() == {"a": "pc6"}
    free(slice_.owner, "pc5")


def test_what_is_named_and_not_in_the_rspec_goes(slice_: Slice) -> None:
    # R230, R231, R233
    made = slice_.running(request(node("a")))
    made |= slice_.allocate(request(node("b")))
    value = slice_.done("Update", request(node("c")))
    manifest = Rspec(value["geni_rspec"])
    assert manifest.urns().keys() == {"c"}
    assert told(value) == {
        made["a"]: LEAVING,
        made["b"]: ("geni_unallocated", ""),
        manifest.urns()["c"]: ALLOCATED,
    }
    assert slice_.states().keys() == {made["a"], manifest.urns()["c"]}
    assert slice_.states()[made["a"]][2] == "geni_ready"
    value = slice_.done("Provision")
    assert told(value)[made["a"]] == ("geni_unallocated", "")
    assert slice_.states().keys() == {manifest.urns()["c"]}


def test_what_is_neither_named_nor_in_the_rspec_is_untouched(slice_: Slice) -> None:
    # R232
    made = slice_.running(request(node("a"), node("b")))
    before = slice_.slivers()
    value = slice_.done(
        "Update", request(node("a", "x", sliver_id=made["a"]), node("c")), urns=[made["a"]]
    )
    assert made["b"] not in told(value)
    assert slice_.slivers()[made["b"]] == before[made["b"]]


@pytest.mark.parametrize("urns", [[], "x", [7]])
def test_urns_must_name_something(slice_: Slice, urns: object) -> None:
    # R234
    answer = slice_.owner.am("Update", urns, slice_.creds, example("one-node"), {})
    assert answer["code"]["geni_code"] == 1


def test_an_unknown_sliver_fails_all_or_has_an_entry(slice_: Slice) -> None:
    # R235, R257, R259
    made = slice_.provisioned(request(node("a")))
    wanted = request(node("a", "x", sliver_id=made["a"]))
    before = slice_.states()
    assert slice_.refused("Update", wanted, urns=[made["a"], UNKNOWN]) == 12
    named = request(node("a", sliver_id=made["a"]), node("b", sliver_id=UNKNOWN))
    assert slice_.refused("Update", named) == 12
    assert slice_.states() == before
    value = slice_.done("Update", wanted, urns=[made["a"], UNKNOWN], geni_best_effort=True)
    assert {one["geni_sliver_urn"]: bool(one["geni_error"]) for one in value["geni_slivers"]} == {
        made["a"]: False,
        UNKNOWN: True,
    }


def test_a_slice_without_slivers_is_allocated_to(slice_: Slice) -> None:
    # R236
    value = slice_.done("Update", request(node("a", sliver_id=UNKNOWN)))
    urns = Rspec(value["geni_rspec"]).urns()
    assert told(value) == {urns["a"]: ALLOCATED}
    assert urns["a"] != UNKNOWN


def test_a_manifest_is_a_request_for_what_it_shows(slice_: Slice) -> None:
    # R237, R227 (unchanged slivers are updating as well), R253
    made = slice_.running(pair())
    value = slice_.done("Update", slice_.done("Describe")["geni_rspec"])
    assert told(value) == dict.fromkeys(made.values(), UPDATING)
    manifest = Rspec(value["geni_rspec"])
    for one in (*manifest.nodes().values(), *manifest.links().values()):
        (preserve,) = one.findall(PRESERVE)
        assert preserve.get("guarantee") == "geni_no_disruption"
    assert slice_.states().keys() == set(made.values())
    slice_.done("Provision")
    assert {one[2] for one in slice_.states().values()} == {"geni_ready"}


def test_what_cannot_be_had_changes_nothing(slice_: Slice, bobs: Slice) -> None:
    # R238; decision 13 with best effort
    free(slice_.owner, "pc5")
    bobs.allocate(request(node("b", host="pc5")))
    made = slice_.running(request(node("a")))
    wanted = request(node("a", "x", sliver_id=made["a"]), node("new", host="pc5"))
    before = slice_.done("Describe")
    assert slice_.refused("Update", wanted) == 26
    assert slice_.done("Describe") == before
    value = slice_.done("Update", wanted, geni_best_effort=True)
    assert told(value)[made["a"]] == UPDATING
    (failed,) = [one for one in value["geni_slivers"] if one["geni_error"]]
    assert failed["geni_allocation_status"] == "geni_unallocated"
    assert "new" in failed["geni_error"]
    assert Rspec(value["geni_rspec"]).urns() == made
    assert slice_.states().keys() == {made["a"]}


def test_a_change_that_fails_leaves_its_sliver_as_it_was(slice_: Slice, bobs: Slice) -> None:
    # decision 13
    free(slice_.owner, "pc5", "pc6")
    bobs.allocate(request(node("b", host="pc5")))
    made = slice_.provisioned(request(node("a", host="pc6"), node("c")))
    before = slice_.slivers()
    wanted = request(
        node("a", host="pc5", sliver_id=made["a"]), node("c", "x", sliver_id=made["c"])
    )
    value = slice_.done("Update", wanted, geni_best_effort=True)
    assert told(value) == {made["a"]: ("geni_provisioned", ""), made["c"]: UPDATING}
    assert slice_.slivers()[made["a"]] == before[made["a"]]


def test_provision_makes_the_change_true(slice_: Slice) -> None:
    # R239, R249
    free(slice_.owner, "pc5", "pc6")
    made = slice_.running(request(node("a", host="pc5"), node("b")))
    slice_.done("Update", request(node("a", "a:0", host="pc6", sliver_id=made["a"])))
    value = slice_.done("Provision")
    assert told(value) == {
        made["a"]: ("geni_provisioned", ""),
        made["b"]: ("geni_unallocated", ""),
    }
    # it ran, so it comes up again by itself
    slice_.until("geni_ready")
    assert slice_.rspec().hosts() == {"a": "pc6"}
    assert slice_.states().keys() == {made["a"]}
    free(slice_.owner, "pc5")


def test_the_old_is_held_beside_the_new_until_provision(slice_: Slice, bobs: Slice) -> None:
    # decision 3
    free(slice_.owner, "pc5", "pc6")
    made = slice_.provisioned(request(node("a", host="pc5")))
    slice_.done("Update", request(node("a", host="pc6", sliver_id=made["a"])))
    for host in ("pc5", "pc6"):
        assert bobs.refused("Allocate", request(node("b", host=host))) == 26


def test_a_second_update_replaces_what_is_pending(slice_: Slice) -> None:
    # R245
    free(slice_.owner, "pc5", "pc6", "pc7")
    made = slice_.provisioned(request(node("a", host="pc5")))
    for host in ("pc6", "pc7"):
        slice_.done("Update", request(node("a", host=host, sliver_id=made["a"])))
        assert slice_.rspec().hosts() == {"a": host}
    free(slice_.owner, "pc6")
    assert slice_.states()[made["a"]][:2] == UPDATING
    assert slice_.rspec(geni_cancelled=True).hosts() == {"a": "pc5"}
    # decision 14: what leaves may be kept again, and the other way round
    assert told(slice_.done("Update", request(node("z"))))[made["a"]] == LEAVING
    again = request(node("a", host="pc6", sliver_id=made["a"]))
    assert told(slice_.done("Update", again, urns=[made["a"]]))[made["a"]] == UPDATING
    slice_.done("Cancel")
    assert slice_.rspec().hosts() == {"a": "pc5"}


def test_an_untouched_link_keeps_its_node_and_its_interface(slice_: Slice) -> None:
    # decision 8
    made = slice_.running(pair())
    without = request(node("a", sliver_id=made["a"]))
    for wanted in (without, request(node("z"))):
        answer = slice_.call("Update", wanted, urns=[made["a"]])
        assert answer["code"]["geni_code"] == 1
        assert "'lan'" in answer["output"]
    assert {one[0] for one in slice_.states().values()} == {"geni_provisioned"}


def test_a_sliver_that_urns_leave_out_is_a_bad_argument(slice_: Slice) -> None:
    # decision 11
    made = slice_.provisioned(request(node("a"), node("b")))
    both = request(node("a", sliver_id=made["a"]), node("b", sliver_id=made["b"]))
    assert slice_.refused("Update", both, urns=[made["a"]]) == 1
    assert slice_.refused("Update", both, urns=[made["a"]], geni_best_effort=True) == 1
    twice = request(node("a", sliver_id=made["a"]), node("c", sliver_id=made["a"]))
    assert slice_.refused("Update", twice) == 1


def test_a_node_and_a_link_are_added_to_what_runs(slice_: Slice) -> None:
    # R233, R239
    made = slice_.running(request(node("a")))
    slice_.done(
        "Update",
        request(node("a", "a:0", sliver_id=made["a"]), node("b", "b:0"), link("l", "a:0", "b:0")),
    )
    slice_.done("Provision")
    now = slice_.rspec().urns()
    assert now.keys() == {"a", "b", "l"}
    slice_.until("geni_notready", now["b"])
    slice_.done("PerformOperationalAction", "geni_start")
    slice_.until("geni_ready")


def test_an_end_time_is_for_new_and_allocated_slivers(slice_: Slice) -> None:
    # decision 11
    made = slice_.provisioned(request(node("a")))
    before = slice_.slivers()[made["a"]]["geni_expires"]
    end = slice_.call("Renew", "2125-01-01T00:00:00Z")["value"]
    wanted = request(node("a", "x", sliver_id=made["a"]), node("b"))
    value = slice_.done("Update", wanted, geni_end_time=end)
    times = {one["geni_sliver_urn"]: one["geni_expires"] for one in value["geni_slivers"]}
    assert times.pop(made["a"]) == before
    (new,) = times.values()
    assert parse_time(new) < parse_time(before)
    assert slice_.refused("Update", wanted, geni_end_time="whenever") == 1


@pytest.mark.parametrize(
    ("wanted", "code"),
    [
        ("<rspec", 1),
        ("", 1),
        (request(kind="advertisement"), 1),
        ('<rspec xmlns="http://example.net/" type="request"/>', 4),
        (request(node("a"), node("a")), 1),
        (request(node("a", host="pc99")), 12),
    ],
)
def test_a_bad_rspec_changes_nothing(slice_: Slice, wanted: str, code: int) -> None:
    slice_.provisioned(request(node("b")))
    before = slice_.done("Describe")
    assert slice_.refused("Update", wanted) == code
    assert slice_.done("Describe") == before


def test_protogenis_form_is_taken(slice_: Slice) -> None:
    # R254
    owner, creds = slice_.owner, slice_.creds
    first = owner.am("Update", slice_.urn, [], creds, request(node("a")), {})
    assert first["code"]["geni_code"] == 0
    (urn,) = slice_.states()
    wanted = request(node("a", "x", sliver_id=urn))
    second = owner.am("Update", slice_.urn, [slice_.urn], creds, wanted, {})
    assert [one["geni_sliver_urn"] for one in second["value"]["geni_slivers"]] == [urn]
    third = owner.am("Update", slice_.urn, [urn], creds, wanted, {})
    assert third["code"]["geni_code"] == 0


def test_names_stay_and_so_does_an_unbound_nodes_place(slice_: Slice) -> None:
    # R265, decision 3
    made = slice_.provisioned(request(node("a", "a:0")))
    where = slice_.rspec().nodes()["a"].get("component_id")
    image = '<sliver_type name="default-vm"><disk_image name="{}+image+debian-13"/></sliver_type>'
    inside = image.format(component("x").partition("+node")[0])
    slice_.done("Update", request(node("a", "a:0", inside=inside, sliver_id=made["a"])))
    changed = slice_.rspec().nodes()["a"]
    assert changed.get("component_id") == where
    (kind,) = changed.findall(core("sliver_type"))
    assert kind[0].get("name", "").endswith("debian-13")
    (preserve,) = changed.findall(PRESERVE)
    assert preserve.get("guarantee") in {"geni_none", "geni_persistent_state"}
