"""Shutdown: an operator's emergency stop of a slice."""

from collections.abc import Iterator

import pytest

from tests.functional.rspecs import example, node, pair, request
from tests.functional.running import GENI3, Person, Slice, eventually

NEVER = "2125-01-01T00:00:00Z"


@pytest.fixture
def stopped(slice_: Slice, carol: Person) -> Iterator[Slice]:
    """A slice for the operator to stop, cleared away by her afterwards."""
    yield slice_
    slice_.call("Delete", by=carol)


def test_all_that_runs_is_stopped_and_kept(stopped: Slice, carol: Person) -> None:
    # R216, R218, R221
    made = stopped.running(pair())
    assert stopped.done("Shutdown", by=carol) is True
    assert stopped.done("Shutdown", by=carol) is True

    def down() -> bool:
        told = stopped.done("Status", by=carol)["geni_slivers"]
        assert {one["geni_sliver_urn"] for one in told} == set(made.values())
        assert {one["geni_allocation_status"] for one in told} == {"geni_provisioned"}
        return {one["geni_operational_status"] for one in told} == {"geni_notready"}

    eventually(down, what="down")
    assert all(urn in stopped.done("Describe", by=carol)["geni_rspec"] for urn in made.values())


def test_nothing_that_experimenters_call_works_afterwards(stopped: Slice, carol: Person) -> None:
    # R219, decision 17: Describe and Status included, and best effort helps nothing
    (urn,) = stopped.allocate(request(node("a"))).values()
    stopped.done("Shutdown", by=carol)
    for urns in (None, [urn]):
        for method, middle in {
            "Describe": (),
            "Status": (),
            "Provision": (),
            "Renew": (NEVER,),
            "PerformOperationalAction": ("geni_start",),
            "Update": (example("one-node"),),
            "Cancel": (),
            "Delete": (),
        }.items():
            assert stopped.refused(method, *middle, urns=urns, geni_best_effort=True) == 3
    assert stopped.refused("Allocate", example("one-node")) == 3
    told = stopped.done("Status", by=carol)["geni_slivers"]
    assert [one["geni_allocation_status"] for one in told] == ["geni_allocated"]


def test_a_slice_without_slivers_is_shut_down_too(stopped: Slice, carol: Person) -> None:
    # R217
    assert stopped.done("Shutdown", by=carol) is True
    assert stopped.refused("Allocate", example("one-node")) == 3


def test_only_operators_may(stopped: Slice, bob: Person) -> None:
    # decision 17: slice owners only if configured; test_modes has it so
    stopped.allocate(request(node("a")))
    assert stopped.refused("Shutdown") == 3
    assert stopped.refused("Shutdown", by=bob) == 3
    assert len(stopped.states()) == 1


def test_only_slices_are_shut_down(stopped: Slice, carol: Person) -> None:
    # R220
    (urn,) = stopped.allocate(request(node("a"))).values()
    for one in (urn, "urn:publicid:IDN+gcf.local+user+alice", "s1", ""):
        assert carol.am("Shutdown", one, stopped.creds, {})["code"]["geni_code"] == 1


def test_an_operator_looks_at_and_clears_away_what_is_not_hers(
    slice_: Slice, carol: Person
) -> None:
    # decision 17: but uses it not
    made = slice_.allocate(request(node("a")))
    answer = carol.am("Status", list(made.values()), [], {})
    assert answer["value"]["geni_urn"] == slice_.urn
    assert carol.am("Provision", [slice_.urn], [], GENI3)["code"]["geni_code"] == 3
    assert carol.am("Delete", list(made.values()), [], {})["code"]["geni_code"] == 0
    assert slice_.states() == {}
