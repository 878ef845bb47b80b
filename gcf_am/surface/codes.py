"""Error codes, states and actions, with the standard's names and numbers."""

from typing import Final

from gcf_am.model.states import Action, AllocationState, OperationalState
from gcf_am.surface.elements import (
    CHANGE_SET_C,
    V3,
    ActionElement,
    AllocationElement,
    ErrorCode,
    OperationalElement,
)

_REGISTRY: Final = "geni-error-codes registry"


def _code(number: int, label: str, doc: str, *, answered: bool = True) -> ErrorCode:
    return ErrorCode(name=label, doc=doc, spec=_REGISTRY, number=number, answered=answered)


# decision 16: which are answered; 18 never is, 1 says the same
CODES: Final = (
    _code(0, "SUCCESS", "It was done."),
    _code(1, "BADARGS", "An argument is missing, malformed, or an unreadable RSpec."),
    _code(2, "ERROR", "It failed for a reason that no other code tells."),
    _code(3, "FORBIDDEN", "The credentials do not allow it."),
    _code(4, "BADVERSION", "No such RSpec version is spoken here."),
    _code(5, "SERVERERROR", "The aggregate's own fault; output holds a number for its operator."),
    _code(6, "TOOBIG", "More is asked for than this aggregate has."),
    _code(7, "REFUSED", "Policy or the present state says no."),
    _code(8, "TIMEDOUT", "Something behind the aggregate took too long."),
    _code(9, "DBERROR", "The aggregate's database failed; nothing was changed."),
    _code(10, "RPCERROR", "A call that the aggregate made itself failed."),
    _code(11, "UNAVAILABLE", "The aggregate is closed for maintenance."),
    _code(12, "SEARCHFAILED", "No such sliver, component, or slivers of the slice here."),
    _code(13, "UNSUPPORTED", "The operation or combination is not offered here."),
    _code(14, "BUSY", "Another call is at work on it; try again."),
    _code(15, "EXPIRED", "The sliver or slice has expired."),
    _code(16, "INPROGRESS", "It is already under way."),
    _code(17, "ALREADYEXISTS", "It is there already."),
    _code(19, "OUTOFRANGE", "A time or number lies outside what is granted."),
    _code(20, "CREDENTIAL_INVALID", "A credential is not genuine.", answered=False),
    _code(21, "CREDENTIAL_EXPIRED", "A credential has expired.", answered=False),
    _code(22, "CREDENTIAL_MISMATCH", "It is of another owner or slice.", answered=False),
    _code(23, "CREDENTIAL_SIGNER_UNTRUSTED", "Nobody trusted signed it.", answered=False),
    _code(24, "VLAN_UNAVAILABLE", "The VLAN tag is taken, or no tag is left."),
    _code(25, "INSUFFICIENT_BANDWIDTH", "The link's capacity is not to be had."),
    _code(26, "INSUFFICIENT_NODES", "The nodes are not to be had now."),
    _code(-32001, "SERVERBUSY", "Too many calls at once; try again soon."),
)

NUMBERS: Final = {one.name: one.number for one in CODES}

_ALLOCATION_DOCS: Final = {
    AllocationState.UNALLOCATED: "It does not exist, or no longer.",
    AllocationState.ALLOCATED: "It is reserved for a short time; nothing was instantiated.",
    AllocationState.PROVISIONED: "It is instantiated, or being so.",
    AllocationState.UPDATING: "It is instantiated, and a change of it is reserved.",
}
ALLOCATION_STATES: Final = tuple(
    AllocationElement(
        name=state.value,
        doc=_ALLOCATION_DOCS[state],
        spec="AM API v3, Sliver Allocation States",
        life=CHANGE_SET_C if state is AllocationState.UPDATING else V3,
    )
    for state in AllocationState
)

_OPERATIONAL_DOCS: Final = {
    OperationalState.PENDING_ALLOCATION: "It is not provisioned, or being prepared.",
    OperationalState.NOTREADY: "It is prepared and does not run; geni_start starts it.",
    OperationalState.CONFIGURING: "It is starting.",
    OperationalState.STOPPING: "It is stopping.",
    OperationalState.READY: "It runs and can be used.",
    OperationalState.UPDATING_USERS: "It runs; its accounts are being changed.",
    OperationalState.FAILED: "It failed; geni_error says how.",
}
OPERATIONAL_STATES: Final = tuple(
    OperationalElement(
        name=state.value,
        doc=_OPERATIONAL_DOCS[state],
        spec="AM API v3, Sliver Operational States",
    )
    for state in OperationalState
)

_ACTION_DOCS: Final = {
    Action.START: "Start it.",
    Action.RESTART: "Stop and start it; what only its memory held is lost.",
    Action.STOP: "Stop it; its disk is kept.",
    Action.RELOAD: "Stop it and start it with a fresh disk of its image; all it wrote is lost.",
    Action.UPDATE_USERS: "Make the accounts of geni_users; others are left as they are.",
    Action.UPDATE_USERS_CANCEL: "Leave the accounts as far as they were changed.",
}
ACTIONS: Final = tuple(
    ActionElement(
        name=action.value,
        doc=_ACTION_DOCS[action],
        spec="AM API v3, Sliver Operational Actions",
    )
    for action in Action
)
