"""PerformOperationalAction. Source: AM API v3, PerformOperationalAction; operational states."""

from typing import Any, Final

from gcf_am.conformance.answer import Answer
from gcf_am.conformance.check import Check, Need, Severity
from gcf_am.conformance.holding import Holding, rested
from gcf_am.conformance.judged import comes, faultless
from gcf_am.conformance.judging import slivers
from gcf_am.conformance.standing import UNKNOWN, as_before, nowhere, standing
from gcf_am.conformance.trial import Trial
from gcf_am.conformance.verdict import Failed, Undecided

_STATE: Final = "geni_operational_status"


def _asked(trial: Trial, held: Holding, action: Any, urns: Any = None, **options: Any) -> Answer:
    named = [held.urn] if urns is None else urns
    return trial.call("PerformOperationalAction", named, held.credentials, action, options)


def _stopped(trial: Trial) -> Holding:
    """Slivers that can be started; skipped where they start by themselves."""
    _has(trial, "geni_notready", "geni_start")
    held = trial.provisioned()
    if any(one.get(_STATE) != "geni_notready" for one in held.slivers):
        trial.skip("slivers are not geni_notready after Provision")
    return held


def _has(trial: Trial, state: str, action: str) -> None:
    if not any(action in one.actions.get(state, {}) for one in trial.ad.machines):
        trial.skip(f"{action} is not advertised in {state}")


def _come_to(trial: Trial, held: Holding, state: str) -> None:
    try:
        told = rested(trial, held.slice)
    except Undecided as undecided:
        raise Failed(f"they get {state}", undecided.reason) from None
    for one in told:
        trial.expect(one.get(_STATE) == state, f"they get {state}", dict(one))


def start(trial: Trial) -> None:
    held = _stopped(trial)
    trial.succeeds(_asked(trial, held, "geni_start"))
    _come_to(trial, held, "geni_ready")


def stop(trial: Trial) -> None:
    _has(trial, "geni_ready", "geni_stop")
    held = trial.ready()
    trial.succeeds(_asked(trial, held, "geni_stop"))
    _come_to(trial, held, "geni_notready")


def restart(trial: Trial) -> None:
    _has(trial, "geni_ready", "geni_restart")
    held = trial.ready()
    trial.succeeds(_asked(trial, held, "geni_restart"))
    _come_to(trial, held, "geni_ready")


def start_again(trial: Trial) -> None:
    _has(trial, "geni_notready", "geni_start")
    _has(trial, "geni_ready", "geni_stop")
    held = trial.ready()
    trial.succeeds(_asked(trial, held, "geni_stop"))
    _come_to(trial, held, "geni_notready")
    trial.succeeds(_asked(trial, held, "geni_start"))
    _come_to(trial, held, "geni_ready")


def as_advertised(trial: Trial) -> None:
    held = _stopped(trial)
    following = {one.actions.get("geni_notready", {}).get("geni_start") for one in
                 trial.ad.machines}  # fmt: skip
    value = trial.succeeds(_asked(trial, held, "geni_start"))
    for one in slivers.entries(value):
        # what it leads to may have been reached already
        told = one.get(_STATE)
        known = told in following or told == "geni_ready"
        trial.expect(known, f"the state after geni_start: {sorted(map(str, following))}", told)


def entries(trial: Trial) -> None:
    held = _stopped(trial)
    value = trial.succeeds(_asked(trial, held, "geni_start"))
    trial.expect(isinstance(value, list), "value is an array of slivers", type(value).__name__)
    faultless(trial, "each sliver is told whole", slivers.complete(value, _STATE))


def allocation_stays(trial: Trial) -> None:
    held = _stopped(trial)
    before = standing(trial, held)
    trial.succeeds(_asked(trial, held, "geni_start"))
    members = ("geni_allocation_status", "geni_expires")
    faultless(trial, "allocation status and expiry stay",
              slivers.same(before, standing(trial, held), before, *members))  # fmt: skip


def _refused(trial: Trial, held: Holding, action: Any, *codes: int, **how: Any) -> None:
    """Refused, and nothing changes."""
    before = standing(trial, held)
    trial.refuses(_asked(trial, held, action, **how), *codes)
    as_before(trial, held, before)


def allocated(trial: Trial) -> None:
    _refused(trial, trial.allocated(), "geni_start", 13)


