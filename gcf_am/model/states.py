"""The sliver's two state machines as tables; the only way a state changes.

Sources: AM API v3, Sliver Allocation States and Sliver Operational States; Change Set C for
geni_updating; geni_update_users and geni_reload as adopted beside v3.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class AllocationState(StrEnum):
    """How far a sliver is promised."""

    UNALLOCATED = "geni_unallocated"
    ALLOCATED = "geni_allocated"
    PROVISIONED = "geni_provisioned"
    UPDATING = "geni_updating"


class OperationalState(StrEnum):
    """What a sliver is doing, as far as the aggregate knows."""

    PENDING_ALLOCATION = "geni_pending_allocation"
    NOTREADY = "geni_notready"
    CONFIGURING = "geni_configuring"
    STOPPING = "geni_stopping"
    READY = "geni_ready"
    UPDATING_USERS = "geni_updating_users"
    FAILED = "geni_failed"


class AllocationEvent(StrEnum):
    """What can happen to a promise."""

    ALLOCATE = "Allocate"
    UPDATE = "Update"
    UPDATE_AWAY = "Update without it"
    PROVISION = "Provision"
    PROVISION_AWAY = "Provision of what Update marked for deletion"
    CANCEL = "Cancel"
    DELETE = "Delete"
    EXPIRE = "expiry"


class Action(StrEnum):
    """What PerformOperationalAction may be asked for."""

    START = "geni_start"
    RESTART = "geni_restart"
    STOP = "geni_stop"
    RELOAD = "geni_reload"
    UPDATE_USERS = "geni_update_users"
    UPDATE_USERS_CANCEL = "geni_update_users_cancel"


class Outcome(StrEnum):
    """How the aggregate's own work on a sliver ended; what wait states wait for."""

    PREPARED = "prepared"
    SUCCEEDED = "geni_success"
    FAILED = "geni_failure"


class IllegalTransition(ValueError):
    """A state cannot change this way."""


_A = AllocationState
_E = AllocationEvent

# Change Set C, "After a successful Update()"; facts on every row in spec 0006.
ALLOCATION: Final[Mapping[tuple[AllocationState, AllocationEvent], AllocationState]] = {
    (_A.UNALLOCATED, _E.ALLOCATE): _A.ALLOCATED,
    (_A.ALLOCATED, _E.UPDATE): _A.ALLOCATED,
    (_A.ALLOCATED, _E.UPDATE_AWAY): _A.UNALLOCATED,
    (_A.ALLOCATED, _E.PROVISION): _A.PROVISIONED,
    (_A.ALLOCATED, _E.CANCEL): _A.UNALLOCATED,
    (_A.ALLOCATED, _E.DELETE): _A.UNALLOCATED,
    (_A.ALLOCATED, _E.EXPIRE): _A.UNALLOCATED,
    (_A.PROVISIONED, _E.UPDATE): _A.UPDATING,
    (_A.PROVISIONED, _E.UPDATE_AWAY): _A.UPDATING,
    (_A.PROVISIONED, _E.DELETE): _A.UNALLOCATED,
    (_A.PROVISIONED, _E.EXPIRE): _A.UNALLOCATED,
    (_A.UPDATING, _E.UPDATE): _A.UPDATING,
    (_A.UPDATING, _E.UPDATE_AWAY): _A.UPDATING,
    (_A.UPDATING, _E.PROVISION): _A.PROVISIONED,
    (_A.UPDATING, _E.PROVISION_AWAY): _A.UNALLOCATED,
    (_A.UPDATING, _E.CANCEL): _A.PROVISIONED,
    (_A.UPDATING, _E.DELETE): _A.UNALLOCATED,
    # the sliver does not return to geni_provisioned on expiry
    (_A.UPDATING, _E.EXPIRE): _A.UNALLOCATED,
}


def allocation_after(state: AllocationState, event: AllocationEvent) -> AllocationState:
    """The allocation state that `event` leads to; raises IllegalTransition."""
    try:
        return ALLOCATION[state, event]
    except KeyError:
        raise IllegalTransition(f"{event} does not apply to {state}") from None


@dataclass(frozen=True, slots=True)
class StateRow:
    """One operational state: its actions, and where its wait ends (a final state has no wait)."""

    actions: Mapping[Action, OperationalState]
    waits: Mapping[Outcome, OperationalState]
    meaning: str


_O = OperationalState

