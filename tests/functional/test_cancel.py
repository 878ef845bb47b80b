"""Cancel: what Allocate or Update reserved is given back; what was, is again."""

from tests.functional.rspecs import Rspec, node, pair, request
from tests.functional.running import Slice, free

UNKNOWN = "urn:publicid:IDN+gcf.local+sliver+never"


def test_updating_slivers_are_again_what_they_were(slice_: Slice) -> None:
    # R240, R243, R249
    free(slice_.owner, "pc7", "pc8")
    made = slice_.running(request(node("a", "a:0", host="pc7"), node("b")))
    before = slice_.done("Describe")
    slice_.done("Update", request(node("a", host="pc8", sliver_id=made["a"])))
    value = slice_.done("Cancel")
    assert value.keys() == {"geni_rspec", "geni_urn", "geni_slivers"}
    assert value["geni_urn"] == slice_.urn
    assert Rspec(value["geni_rspec"]).urns() == made
    for one in value["geni_slivers"]:
        assert one["geni_allocation_status"] == "geni_provisioned"
        assert one["geni_operational_status"] == "geni_ready"
        assert one["geni_next_allocation_status"] == ""
    assert slice_.done("Describe") == before
    # what was only reserved is free at once
    free(slice_.owner, "pc8")


def test_allocated_slivers_are_deleted(slice_: Slice) -> None:
    # R241, decision 12
    made = slice_.allocate(pair())
    value = slice_.done("Cancel")
    assert {one["geni_sliver_urn"] for one in value["geni_slivers"]} == set(made.values())
    assert {one["geni_allocation_status"] for one in value["geni_slivers"]} == {"geni_unallocated"}
    assert Rspec(value["geni_rspec"]).urns() == {}
    assert slice_.states() == {}


def test_provisioned_slivers_are_ignored(slice_: Slice) -> None:
    # R242, decision 12
    made = slice_.provisioned(request(node("a")))
    before = slice_.slivers()
    for urns in (None, [made["a"]]):
        assert slice_.done("Cancel", urns=urns)["geni_slivers"] == []
    made |= slice_.allocate(request(node("b")))
    value = slice_.done("Cancel")
    assert [one["geni_sliver_urn"] for one in value["geni_slivers"]] == [made["b"]]
    assert slice_.slivers() == before


def test_only_what_is_named_is_cancelled(slice_: Slice) -> None:
    made = slice_.allocate(request(node("a"), node("b")))
    slice_.done("Cancel", urns=[made["a"]])
    assert slice_.states().keys() == {made["b"]}


def test_what_was_to_go_stays(slice_: Slice) -> None:
    # R240
    made = slice_.running(request(node("a")))
    slice_.done("Update", request(node("z")))
    assert slice_.states()[made["a"]][1] == "geni_unallocated"
    slice_.done("Cancel")
    assert slice_.states() == {made["a"]: ("geni_provisioned", "", "geni_ready")}


def test_an_unknown_sliver_fails_all_or_has_an_entry(slice_: Slice) -> None:
    # R257, R259
    assert slice_.refused("Cancel") == 12
    (urn,) = slice_.allocate(request(node("a"))).values()
    assert slice_.refused("Cancel", urns=[urn, UNKNOWN]) == 12
    assert slice_.states().keys() == {urn}
    value = slice_.done("Cancel", urns=[urn, UNKNOWN], geni_best_effort=True)
    assert {one["geni_sliver_urn"]: bool(one["geni_error"]) for one in value["geni_slivers"]} == {
        urn: False,
        UNKNOWN: True,
    }
    assert slice_.states() == {}
