"""Shutdown: an operator's emergency stop of a slice."""

from collections.abc import Iterator

import pytest
from click.testing import CliRunner

from gcf_am.cli.am import main
from tests.functional.rspecs import example, node, pair, request
from tests.functional.running import GENI3, Person, Running, Slice, eventually

NEVER = "2125-01-01T00:00:00Z"


@pytest.fixture
def stopped(slice_: Slice, carol: Person) -> Iterator[Slice]:
    """A slice for the operator to stop, cleared away by her afterwards."""
    yield slice_
    slice_.call("Delete", by=carol)


def gcf_am(running: Running, *words: str) -> str:
    """What an operator's command says, given beside the running server."""
    told = CliRunner().invoke(main, [words[0], "--home", str(running.home), *words[1:]])
    assert told.exit_code == 0, told.output
    return told.output


def told_to(carol: Person, slice_: Slice) -> set[tuple[str, str, str]]:
    """What Status tells the operator: the states, and what is said of them."""
    names = "geni_allocation_status", "geni_operational_status", "geni_error"
    told = slice_.done("Status", by=carol)["geni_slivers"]
    return {tuple(one[name] for name in names) for one in told}


def test_all_that_runs_is_frozen_and_kept(stopped: Slice, carol: Person, bobs: Slice) -> None:
    # R216, R218, R221
    made = stopped.running(pair())
    bobs.running(request(node("a")))
    assert stopped.done("Shutdown", by=carol) is True
    assert stopped.done("Shutdown", by=carol) is True
    frozen = {("geni_provisioned", "geni_ready", "frozen: its slice was shut down")}
    eventually(lambda: told_to(carol, stopped) == frozen, what="frozen")
    assert all(urn in stopped.done("Describe", by=carol)["geni_rspec"] for urn in made.values())
    assert [one["geni_error"] for one in bobs.slivers().values()] == [""]


def test_an_operator_shuts_down_and_releases_by_command(
    slice_: Slice, running: Running, carol: Person
) -> None:
    slice_.running(pair())
    before = slice_.done("Describe")["geni_rspec"]
    assert "3 slivers will be frozen" in gcf_am(running, "shutdown", slice_.urn)
    assert "was shut down already" in gcf_am(running, "shutdown", slice_.urn)
    assert slice_.refused("Status") == 3
    frozen = {("geni_provisioned", "geni_ready", "frozen: its slice was shut down")}
    eventually(lambda: told_to(carol, slice_) == frozen, what="frozen")
    assert "3 slivers will go on" in gcf_am(running, "release", slice_.urn)
    assert "is not shut down" in gcf_am(running, "release", slice_.urn)
    going = {("geni_provisioned", "geni_ready", "")}
    eventually(lambda: told_to(carol, slice_) == going, what="thawed")
    assert slice_.done("Describe")["geni_rspec"] == before


def test_an_operator_purges_by_command_and_the_slice_is_free(
    slice_: Slice, running: Running
) -> None:
    made = slice_.running(pair())
    gcf_am(running, "shutdown", slice_.urn)
    assert "3 slivers will be removed" in gcf_am(running, "purge", slice_.urn, "--yes")
    assert slice_.refused("Status") == 12
    assert slice_.running(pair()).keys() == made.keys()


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