# The start state follows geni_pending_allocation and is geni_notready: tools call geni_start.
OPERATIONAL: Final[Mapping[OperationalState, StateRow]] = {
    _O.PENDING_ALLOCATION: StateRow(
        {},
        {Outcome.PREPARED: _O.NOTREADY, Outcome.FAILED: _O.FAILED},
        "Not provisioned yet, or being prepared.",
    ),
    _O.NOTREADY: StateRow(
        {Action.START: _O.CONFIGURING},
        {},
        "Prepared and not running; geni_start brings it up.",
    ),
    _O.CONFIGURING: StateRow(
        {},
        {Outcome.SUCCEEDED: _O.READY, Outcome.FAILED: _O.FAILED},
        "Coming up.",
    ),
    _O.READY: StateRow(
        {
            Action.RESTART: _O.CONFIGURING,
            Action.STOP: _O.STOPPING,
            Action.RELOAD: _O.CONFIGURING,
            Action.UPDATE_USERS: _O.UPDATING_USERS,
        },
        {},
        "Running; the logins in the manifest work.",
    ),
    _O.UPDATING_USERS: StateRow(
        {Action.UPDATE_USERS_CANCEL: _O.READY},
        {Outcome.SUCCEEDED: _O.READY, Outcome.FAILED: _O.FAILED},
        "Running while its logins are changed.",
    ),
    _O.STOPPING: StateRow(
        {},
        {Outcome.SUCCEEDED: _O.NOTREADY, Outcome.FAILED: _O.FAILED},
        "Going down.",
    ),
    _O.FAILED: StateRow(
        {
            Action.RESTART: _O.CONFIGURING,
            Action.STOP: _O.STOPPING,
            Action.RELOAD: _O.CONFIGURING,
        },
        {},
        "Something failed; geni_error says what. geni_restart tries again, geni_reload does with "
        "a fresh disk.",
    ),
}

START_STATE: Final = _O.NOTREADY
# What is to be started before anybody can call geni_start: prepared, then brought up (AM API v2,
# CreateSliver).
STARTED: Final = OPERATIONAL[START_STATE].actions[Action.START]


def operational_after(state: OperationalState, event: Action | Outcome) -> OperationalState:
    """The operational state that an action or an outcome leads to; raises IllegalTransition."""
    row = OPERATIONAL[state]
    after = row.actions.get(event) if isinstance(event, Action) else row.waits.get(event)
    if after is None:
        raise IllegalTransition(f"{event} does not apply to {state}")
    return after


# What a driver finds: no action, and no wait either, so it is not in the advertised machine.
LOST: Final[Mapping[OperationalState, OperationalState]] = {
    _O.NOTREADY: _O.FAILED,
    _O.READY: _O.FAILED,
}


def operational_when_lost(state: OperationalState) -> OperationalState:
    """The state after the driver found gone, or down, what should be there; IllegalTransition."""
    try:
        return LOST[state]
    except KeyError:
        raise IllegalTransition(f"{state} is not a state that is lost") from None


# Provision of an updating sliver whose contents change: what ran runs again afterwards, what is
# on its way down goes down.
CHANGED: Final[Mapping[OperationalState, OperationalState]] = {
    _O.PENDING_ALLOCATION: _O.PENDING_ALLOCATION,
    _O.NOTREADY: _O.PENDING_ALLOCATION,
    _O.FAILED: _O.PENDING_ALLOCATION,
    _O.READY: _O.CONFIGURING,
    _O.CONFIGURING: _O.CONFIGURING,
    _O.UPDATING_USERS: _O.CONFIGURING,
    _O.STOPPING: _O.STOPPING,
}


# Release of a slice that was shut down: what is frozen is in the state it had, and what ran is
# ready again when it is thawed.
RELEASED: Final[Mapping[OperationalState, OperationalState]] = {
    _O.PENDING_ALLOCATION: _O.PENDING_ALLOCATION,
    _O.NOTREADY: _O.NOTREADY,
    _O.CONFIGURING: _O.CONFIGURING,
    _O.READY: _O.CONFIGURING,
    _O.UPDATING_USERS: _O.UPDATING_USERS,
    _O.STOPPING: _O.STOPPING,
    _O.FAILED: _O.FAILED,
}


def next_allocation(state: AllocationState, *, removal: bool) -> str:
    """geni_next_allocation_status: what the next Provision makes of it, or the empty string.

    `removal` tells that Update marked it for deletion.
    """
    if state is AllocationState.ALLOCATED:
        return AllocationState.PROVISIONED
    if state is AllocationState.UPDATING:
        return AllocationState.UNALLOCATED if removal else AllocationState.PROVISIONED
    return ""
