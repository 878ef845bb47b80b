"""Calls at the same time: what one holds, nobody else gets."""

from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from threading import Barrier
from typing import Any

from tests.functional.rspecs import Rspec, example, link, node, request
from tests.functional.running import GENI3, PATIENCE, Person, Slice, free

Answer = dict[str, Any]
BUSY = 14


def at_once(calls: Sequence[Callable[[], Answer]]) -> list[Answer]:
    """The answers of calls that begin together, in their order.

    Who is told that the aggregate is busy asks again: a slow machine changes nothing else.
    """
    ready = Barrier(len(calls))

    def run(call: Callable[[], Answer]) -> Answer:
        ready.wait(PATIENCE)
        while (answer := call())["code"]["geni_code"] == BUSY:
            continue
        return answer

    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(run, calls))


def alone(slice_: Slice, method: str, *args: object) -> Callable[[], Answer]:
    """A call on a connection of its own."""
    return partial(slice_.owner.am_alone, method, *args)


def codes(answers: Sequence[Answer]) -> Counter[int]:
    return Counter(one["code"]["geni_code"] for one in answers)


def test_of_many_who_want_one_machine_exactly_one_gets_it(slice_: Slice, bobs: Slice) -> None:
    # R161, decision 1
    free(slice_.owner, "pc2")
    calls = [
        alone(mine, "Allocate", mine.urn, mine.creds, request(node(f"n{turn}", host="pc2")), {})
        for turn in range(6)
        for mine in (slice_, bobs)
    ]
    answers = at_once(calls)
    assert codes(answers) == {0: 1, 26: len(calls) - 1}
    assert len(slice_.states() | bobs.states()) == 1
    (winner,) = [one["value"] for one in answers if one["code"]["geni_code"] == 0]
    assert Rspec(winner["geni_rspec"]).hosts().popitem()[1] == "pc2"


def test_no_more_is_given_than_there_is(slice_: Slice, bobs: Slice) -> None:
    # R161: eight machines, twelve who ask for one each
    free(slice_.owner, *(f"pc{number}" for number in range(1, 9)))
    calls = [
        alone(mine, "Allocate", mine.urn, mine.creds, request(node(f"n{turn}", exclusive="true")), {})
        for turn in range(6)
        for mine in (slice_, bobs)
    ]  # fmt: skip
    answers = at_once(calls)
    assert codes(answers) == {0: 8, 26: 4}
    hosts = [*slice_.rspec().hosts().values(), *bobs.rspec().hosts().values()]
    assert sorted(hosts) == [f"pc{number}" for number in range(1, 9)]
    slice_.done("Delete")
    bobs.done("Delete")


def test_of_calls_with_one_name_one_makes_the_sliver(slice_: Slice) -> None:
    # decision 10
    call = alone(slice_, "Allocate", slice_.urn, slice_.creds, example("one-node"), {})
    assert codes(at_once([call] * 6)) == {0: 1, 1: 5}
    assert len(slice_.states()) == 1


def test_a_sliver_is_deleted_once(slice_: Slice) -> None:
    made = slice_.provisioned(request(node("a")))
    call = alone(slice_, "Delete", list(made.values()), slice_.creds, {})
    assert codes(at_once([call] * 6)) == {0: 1, 12: 5}


def test_one_interface_is_linked_once(slice_: Slice) -> None:
    slice_.allocate(request(node("a", "a:0"), node("b", "b:0")))
    calls = [
        alone(
            slice_,
            "Allocate",
            slice_.urn,
            slice_.creds,
            request(link(f"l{turn}", "a:0", "b:0")),
            {},
        )
        for turn in range(4)
    ]
    assert codes(at_once(calls)) == {0: 1, 1: 3}
    assert len(slice_.rspec().links()) == 1


def test_update_and_cancel_and_provision_leave_one_whole_state(slice_: Slice) -> None:
    # whoever comes first: afterwards nothing is half changed, and what is held is what is shown
    free(slice_.owner, "pc3", "pc4", "pc5")
    made = slice_.provisioned(request(node("a", host="pc3")))
    urns, creds = [slice_.urn], slice_.creds
    moves = [
        alone(slice_, "Update", urns, creds, request(node("a", host=host, sliver_id=made["a"])), {})
        for host in ("pc4", "pc5")
    ]
    others = [
        alone(slice_, "Cancel", urns, creds, {}),
        alone(slice_, "Provision", urns, creds, GENI3),
    ]
    assert codes(at_once([*moves, *others, *moves])) == {0: 6}
    slice_.done("Cancel")
    (host,) = slice_.rspec().hosts().values()
    free(slice_.owner, *({"pc3", "pc4", "pc5"} - {host}))
    assert slice_.states().keys() == {made["a"]}
    assert slice_.until("geni_notready")


def test_looking_goes_on_while_others_write(slice_: Slice, bobs: Slice) -> None:
    made = slice_.allocate(request(node("a")))
    looks = [alone(slice_, "Describe", list(made.values()), slice_.creds, GENI3)] * 4
    writes = [
        alone(bobs, "Allocate", bobs.urn, bobs.creds, request(node(f"n{turn}")), {})
        for turn in range(4)
    ]
    assert codes(at_once([*looks, *writes])) == {0: 8}


def test_everybody_sees_one_version(alice: Person, bob: Person) -> None:
    answers = at_once([partial(who.am_alone, "GetVersion") for who in (alice, bob) * 3])
    assert all(one == answers[0] for one in answers)