def unknown_action(trial: Trial) -> None:
    _refused(trial, trial.provisioned(), "conformance_unknown", 13)


def empty_action(trial: Trial) -> None:
    _refused(trial, trial.provisioned(), "", 1)


def no_text(trial: Trial) -> None:
    _refused(trial, trial.provisioned(), 5, 1)


def wrong_state(trial: Trial) -> None:
    held = _stopped(trial)
    for action in ("geni_stop", "geni_restart"):
        if not any(action in one.actions.get("geni_notready", {}) for one in trial.ad.machines):
            _refused(trial, held, action, 13, urns=held.urns)


def wrong_state_best_effort(trial: Trial) -> None:
    held = _stopped(trial)
    before = standing(trial, held)
    answer = _asked(trial, held, "geni_stop", held.urns, geni_best_effort=True)
    faultless(trial, "each sliver tells why not",
              slivers.failures_told(trial.succeeds(answer), held.urns, []))  # fmt: skip
    as_before(trial, held, before)


def all_or_nothing(trial: Trial) -> None:
    held = _stopped(trial)
    _refused(trial, held, "geni_start", *UNKNOWN, urns=[*held.urns, nowhere(trial)])


def best_effort(trial: Trial) -> None:
    held = _stopped(trial)
    lost = nowhere(trial)
    answer = _asked(trial, held, "geni_start", [*held.urns, lost], geni_best_effort=True)
    faultless(trial, "what failed is told with geni_error",
              slivers.failures_told(trial.succeeds(answer), [lost], held.urns))  # fmt: skip
    _come_to(trial, held, "geni_ready")


def only_named(trial: Trial) -> None:
    held = trial.provisioned(2)
    if any(one.get(_STATE) != "geni_notready" for one in held.slivers):
        trial.skip("slivers are not geni_notready after Provision")
    first, second, *_ = held.parts()
    value = trial.succeeds(_asked(trial, held, "geni_start", [first]))
    told = sorted(slivers.by_urn(value))
    trial.expect(told == [first], f"only {first} is told of", told)
    there = {one["geni_sliver_urn"]: one.get(_STATE) for one in rested(trial, held.slice)}
    trial.expect(there.get(second) == "geni_notready", "the other one is not started", there)
    trial.expect(there.get(first) == "geni_ready", f"{first} runs", there)


def nothing_there(trial: Trial) -> None:
    one = trial.slice()
    answer = trial.call("PerformOperationalAction", [one.urn], one.credentials, "geni_start", {})
    if answer.code == 0:
        trial.expect(not slivers.entries(answer.value), "no slivers, or a refusal", answer.text)
    else:
        trial.refuses(answer, *UNKNOWN, 13)


def unknown_option(trial: Trial) -> None:
    held = _stopped(trial)
    trial.succeeds(_asked(trial, held, "geni_start", conformance_unknown={"x": [1]}))


def another_slices(trial: Trial) -> None:
    held, other = trial.provisioned(), trial.slice()
    before = standing(trial, held)
    answer = trial.call("PerformOperationalAction", held.urns, other.credentials, "geni_start", {})
    trial.forbids(answer)
    as_before(trial, held, before)


_KEY: Final = (
    "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIMNCCMOPxP3bVqe8wKsTQmYdLXhYdWHDSQRdoOd0WXfT conformance"
)


def _users(trial: Trial) -> list[dict[str, Any]]:
    return [{"urn": trial.person().urn, "keys": [_KEY]}]


def users_missing(trial: Trial) -> None:
    _has(trial, "geni_ready", "geni_update_users")
    _refused(trial, trial.ready(), "geni_update_users", 1)


def users_not_ready(trial: Trial) -> None:
    _has(trial, "geni_ready", "geni_update_users")
    held = _stopped(trial)
    before = standing(trial, held)
    answer = _asked(trial, held, "geni_update_users", held.urns, geni_users=_users(trial))
    trial.refuses(answer, 7, 13)
    as_before(trial, held, before)


def users_updated(trial: Trial) -> None:
    _has(trial, "geni_ready", "geni_update_users")
    held = trial.ready()
    value = trial.succeeds(_asked(trial, held, "geni_update_users", geni_users=_users(trial)))
    for one in slivers.entries(value):
        told = one.get(_STATE)
        trial.expect(told in {"geni_updating_users", "geni_ready"}, "geni_updating_users", told)

    def back() -> bool:
        there = standing(trial, held).values()
        return all(one.get(_STATE) == "geni_ready" for one in there)

    comes(trial, back, "geni_ready after geni_update_users")


