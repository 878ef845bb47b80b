"""Every pair of state and event, allowed and refused, against tables written out here."""

from itertools import product

import pytest

from gcf_am.model.states import (
    ALLOCATION,
    CHANGED,
    OPERATIONAL,
    RELEASED,
    START_STATE,
    Action,
    AllocationEvent,
    AllocationState,
    IllegalTransition,
    OperationalState,
    Outcome,
    allocation_after,
    next_allocation,
    operational_after,
    operational_when_lost,
)

# Rows: AM API v3 and Change Set C. Columns: the events, in the order of `EVENTS`; "-" is refused.
EVENTS = (
    "ALLOCATE",
    "UPDATE",
    "UPDATE_AWAY",
    "PROVISION",
    "PROVISION_AWAY",
    "CANCEL",
    "DELETE",
    "EXPIRE",
)
PROMISES = """
    unallocated  allocated  -          -            -            -            -            -            -
    allocated    -          allocated  unallocated  provisioned  -            unallocated  unallocated  unallocated
    provisioned  -          updating   updating     -            -            -            unallocated  unallocated
    updating     -          updating   updating     provisioned  unallocated  provisioned  unallocated  unallocated
"""
# Rows: the operational states. Columns: six actions, then three outcomes.
WORK = """
    pending_allocation  -            -            -         -            -               -      notready  -         failed
    notready            configuring  -            -         -            -               -      -         -         -
    configuring         -            -            -         -            -               -      -         ready     failed
    stopping            -            -            -         -            -               -      -         notready  failed
    ready               -            configuring  stopping  configuring  updating_users  -      -         -         -
    updating_users      -            -            -         -            -               ready  -         ready     failed
    failed              -            configuring  stopping  configuring  -               -      -         -         -
"""


# Columns: after the driver found it lost, after Provision changed it, after release.
TURNS = """
    pending_allocation  -       pending_allocation  pending_allocation
    notready            failed  pending_allocation  notready
    configuring         -       configuring         configuring
    stopping            -       stopping            stopping
    ready               failed  configuring         configuring
    updating_users      -       configuring         updating_users
    failed              -       pending_allocation  failed
"""


def rows(table: str) -> list[list[str]]:
    return [line.split() for line in table.strip().splitlines()]


def promises() -> dict[tuple[AllocationState, AllocationEvent], AllocationState | None]:
    return {
        (AllocationState(f"geni_{state}"), AllocationEvent[event]): (
            None if after == "-" else AllocationState(f"geni_{after}")
        )
        for state, *cells in rows(PROMISES)
        for event, after in zip(EVENTS, cells, strict=True)
    }


def works() -> dict[tuple[OperationalState, Action | Outcome], OperationalState | None]:
    events: tuple[Action | Outcome, ...] = (
        Action.START,
        Action.RESTART,
        Action.STOP,
        Action.RELOAD,
        Action.UPDATE_USERS,
        Action.UPDATE_USERS_CANCEL,
        Outcome.PREPARED,
        Outcome.SUCCEEDED,
        Outcome.FAILED,
    )
    return {
        (OperationalState(f"geni_{state}"), event): (
            None if after == "-" else OperationalState(f"geni_{after}")
        )
        for state, *cells in rows(WORK)
        for event, after in zip(events, cells, strict=True)
    }


def test_the_tables_here_know_every_pair() -> None:
    assert promises().keys() == set(product(AllocationState, AllocationEvent))
    assert works().keys() == set(product(OperationalState, (*Action, *Outcome)))


@pytest.mark.parametrize(("pair", "after"), promises().items(), ids=str)
def test_allocation(
    pair: tuple[AllocationState, AllocationEvent], after: AllocationState | None
) -> None:
    if after is None:
        assert pair not in ALLOCATION
        with pytest.raises(IllegalTransition, match="does not apply to geni_"):
            allocation_after(*pair)
    else:
        assert allocation_after(*pair) is after


@pytest.mark.parametrize(("pair", "after"), works().items(), ids=str)
def test_operation(
    pair: tuple[OperationalState, Action | Outcome], after: OperationalState | None
) -> None:
    if after is None:
        with pytest.raises(IllegalTransition, match="does not apply to geni_"):
            operational_after(*pair)
    else:
        assert operational_after(*pair) is after


@pytest.mark.parametrize(("state", "lost", "changed", "released"), rows(TURNS))
def test_turns_that_no_action_asks_for(state: str, lost: str, changed: str, released: str) -> None:
    before = OperationalState(f"geni_{state}")
    assert CHANGED[before] == f"geni_{changed}"
    assert RELEASED[before] == f"geni_{released}"
    if lost == "-":
        with pytest.raises(IllegalTransition, match=f"{before} is not a state that is lost"):
            operational_when_lost(before)
    else:
        assert operational_when_lost(before) == f"geni_{lost}"


def test_every_state_has_a_row_and_a_meaning() -> None:
    assert OPERATIONAL.keys() == CHANGED.keys() == RELEASED.keys() == set(OperationalState)
    assert all(row.meaning.endswith(".") for row in OPERATIONAL.values())


def test_a_state_waits_or_is_final() -> None:
    """A wait ends well or badly; a final state is left by actions only."""
    for state, row in OPERATIONAL.items():
        if row.waits:
            assert row.waits[Outcome.FAILED] is OperationalState.FAILED, state
            assert len(row.waits) == 2
        else:
            assert row.actions, state


def test_every_state_is_reached_from_the_start() -> None:
    reached, waiting = set(), [OperationalState.PENDING_ALLOCATION]
    while waiting:
        state = waiting.pop()
        if state not in reached:
            reached.add(state)
            row = OPERATIONAL[state]
            waiting += [*row.actions.values(), *row.waits.values()]
    assert reached == set(OperationalState)
    assert OPERATIONAL[OperationalState.PENDING_ALLOCATION].waits[Outcome.PREPARED] is START_STATE


@pytest.mark.parametrize(
    ("state", "removal", "then"),
    [
        (AllocationState.UNALLOCATED, False, ""),
        (AllocationState.UNALLOCATED, True, ""),
        (AllocationState.ALLOCATED, False, "geni_provisioned"),
        (AllocationState.ALLOCATED, True, "geni_provisioned"),
        (AllocationState.PROVISIONED, False, ""),
        (AllocationState.PROVISIONED, True, ""),
        (AllocationState.UPDATING, False, "geni_provisioned"),
        (AllocationState.UPDATING, True, "geni_unallocated"),
    ],
)
def test_what_the_next_provision_makes_of_it(
    state: AllocationState, removal: bool, then: str
) -> None:
    assert next_allocation(state, removal=removal) == then
