import itertools
from datetime import date

import pytest

from gcf_am.surface.elements import Element
from gcf_am.surface.lifecycle import (
    Change,
    IllegalHistory,
    Lifecycle,
    State,
    Transition,
    prototype,
    published,
)
from gcf_am.surface.releases import RELEASES, Release, in_order

R = tuple(Release(place, f"{place}.0") for place in range(1, 6))


def record(change: Change, place: int = 1, **more: str) -> Transition:
    return Transition(change, R[place - 1], "because", ("am/3/Other",), **more)


# What the policy allows, written out: a row for each state, and what a change makes of it.
POLICY = {
    None: {Change.PROTOTYPE: State.PROTOTYPE, Change.PUBLISH: State.PUBLISHED},
    State.PROTOTYPE: {
        Change.PUBLISH: State.PUBLISHED,
        Change.EXTEND: State.PROTOTYPE,
        Change.CHANGE: State.PROTOTYPE,
        Change.REMOVE: State.REMOVED,
    },
    State.PUBLISHED: {
        Change.EXTEND: State.PUBLISHED,
        Change.CHANGE: State.PUBLISHED,
        Change.DEPRECATE: State.DEPRECATED,
    },
    State.DEPRECATED: {Change.REMOVE: State.REMOVED},
    State.REMOVED: {},
}
TO_REACH: dict[State | None, tuple[Transition, ...]] = {
    None: (),
    State.PROTOTYPE: (record(Change.PROTOTYPE),),
    State.PUBLISHED: (record(Change.PUBLISH),),
    State.DEPRECATED: (record(Change.PUBLISH), record(Change.DEPRECATE)),
    State.REMOVED: (record(Change.PROTOTYPE), record(Change.REMOVE)),
}


@pytest.mark.parametrize(("state", "change"), list(itertools.product(POLICY, Change)))
def test_every_pair_of_state_and_change(state: State | None, change: Change) -> None:
    history = (*TO_REACH[state], record(change, 5))
    after = POLICY[state].get(change)
    if after is None:
        with pytest.raises(IllegalHistory, match=f"cannot be {change}"):
            Lifecycle(*history)
    else:
        assert Lifecycle(*history).state is after


def test_a_history_begins() -> None:
    with pytest.raises(IllegalHistory, match="begins with a record"):
        Lifecycle()


@pytest.mark.parametrize(
    "reason", ["", "  \n", "Dummy transition.", "TODO", "To do: tbd", "n/a", "N/A.", "None", "-"]
)
def test_a_record_gives_its_reason(reason: str) -> None:
    with pytest.raises(IllegalHistory, match="gives no reason"):
        published(R[0], reason)


@pytest.mark.parametrize("change", [Change.CHANGE, Change.DEPRECATE, Change.REMOVE])
def test_what_breaks_clients_names_something_instead(change: Change) -> None:
    with pytest.raises(IllegalHistory, match="names nothing instead"):
        Transition(change, R[0], "because")


def test_releases_do_not_run_backwards() -> None:
    with pytest.raises(IllegalHistory, match="does not come after"):
        Lifecycle(prototype(R[1], "new"), published(R[0], "done"))


@pytest.mark.parametrize(("removed", "legal"), [(2, False), (3, False), (4, True)])
def test_deprecated_in_n_is_removed_no_earlier_than_two_later(removed: int, legal: bool) -> None:
    history = (
        record(Change.PUBLISH),
        record(Change.DEPRECATE, 2),
        record(Change.REMOVE, removed),
    )
    if legal:
        assert Lifecycle(*history).state is State.REMOVED
    else:
        with pytest.raises(IllegalHistory, match="cannot be removed already"):
            Lifecycle(*history)


def test_haste_names_the_danger() -> None:
    with pytest.raises(IllegalHistory, match="without naming a danger"):
        record(Change.REMOVE, 2, urgent="soon")


def test_danger_skips_the_grace_period() -> None:
    urgent = record(Change.REMOVE, 2, urgent="CVE-2030-1")
    history = (record(Change.PUBLISH), record(Change.DEPRECATE, 2), urgent)
    assert Lifecycle(*history).state is State.REMOVED


def test_advice_is_given_for_what_goes_and_only_for_that() -> None:
    assert not Lifecycle(record(Change.PUBLISH)).advice
    advice = Lifecycle(record(Change.PUBLISH), record(Change.DEPRECATE)).advice
    assert advice == "deprecated: because Use am/3/Other instead."


def test_the_larger_state_of_element_and_parent_is_what_a_client_meets() -> None:
    assert max(State.PUBLISHED, State.PROTOTYPE) is State.PROTOTYPE
    assert max(State.DEPRECATED, State.REMOVED) is State.REMOVED


OUT = date(2030, 1, 1)


@pytest.mark.parametrize(
    ("releases", "reason"),
    [
        ((Release(2, "1.0"),), "is release 1, not 2"),
        ((Release(1, "1.0"), Release(2, "1.1")), "no other lacks one"),
        ((Release(1, "1.0", OUT),), "the last release has no date"),
        ((Release(1, "1.0", OUT), Release(2, "1.1", date(2029, 1, 1)), Release(3, "2.0")), "dates"),
    ],
)
def test_releases_stand_in_order(releases: tuple[Release, ...], reason: str) -> None:
    assert in_order(*RELEASES) == RELEASES
    with pytest.raises(ValueError, match=reason):
        in_order(*releases)


@pytest.mark.parametrize("lacks", ["name", "doc", "spec"])
def test_an_element_tells_what_it_is_and_where_that_is_written(lacks: str) -> None:
    told = {"name": "x", "doc": "It.", "spec": "AM API v3", lacks: " "}
    with pytest.raises(ValueError, match=f"without a {lacks}"):
        Element(**told)  # type: ignore[arg-type]
