"""Delete: slivers end, in whatever state, and what they held is free."""

import pytest

from tests.functional.rspecs import core, node, pair, request
from tests.functional.running import Slice, free

UNKNOWN = "urn:publicid:IDN+gcf.local+sliver+never"


def test_a_slices_slivers_are_all_gone_and_told_with_the_expiry_they_had(slice_: Slice) -> None:
    # R211
    slice_.provisioned(pair())
    before = slice_.slivers()
    told = {one["geni_sliver_urn"]: one for one in slice_.done("Delete")}
    assert told.keys() == before.keys()
    for urn, one in told.items():
        assert one["geni_allocation_status"] == "geni_unallocated"
        assert one["geni_expires"] == before[urn]["geni_expires"]
        assert one["geni_error"] == ""
    assert slice_.states() == {}
    assert slice_.done("Describe")["geni_slivers"] == []


def test_of_one_sliver_the_others_are_left(slice_: Slice) -> None:
    # R212
    made = slice_.provisioned(request(node("a"), node("b")))
    before = slice_.slivers()
    slice_.done("Delete", urns=[made["a"]])
    assert slice_.slivers() == {made["b"]: before[made["b"]]}


def test_twice_is_not_found(slice_: Slice) -> None:
    # R213
    (urn,) = slice_.allocate(request(node("a"))).values()
    slice_.done("Delete", urns=[urn])
    assert slice_.refused("Delete", urns=[urn]) == 12
    assert slice_.refused("Delete") == 12
    assert slice_.refused("Delete", geni_best_effort=True) == 12


def test_what_was_held_is_others_to_have(slice_: Slice, bobs: Slice) -> None:
    # R214, decision 2: at once where it was only reserved, else when it is destroyed
    free(slice_.owner, "pc3", "pc4")
    slice_.provisioned(request(node("a", host="pc3")))
    slice_.allocate(request(node("b", host="pc4")))
    assert bobs.refused("Allocate", request(node("x", host="pc3"))) == 26
    slice_.done("Delete")
    bobs.allocate(request(node("y", host="pc4")))
    free(slice_.owner, "pc3")
    bobs.allocate(request(node("x", host="pc3")))


def test_slivers_of_all_states_go_in_one_call(slice_: Slice) -> None:
    # R215
    made = slice_.running(request(node("a"), node("b")))
    slice_.done("Update", request(node("a", "x", sliver_id=made["a"])), urns=[made["a"]])
    made |= slice_.allocate(request(node("c")))
    assert {one[0] for one in slice_.states().values()} == {
        "geni_allocated",
        "geni_provisioned",
        "geni_updating",
    }
    assert {one["geni_sliver_urn"] for one in slice_.done("Delete")} == set(made.values())
    assert slice_.states() == {}


def test_an_updating_sliver_frees_old_and_new(slice_: Slice) -> None:
    # R248
    free(slice_.owner, "pc3", "pc4")
    made = slice_.provisioned(request(node("a", host="pc3")))
    slice_.done("Update", request(node("a", host="pc4", sliver_id=made["a"])))
    slice_.done("Delete")
    free(slice_.owner, "pc3", "pc4")


def test_an_unknown_sliver_fails_all_or_has_an_entry(slice_: Slice) -> None:
    # R257, R259
    (urn,) = slice_.allocate(request(node("a"))).values()
    assert slice_.refused("Delete", urns=[urn, UNKNOWN]) == 12
    assert slice_.states().keys() == {urn}
    told = slice_.done("Delete", urns=[UNKNOWN, urn], geni_best_effort=True)
    assert {one["geni_sliver_urn"]: bool(one["geni_error"]) for one in told} == {
        urn: False,
        UNKNOWN: True,
    }
    assert slice_.states() == {}


@pytest.mark.parametrize("best_effort", [False, True])
def test_a_link_outlives_its_node(slice_: Slice, best_effort: bool) -> None:
    # decision 8
    made = slice_.running(pair())
    slice_.done("Delete", urns=[made["a"]], geni_best_effort=best_effort)
    ends = slice_.rspec().links()["lan"].findall(core("interface_ref"))
    assert [one.get("client_id") for one in ends] == ["b:0"]
    assert slice_.states().keys() == {made["b"], made["lan"]}