MUST, SHOULD = Severity.MUST, Severity.SHOULD
_POA: Final = "AM API v3, PerformOperationalAction"
_STATES: Final = "AM API v3, Sliver Operational States"
_USERS: Final = "AM API v3, geni_update_users; R209"
_BEST: Final = "AM API v3, Common Concepts, geni_best_effort"
_NAME: Final = "PerformOperationalAction"
_WRITES: Final = (Need.WRITES,)
_PARTS: Final = (Need.WRITES, Need.PARTS)

CHECKS: Final = (
    Check("perform.start", _NAME, "geni_start leads from geni_notready to geni_ready", f"{_STATES}; R201", MUST, start, needs=_WRITES),
    Check("perform.stop", _NAME, "geni_stop leads from geni_ready to geni_notready", f"{_STATES}; R202", MUST, stop, needs=_WRITES),
    Check("perform.restart", _NAME, "geni_restart leads from geni_ready back to geni_ready", f"{_STATES}; R203", MUST, restart, needs=_WRITES),
    Check("perform.start-again", _NAME, "What was stopped can be started again", f"{_STATES}; R201, R202", MUST, start_again, needs=_WRITES),
    Check("perform.as-advertised", _NAME, "An action leads where the advertisement says", "RSpec extension opstate/1; R136, R208", MUST, as_advertised, needs=_WRITES),
    Check("perform.entries", _NAME, "The value is an array of slivers with their new state", f"{_POA}; R208", MUST, entries, needs=_WRITES),
    Check("perform.allocation-stays", _NAME, "Actions change neither allocation nor expiry", _POA, MUST, allocation_stays, needs=_WRITES),
    Check("perform.allocated", _NAME, "Allocated slivers know no actions: 13, and nothing changes", f"{_POA}; R204", MUST, allocated, needs=_WRITES),
    Check("perform.unknown-action", _NAME, "An action that is not known gives 13", f"{_POA}; R205", MUST, unknown_action, needs=_WRITES),
    Check("perform.empty-action", _NAME, "An empty action is a bad argument", f"{_POA}; R205", MUST, empty_action, needs=_WRITES),
    Check("perform.no-text", _NAME, "An action that is no text is a bad argument", f"{_POA}; R011", MUST, no_text, needs=_WRITES),
    Check("perform.wrong-state", _NAME, "An action that the state does not know gives 13, and nothing changes", f"{_STATES}; R206", MUST, wrong_state, needs=_WRITES),
    Check("perform.wrong-state-best-effort", _NAME, "With geni_best_effort slivers in a wrong state tell so", f"{_BEST}; R206", MUST, wrong_state_best_effort, needs=_WRITES),
    Check("perform.all-or-nothing", _NAME, "Without geni_best_effort one bad sliver fails all", f"{_POA}; R207, R259", MUST, all_or_nothing, needs=_PARTS),
    Check("perform.best-effort", _NAME, "With geni_best_effort the others are started all the same", f"{_BEST}; R257", MUST, best_effort, needs=_PARTS),
    Check("perform.only-named", _NAME, "Slivers that are not named are left alone", _POA, MUST, only_named, needs=(*_PARTS, Need.SECOND_NODE)),
    Check("perform.nothing-there", _NAME, "A slice without slivers is refused, or has no slivers", _POA, MUST, nothing_there, needs=_WRITES),
    Check("perform.unknown-option", _NAME, "Options that are not known are ignored", f"{_POA}; R020", MUST, unknown_option, needs=_WRITES),
    Check("perform.another-slices-credential", _NAME, "Another slice's credential does not allow it", "GENI credentials; R072", MUST, another_slices, needs=_WRITES),
    Check("perform.users-missing", _NAME, "geni_update_users without geni_users is a bad argument", _USERS, SHOULD, users_missing, needs=_WRITES),
    Check("perform.users-not-ready", _NAME, "geni_update_users is refused where nothing runs", _USERS, SHOULD, users_not_ready, needs=_WRITES),
    Check("perform.users-updated", _NAME, "geni_update_users comes back to geni_ready", _USERS, SHOULD, users_updated, needs=_WRITES),
)  # fmt: skip
