"""Delegation: what one who holds a credential may hand on. Source: GENI credentials, delegation.

The user's own key signs all of these. R108, a credential over the aggregate's own authority, is
for Shutdown's checks: only the federation can issue one.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from gcf_am.conformance import posing
from gcf_am.conformance.check import Check, Need, Severity
from gcf_am.conformance.forging import altering
from gcf_am.conformance.forging.statement import Statement
from gcf_am.conformance.posing import item
from gcf_am.conformance.trial import Trial

MUST, SHOULD = Severity.MUST, Severity.SHOULD


def to_another(trial: Trial) -> None:
    one = trial.slice()
    made = posing.delegated(trial, one.credential.text, to=2)
    answer = trial.as_user(2).call("Status", [one.urn], [item(made)], {})
    posing.accepted(trial, answer)


def to_herself(trial: Trial) -> None:
    one = trial.slice()
    made = posing.delegated(trial, one.credential.text)
    posing.accepted(trial, posing.looks(trial, one.urn, [item(made)]))


def twice(trial: Trial) -> None:
    one = trial.slice()
    once = posing.delegated(trial, one.credential.text, to=2)
    back = posing.delegated(trial, once, by=2)
    posing.accepted(trial, posing.looks(trial, one.urn, [item(back)]))


def for_its_new_owner_only(trial: Trial) -> None:
    one = trial.slice()
    posing.hands_on(trial, one)
    made = posing.delegated(trial, one.credential.text, to=2)
    trial.forbids(posing.takes(trial, one.urn, [item(made)]))


def _of(first: posing.Change, second: posing.Change = posing.unchanged) -> Callable[[Trial], None]:
    """A right delegation, and a second one that gives what the first does not let one give."""

    def check(trial: Trial) -> None:
        one = trial.slice()
        posing.hands_on(trial, one)
        once = posing.delegated(trial, one.credential.text, first)
        made = posing.delegated(trial, once, second)
        trial.forbids(posing.takes(trial, one.urn, [item(made)]))

    return check


def _fixed(said: Statement) -> Statement:
    return replace(said, privileges=tuple((name, False) for name, _ in said.privileges))


def _little(said: Statement) -> Statement:
    return replace(said, privileges=(("info", True),))


def _much(said: Statement) -> Statement:
    names = ("refresh", "embed", "bind", "control", "info")
    return replace(said, privileges=tuple((name, False) for name in names))


def _later(said: Statement) -> Statement:
    end = datetime.fromisoformat(said.expires.strip()) + timedelta(days=1)
    return replace(said, expires=end.strftime("%Y-%m-%dT%H:%M:%SZ"))


def over_another_slice(trial: Trial) -> None:
    one, other = trial.slice(), trial.slice()
    posing.hands_on(trial, one)
    made = posing.delegated(
        trial, one.credential.text, lambda said: posing.over(said, other.credential.text)
    )
    trial.forbids(posing.takes(trial, other.urn, [item(made)]))


def by_another(trial: Trial) -> None:
    one = trial.slice()
    posing.hands_on(trial, one)
    made = posing.delegated(trial, one.credential.text, by=2)
    trial.forbids(posing.takes(trial, one.urn, [item(made)]))


def stolen(trial: Trial) -> None:
    one = trial.slice()
    posing.hands_on(trial, one)
    made = posing.delegated(trial, one.credential.text, by=2, to=2)
    answer = trial.as_user(2).call("Status", [one.urn], [item(made)], {})
    trial.forbids(answer)


def unsigned_parent(trial: Trial) -> None:
    one = trial.slice()
    posing.hands_on(trial, one)
    right = posing.delegated(trial, one.credential.text)
    made = posing.forged(trial, lambda: altering.with_unsigned_parent(right))
    trial.forbids(posing.takes(trial, one.urn, [item(made)]))


def altered_parent(trial: Trial) -> None:
    one = trial.slice()
    posing.hands_on(trial, one)
    altered = posing.forged(trial, lambda: altering.with_other_byte(one.credential.text))
    made = posing.delegated(trial, altered)
    trial.forbids(posing.takes(trial, one.urn, [item(made)]))


def _check(
    name: str,
    rule: str,
    number: str,
    run: Callable[[Trial], None],
    *needs: Need,
    severity: Severity = MUST,
) -> Check:
    clause = f"GENI credentials, delegation; {number}"
    return Check(f"delegation.{name}", "credentials", rule, clause, severity, run, needs=needs)


CHECKS: Final = (
    _check("to-another", "A delegated credential with a correct parent is accepted for whom it was given to", "R101", to_another, Need.SECOND_USER),
    _check("to-herself", "A credential delegated to its own owner is accepted", "R101", to_herself, severity=SHOULD),
    _check("twice", "A credential that was handed on twice is accepted", "R101", twice, Need.SECOND_USER),
    _check("for-its-new-owner-only", "A delegated credential gives nothing to whom it was not given to", "R071, R101", for_its_new_owner_only, Need.SECOND_USER),
    _check("not-delegable", "A delegation of what can_delegate false forbids to hand on gives 3", "R102", _of(_fixed)),
    _check("exceeds-parent", "A delegation with a privilege that its parent has not gives 3", "R103", _of(_little, _much)),
    _check("outlasts-parent", "A delegation that ends later than its parent gives 3", "R104", _of(_later)),
    _check("over-another-slice", "A delegation over another target than its parent's gives 3", "R105", over_another_slice),
    _check("by-another", "A delegation that was signed by another than its parent's owner gives 3", "R106", by_another, Need.SECOND_USER),
    _check("stolen", "A delegation by which a user gives herself another's credential gives 3", "R106", stolen, Need.SECOND_USER),
    _check("unsigned-parent", "A delegation whose parent is not signed gives 3", "R107", unsigned_parent),
    _check("altered-parent", "A delegation whose parent was altered gives 3", "R107", altered_parent),
)  # fmt: skip
