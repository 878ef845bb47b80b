"""What the operator configures: geni_allocate, geni_single_allocation, and who may shut down."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.functional.rspecs import example, link, node, pair, request
from tests.functional.running import Running, Slice, configure, copied, start

pytestmark = pytest.mark.xdist_group("modes")
NEVER = "2125-01-01T00:00:00Z"


@pytest.fixture(scope="module")
def installed(
    template: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Callable[..., Running]]:
    """Start installations that this module's tests share."""
    servers: list[Running] = []

    def begin(**changes: str) -> Running:
        home = copied(template, tmp_path_factory.mktemp("mode") / "home")
        configure(home, workers="1", **changes)
        servers.append(start(home))
        return servers[-1]

    yield begin
    for server in servers:
        server.stop()


@pytest.fixture(scope="module")
def single(installed: Callable[..., Running]) -> Running:
    return installed(
        geni_allocate='"geni_single"',
        geni_single_allocation="true",
        show_code_version="false",
        owners_shut_down="true",
    )


@pytest.fixture(scope="module")
def disjoint(installed: Callable[..., Running]) -> Running:
    return installed(geni_allocate='"geni_disjoint"')


@pytest.fixture
def one(single: Running) -> Iterator[Slice]:
    """A slice where slivers are named together and allocated once."""
    made = single.person("alice").new_slice()
    yield made
    made.call("Delete")


@pytest.fixture
def other(disjoint: Running) -> Iterator[Slice]:
    """A slice where what is allocated later has no part in what is there."""
    made = disjoint.person("alice").new_slice()
    yield made
    made.call("Delete")


def test_getversion_tells_what_is_configured(single: Running, disjoint: Running) -> None:
    # R040, R041, R043
    value = single.person("alice").am("GetVersion")["value"]
    assert type(value["geni_single_allocation"]) is int
    assert value["geni_single_allocation"] == 1
    assert value["geni_allocate"] == "geni_single"
    assert "geni_am_code_version" not in value
    value = disjoint.person("alice").am("GetVersion")["value"]
    assert (value["geni_allocate"], value["geni_single_allocation"]) == ("geni_disjoint", 0)


def test_under_geni_single_a_slice_allocates_once(one: Slice) -> None:
    # R159
    one.allocate(request(node("a")))
    assert one.refused("Allocate", request(node("b"))) == 13
    assert len(one.states()) == 1
    # Update is there for that, and after Delete it is the first time again
    one.done("Update", request(node("c")))
    one.done("Delete")
    one.allocate(request(node("b")))


def test_under_geni_disjoint_nothing_new_refers_to_what_is_there(other: Slice) -> None:
    # R160
    other.allocate(request(node("a", "a:0", "a:1")))
    linked = request(node("b", "b:0"), link("l", "a:0", "b:0"))
    answer = other.call("Allocate", linked)
    assert answer["code"]["geni_code"] == 13
    assert "geni_disjoint" in answer["output"]
    assert len(other.states()) == 1
    other.allocate(request(node("b", "b:0"), node("c", "c:0"), link("m", "b:0", "c:0")))


def test_under_geni_single_allocation_a_part_of_a_state_is_not_named_alone(one: Slice) -> None:
    # R250, R251
    made = one.allocate(request(node("a"), node("b")))
    part = [made["a"]]
    for method, middle in (
        ("Describe", ()),
        ("Renew", (NEVER,)),
        ("Delete", ()),
        ("Provision", ()),
        ("Cancel", ()),
        ("Update", (request(node("a", sliver_id=made["a"])),)),
    ):
        for best_effort in (False, True):
            code = one.refused(method, *middle, urns=part, geni_best_effort=best_effort)
            assert code == 13, method
    assert {state[0] for state in one.states().values()} == {"geni_allocated"}
    # all of them, or the slice
    both = list(made.values())
    one.done("Describe", urns=both)
    one.done("Renew", NEVER, urns=both, geni_extend_alap=True)
    one.done("Provision", urns=both)


def test_under_geni_single_allocation_states_are_told_apart(one: Slice) -> None:
    # R250, R251
    made = one.provisioned(pair())
    one.done(
        "Update",
        request(
            node("a", "a:0", "a:1", sliver_id=made["a"]),
            node("b", "b:0", sliver_id=made["b"]),
            link("lan", "a:0", "b:0", sliver_id=made["lan"]),
            node("new"),
        ),
    )
    (new,) = one.states().keys() - set(made.values())
    # Describe, Renew, Delete: all of one state; Provision, Cancel: all that is uncommitted
    one.done("Describe", urns=[new])
    for method in ("Provision", "Cancel"):
        assert one.refused(method, urns=[new]) == 13
        assert one.refused(method, urns=list(made.values())) == 13
    assert one.refused("Update", example("one-node"), urns=list(made.values())) == 13
    one.done("Delete", urns=[new])
    one.done("Provision", urns=list(made.values()))


def test_status_and_actions_may_name_a_part(one: Slice) -> None:
    made = one.provisioned(request(node("a"), node("b")))
    one.done("Status", urns=[made["a"]])
    one.done("PerformOperationalAction", "geni_start", urns=[made["a"]])
    one.until("geni_ready", made["a"])


def test_owners_shut_down_where_it_is_configured(single: Running) -> None:
    # decision 17
    mine = single.person("alice").new_slice()
    mine.allocate(request(node("a")))
    assert mine.refused("Shutdown", by=single.person("bob")) == 3
    assert mine.done("Shutdown") is True
    assert mine.refused("Delete") == 3
    mine.done("Delete", by=single.person("carol"))
