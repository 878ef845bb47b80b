"""PerformOperationalAction: start, stop, restart and reload slivers, and change their accounts."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from gcf_am.errors import BadArgs, Busy, Refused, Unsupported
from gcf_am.manager import record, selection
from gcf_am.manager.accounts import User, judged, with_users
from gcf_am.manager.aggregate import Aggregate
from gcf_am.manager.attempt import attempt
from gcf_am.manager.record import Author
from gcf_am.manager.report import Report
from gcf_am.model.sliver import Sliver, Step
from gcf_am.model.states import (
    OPERATIONAL,
    Action,
    AllocationState,
    IllegalTransition,
    OperationalState,
    operational_after,
)
from gcf_am.trust.grant import Grant
from gcf_am.urn import Urn

_STEPS: Final = {
    Action.START: Step.START,
    Action.RESTART: Step.RESTART,
    Action.STOP: Step.STOP,
    Action.RELOAD: Step.RELOAD,
    Action.UPDATE_USERS: Step.UPDATE_USERS,
    Action.UPDATE_USERS_CANCEL: None,
}
# Links have neither accounts nor a disk.
_OF_NODES: Final = frozenset({Action.RELOAD, Action.UPDATE_USERS, Action.UPDATE_USERS_CANCEL})
_READY: Final = frozenset({OperationalState.READY, OperationalState.UPDATING_USERS})


def perform(
    am: Aggregate,
    grant: Grant,
    urns: Sequence[Urn],
    action: str,
    *,
    best_effort: bool,
    users: tuple[User, ...] | None,
) -> tuple[Report, ...]:
    """Begin an action; states change at once, the work goes on in a wait state.

    Slivers named one by one must all be able to (without best effort). With the slice's URN it
    means those provisioned slivers for which it is defined now; the others are listed unchanged,
    and one at least must be there (decision 9). `users` are geni_users, for geni_update_users.

    Raises BadArgs without an action or its users, Unsupported for an action that is unknown or
    illegal in a state, Refused for geni_update_users before ready, Busy while updating.
    Source: AM API v3, PerformOperationalAction; Change Set C; geni_update_users beside v3.
    """
    wanted = _action(action)
    if wanted is Action.UPDATE_USERS and users is None:
        raise BadArgs(f"{wanted} needs the option geni_users")
    now = grant.at
    named = judged(users or ())
    with am.store.write() as unit:
        chosen = selection.select(unit, grant, urns, now, best_effort=best_effort, lock=True)

        def acted(sliver: Sliver) -> Sliver:
            _check(sliver, wanted)
            return _begun(sliver, wanted, named)

        meant = _meant(chosen, wanted)
        tried = attempt(meant, acted, best_effort=best_effort)
        record.write(unit, Author.of(grant, wanted), tried.changes)
    am.wake()
    return tried.reports(chosen.slivers) + chosen.absent(now)


def _action(text: str) -> Action:
    if not text:
        raise BadArgs("action is empty")
    try:
        return Action(text)
    except ValueError:
        known = ", ".join(Action)
        raise Unsupported(f"action {text[:80]!r} is not offered; there are {known}") from None


def _meant(chosen: selection.Selection, action: Action) -> tuple[Sliver, ...]:
    """The slivers an action with these urns means.

    With the slice's URN: updating ones, to be refused, and those that can. If none can, all of
    them are meant, so that the refusal tells why.
    """
    if not chosen.whole:
        return chosen.slivers
    updating = [one for one in chosen.slivers if one.allocation is AllocationState.UPDATING]
    able = [
        one
        for one in chosen.slivers
        if one.allocation is AllocationState.PROVISIONED and _defined(one, action)
    ]
    return (*updating, *able) if able else chosen.slivers


def _defined(sliver: Sliver, action: Action) -> bool:
    return action in OPERATIONAL[sliver.operational].actions and not (
        action in _OF_NODES and sliver.kind == "link"
    )


def _check(sliver: Sliver, action: Action) -> None:
    what = f"{sliver.kind} {sliver.client_id!r} ({sliver.urn})"
    if sliver.allocation is AllocationState.UPDATING:
        # Change Set C: operational actions are not permitted while updating (decision 9)
        raise Busy(f"{what} is being updated; Provision or Cancel first")
    if sliver.allocation is not AllocationState.PROVISIONED:
        raise Unsupported(f"{what} is not provisioned")
    if action is Action.UPDATE_USERS and sliver.kind == "node" and not _defined(sliver, action):
        raise Refused(f"{what} is {sliver.operational}; {action} needs geni_ready")
    if not _defined(sliver, action):
        raise Unsupported(f"{what} is {sliver.operational}, where {action} is not defined")


def _begun(sliver: Sliver, action: Action, users: tuple[User, ...]) -> Sliver:
    try:
        after = operational_after(sliver.operational, action)
    except IllegalTransition as illegal:
        raise Unsupported(str(illegal)) from illegal
    step = _STEPS[action]
    if sliver.operational is OperationalState.FAILED and step is not Step.RELOAD:
        # it may never have been prepared; preparing is idempotent and goes on to the action
        step = Step.PREPARE
    logins = sliver.logins
    if action is Action.UPDATE_USERS:
        logins = with_users(logins, users)
    return replace(
        sliver,
        operational=after,
        step=step,
        error="",
        logins=logins,
        # logins in the manifest are those of a node that runs
        access=sliver.access if after in _READY else None,
        generation=sliver.generation + 1,
    )
