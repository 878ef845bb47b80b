"""The main story over TLS: Allocate to Delete, with every state on the way."""

from pathlib import Path

from tests.functional.running import Person, Slice

REQUESTS = Path(__file__).parents[2] / "rspecs" / "requests"
ALLOCATED = ("geni_allocated", "geni_provisioned", "geni_pending_allocation")


def request(name: str) -> str:
    return (REQUESTS / f"{name}.xml").read_text("utf-8")


def test_from_allocate_to_delete(slice_: Slice) -> None:
    allocated = slice_.done("Allocate", request("two-nodes"))
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


def test_getversion_needs_no_credentials(alice: Person) -> None:
    answer = alice.am("GetVersion")
    assert answer["geni_api"] == answer["value"]["geni_api"] == 3
    assert answer["value"]["geni_am_type"] == ["gcfam"]


def test_what_one_slice_holds_is_free_again_after_delete(slice_: Slice) -> None:
    def available() -> str:
        answer = slice_.owner.am(
            "ListResources",
            slice_.creds,
            {"geni_rspec_version": {"type": "GENI", "version": "3"}, "geni_available": True},
        )
        assert isinstance(answer["value"], str)
        return answer["value"]

    before = available()
    slice_.done("Allocate", request("bound"))
    assert available() != before
    slice_.done("Delete")
    assert available().count("<node ") == before.count("<node ")
