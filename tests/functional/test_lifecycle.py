"""The main story over TLS: Allocate to Delete, with every state on the way."""

from tests.functional.rspecs import example
from tests.functional.running import Slice

ALLOCATED = ("geni_allocated", "geni_provisioned", "geni_pending_allocation")


def test_from_allocate_to_delete(slice_: Slice) -> None:
    allocated = slice_.done("Allocate", example("two-nodes"))
    urns = [one["geni_sliver_urn"] for one in allocated["geni_slivers"]]
    assert len(urns) == 3
    assert slice_.states() == dict.fromkeys(urns, ALLOCATED)
    assert all(urn in allocated["geni_rspec"] for urn in urns)

    provisioned = slice_.done("Provision")
    assert [one["geni_sliver_urn"] for one in provisioned["geni_slivers"]] == urns
    slice_.until("geni_notready")

    started = slice_.done("PerformOperationalAction", "geni_start")
    assert {one["geni_operational_status"] for one in started} <= {
        "geni_configuring",
        "geni_ready",
    }
    slice_.until("geni_ready")

    described = slice_.done("Describe")
    assert described["geni_urn"] == slice_.urn
    assert 'type="manifest"' in described["geni_rspec"]

    gone = slice_.done("Delete")
    assert {one["geni_allocation_status"] for one in gone} == {"geni_unallocated"}
    assert slice_.states() == {}
