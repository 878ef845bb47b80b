"""Certificates and credentials that only an authority can make. Source: GENI certificates.

For authors of aggregates, who have a federation of their own to try with: one of its authorities
must be given (--certificate authority=CERT,KEY).
"""

from collections.abc import Callable
from dataclasses import replace
from functools import cache
from typing import Final
from uuid import UUID

from gcf_am.conformance import posing
from gcf_am.conformance.answer import Answer
from gcf_am.conformance.check import Check, Severity
from gcf_am.conformance.forging import authority
from gcf_am.conformance.forging.identity import Identity, uuid_of
from gcf_am.conformance.forging.statement import issue, read_statement
from gcf_am.conformance.inquiry import DENIED
from gcf_am.conformance.posing import item
from gcf_am.conformance.slices import SliceUnderTest
from gcf_am.conformance.trial import Trial

MUST, SHOULD = Severity.MUST, Severity.SHOULD
Make = Callable[[], Identity]


def _user(by: Make) -> Make:
    """Somebody whom the authority certifies, in its own namespace, as it may."""
    return lambda: authority.certify(_urn(by(), "user+conform"), by())


def _urn(by: Identity, rest: str, below: str = "") -> str:
    """A URN in the namespace of an authority, or below it."""
    return f"urn:publicid:IDN+{by.urn.split('+')[1]}{below}+{rest}"


def _calls(trial: Trial, one: SliceUnderTest, who: Make) -> Answer:
    """Ask for the status, with what the user handed on to somebody."""
    made = cache(who)
    text = posing.delegated(trial, one.credential.text, to=made)
    caller = trial.with_identity(posing.shown(trial, made))
    return caller.call("Status", [one.urn], [item(text)], {})


def _signs(trial: Trial, one: SliceUnderTest, by: Make) -> None:
    """Skipped, unless the aggregate takes whom the authority certifies rightly."""
    answer = _calls(trial, one, _user(by))
    if answer.code not in posing.AUTHORIZED:
        trial.skip(
            f"this authority's users, to whom a slice is delegated, are refused: {answer.brief}"
        )


def without_uuid(trial: Trial) -> None:
    one = trial.slice()
    posing.hands_on(trial, one)
    posing.accepted(trial, _calls(trial, one, _user(posing.given(trial, posing.AUTHORITY))))


def _refused(wrong: Callable[[Identity], Identity]) -> Callable[[Trial], None]:
    """Whom the authority may not certify so is refused, by TLS or with 3."""

    def check(trial: Trial) -> None:
        by = posing.given(trial, posing.AUTHORITY)
        one = trial.slice()
        posing.hands_on(trial, one)
        _signs(trial, one, by)
        answer = _calls(trial, one, lambda: wrong(by()))
        trial.expect(
            answer.ended is not None or answer.code in DENIED,
            "the connection is refused, or the call is, with geni_code 3",
            answer.brief,
        )

    return check


def _elsewhere(by: Identity) -> Identity:
    return authority.certify("urn:publicid:IDN+conform.invalid+user+conform", by)


def _by_a_user(by: Identity) -> Identity:
    between = authority.certify(_urn(by, "user+conform-ca"), by, authority=True)
    return authority.certify(_urn(by, "user+conform"), between)


def uuid_alone(trial: Trial) -> None:
    by = posing.given(trial, posing.AUTHORITY)
    one = trial.slice()
    posing.hands_on(trial, one)
    _signs(trial, one, by)

    def uuid() -> UUID | None:
        return uuid_of(posing.identity(trial).certificate)

    def same_uuid() -> Identity:
        return authority.certify(_urn(by(), "user+conform"), by(), uuid=uuid())

    if not trial.tape.learn("uuid", lambda: uuid() is not None):
        trial.skip("the user's certificate has no UUID")
    caller = trial.with_identity(posing.shown(trial, same_uuid))
    answer = caller.call("Status", [one.urn], one.credentials, {})
    trial.forbids(answer)


def by_an_authority_below(trial: Trial) -> None:
    by = posing.given(trial, posing.AUTHORITY)
    one = trial.slice()
    posing.hands_on(trial, one)
    _signs(trial, one, by)

    def make() -> str:
        below = authority.certify(_urn(by(), "authority+sa", ":conform"), by(), authority=True)
        return issue(read_statement(one.credential.text), below)

    made = posing.forged(trial, make)
    trial.forbids(posing.takes(trial, one.urn, [item(made)]))


def resolve_alone(trial: Trial) -> None:
    by = posing.given(trial, posing.AUTHORITY)
    one = trial.slice()

    def looked(*privileges: tuple[str, bool]) -> Answer:
        def make() -> str:
            said = read_statement(one.credential.text)
            return issue(replace(said, privileges=privileges or said.privileges), by())

        return posing.looks(trial, one.urn, [item(posing.forged(trial, make))])

    answer = looked()
    if answer.code not in posing.AUTHORIZED:
        trial.skip(f"this authority's slice credentials are refused: {answer.brief}")
    trial.forbids(looked(("resolve", False)))


CHECKS: Final = (
    Check(
        "certificate.of-another-namespace",
        "credentials",
        "A certificate that was signed by an authority without authority over its name is invalid",
        "GENI certificates; R062",
        MUST,
        _refused(_elsewhere),
    ),
    Check(
        "certificate.by-a-user-with-ca",
        "credentials",
        "A certificate that was signed by a CA whose URN is not of type authority is invalid",
        "GENI certificates; R063",
        MUST,
        _refused(_by_a_user),
    ),
    Check(
        "certificate.without-uuid",
        "credentials",
        "A certificate without UUID and e-mail address is accepted",
        "GENI certificates; R064",
        SHOULD,
        without_uuid,
    ),
    Check(
        "certificate.uuid-alone",
        "credentials",
        "Who has the owner's UUID and another URN is not the owner",
        "GENI certificates; R065",
        MUST,
        uuid_alone,
    ),
    Check(
        "credential.by-an-authority-below",
        "credentials",
        "A credential by an authority of another namespace than its target's gives 3",
        "GENI credentials; R078",
        MUST,
        by_an_authority_below,
    ),
    Check(
        "credential.resolve-permits-no-status",
        "credentials",
        "A credential with only resolve does not permit Status",
        "GENI credentials; R070",
        MUST,
        resolve_alone,
    ),
)
