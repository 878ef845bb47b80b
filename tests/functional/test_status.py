"""Status: what each sliver is doing; nothing changes."""

from tests.functional.rspecs import node, pair, request
from tests.functional.running import Slice

UNKNOWN = "urn:publicid:IDN+gcf.local+sliver+never"


def test_every_sliver_is_told_of(slice_: Slice) -> None:
    # R181, R187: that geni_error is a string is checked in every answer
    made = slice_.allocate(pair())
    value = slice_.done("Status")
    assert value.keys() == {"geni_urn", "geni_slivers"}
    assert value["geni_urn"] == slice_.urn
    assert [one["geni_sliver_urn"] for one in value["geni_slivers"]] == list(made.values())
    assert {one["geni_next_allocation_status"] for one in value["geni_slivers"]} == {
        "geni_provisioned"
    }
    slice_.done("Provision")
    assert {one[1] for one in slice_.states().values()} == {""}


def test_an_unknown_sliver_is_not_found_or_has_an_entry(slice_: Slice) -> None:
    # R182, R257
    (urn,) = slice_.allocate(request(node("a"))).values()
    assert slice_.refused("Status", urns=[urn, UNKNOWN]) == 12
    value = slice_.done("Status", urns=[UNKNOWN, urn], geni_best_effort=True)
    told = {one["geni_sliver_urn"]: one for one in value["geni_slivers"]}
    assert told[urn]["geni_error"] == ""
    assert told[UNKNOWN]["geni_error"]
    assert told[UNKNOWN]["geni_allocation_status"] == "geni_unallocated"


def test_a_slice_without_slivers_is_not_found(slice_: Slice) -> None:
    # R183
    assert slice_.refused("Status") == 12


def test_some_slivers_are_told_of_alone(slice_: Slice) -> None:
    made = slice_.allocate(request(node("a"), node("b")))
    value = slice_.done("Status", urns=[made["b"]])
    assert [one["geni_sliver_urn"] for one in value["geni_slivers"]] == [made["b"]]


def test_looking_changes_nothing(slice_: Slice) -> None:
    # R186
    slice_.provisioned(pair())
    manifest, before = slice_.done("Describe"), slice_.done("Status")
    assert slice_.done("Status") == before
    assert slice_.done("Describe") == manifest
