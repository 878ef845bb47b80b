"""Why a credential is or is not accepted, step by step, told by the code that judges.

Nothing is judged here: the judges are followed (trust.trail), and their own lists are read out.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from gcf_am.model.credential_argument import CredentialArgument
from gcf_am.trust import chains, speaks_for, use, verifier
from gcf_am.trust.certificates import Certificate
from gcf_am.trust.chains import Chain, verify_chain
from gcf_am.trust.refusal import Refusal
from gcf_am.trust.roots import TrustSet
from gcf_am.trust.trail import Footprints
from gcf_am.urn import Urn

OK, REFUSED, UNREACHED, NEEDLESS = "ok", "refused", "not reached", "does not apply"
# The caller's own certificate is judged before any credential.
_CALLER: Final[Mapping[str, str]] = {"caller": "the caller's certificate has a chain to a root"}


@dataclass(frozen=True, slots=True)
class Row:
    """A step of a judgement: its number, its rule, what it was about, and how it ended.

    `found` is what it looked at, or why it refused.
    """

    step: str
    rule: str
    about: str
    outcome: str
    found: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Explanation:
    """All steps in order; `refusal` is None where the credential is accepted."""

    rows: tuple[Row, ...]
    refusal: Refusal | None


def explain(text: str, trust: TrustSet, now: datetime) -> Explanation:
    """Why a credential of privileges is or is not genuine."""
    trail = Footprints()
    return _followed(
        trail, verifier.STEPS, lambda: verifier.verify_credential(text, trust, now, trail)
    )


def explain_use(
    argument: CredentialArgument,
    caller: Sequence[Certificate],
    case: use.Case,
    trust: TrustSet,
    now: datetime,
) -> Explanation:
    """Why it does or does not allow this caller, whose chain is given, what the case asks for."""
    trail = Footprints()

    def judge() -> None:
        person = _caller(caller, trust, now, trail)
        use.judge(
            argument,
            person,
            case,
            lambda text, at: verifier.verify_credential(text, trust, at, trail),
            now,
            trail,
        )

    a, b, *rest = use.STEPS.items()
    return _followed(trail, {**_CALLER, **dict([a, b]), **verifier.STEPS, **dict(rest)}, judge)


def explain_speaks_for(
    text: str, user: Urn, caller: Sequence[Certificate], trust: TrustSet, now: datetime
) -> Explanation:
    """Why it does or does not let this caller speak for that user."""
    trail = Footprints()

    def judge() -> None:
        tool = _caller(caller, trust, now, trail)
        speaks_for.verify_speaks_for(text, user, tool, trust, now, trail)

    return _followed(trail, {**_CALLER, **speaks_for.STEPS}, judge)


def _caller(
    certificates: Sequence[Certificate], trust: TrustSet, now: datetime, trail: Footprints
) -> Chain:
    trail.at("caller", str(certificates[0].urn))
    return verify_chain(certificates, trust, now, trail)


def _followed(
    trail: Footprints, steps: Mapping[str, str], judge: Callable[[], object]
) -> Explanation:
    refusal: Refusal | None = None
    try:
        judge()
    except Refusal as error:
        refusal = error
    rows = []
    for number, place in enumerate(trail.places, 1):
        found, outcome = tuple(place.found), OK
        if refusal is not None and number == len(trail.places):
            outcome = REFUSED
            if place.within:
                found = (*found, f"chains, {place.within}: {chains.STEPS[place.within]}")
            found = (*found, f"{refusal.message} [{refusal.rule}, am_code {refusal.am_code}]")
        rows.append(Row(place.step, steps[place.step], place.about, outcome, found))
    order = list(steps)
    # a step that others have overtaken was not needed
    last = order.index(rows[-1].step) if refusal is not None else len(order)
    reached = {one.step for one in rows}
    rows += [
        Row(step, rule, "", NEEDLESS if order.index(step) < last else UNREACHED)
        for step, rule in steps.items()
        if step not in reached
    ]
    return Explanation(tuple(rows), refusal)
