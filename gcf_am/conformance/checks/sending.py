"""Credentials as calls carry them: the list, its items, and how those were signed.

Source: GENI credentials; AM API v3, credentials.
"""

from collections.abc import Callable
from typing import Any, Final
from xmlrpc.client import Binary

from gcf_am.conformance import posing
from gcf_am.conformance.answer import Answer
from gcf_am.conformance.check import Check, Severity
from gcf_am.conformance.forging import altering, signing
from gcf_am.conformance.inquiry import DENIED
from gcf_am.conformance.posing import item
from gcf_am.conformance.slices import SliceUnderTest
from gcf_am.conformance.trial import Trial

MUST, SHOULD, MAY = Severity.MUST, Severity.SHOULD, Severity.MAY


def no_xml(trial: Trial) -> None:
    one = trial.slice()
    trial.refuses(posing.takes(trial, one.urn, [item("no XML")]), 1, *DENIED)


def unknown_type(trial: Trial) -> None:
    one = trial.slice()
    odd = item(one.credential.text, "gcf_conform_unknown", "7")
    trial.forbids(posing.takes(trial, one.urn, [odd]))


def none(trial: Trial) -> None:
    one = trial.slice()
    trial.forbids(posing.takes(trial, one.urn, []))


def no_list(trial: Trial) -> None:
    one = trial.slice()
    trial.refuses(posing.takes(trial, one.urn, one.credential.text), 1)


def odd_item(trial: Trial) -> None:
    one = trial.slice()
    trial.refuses(posing.takes(trial, one.urn, [5]), 1)


def _sent(change: Callable[[list[dict[str, Any]]], Any]) -> Callable[[Trial], None]:
    """A good credential is accepted though the list looks otherwise."""

    def check(trial: Trial) -> None:
        one = trial.slice()
        posing.accepted(trial, posing.looks(trial, one.urn, change(one.credentials)))

    return check


def _each(**members: Any) -> Callable[[list[dict[str, Any]]], Any]:
    return lambda good: [{**one, **members} for one in good]


def _with_broken(good: list[dict[str, Any]]) -> Any:
    return [{**good[0], "geni_value": altering.cut_off(good[0]["geni_value"])}, *good]


def _binary(good: list[dict[str, Any]]) -> Any:
    return [{**one, "geni_value": Binary(one["geni_value"].encode())} for one in good]


# algorithms


def _with_method(trial: Trial, one: SliceUnderTest, method: signing.Method) -> Answer:
    made = posing.delegated(trial, one.credential.text, method=method)
    return posing.looks(trial, one.urn, [item(made)])


def sha256(trial: Trial) -> None:
    one = trial.slice()
    answer = _with_method(trial, one, signing.SHA256)
    if answer.code in DENIED:
        # else it takes no delegation at all, by whatever method
        old = _with_method(trial, one, signing.SHA1)
        if old.code in DENIED:
            trial.skip(f"the aggregate takes no delegation of this credential: {old.brief}")
    posing.accepted(trial, answer)


def exclusive(trial: Trial) -> None:
    one = trial.slice()
    posing.hands_on(trial, one)
    posing.accepted(trial, _with_method(trial, one, signing.EXCLUSIVE))


def sha1(trial: Trial) -> None:
    one = trial.slice()
    posing.hands_on(trial, one)
    answer = _with_method(trial, one, signing.SHA1)
    if answer.code in DENIED:
        trial.forbids(answer)
    else:
        posing.accepted(trial, answer)


def _check(
    name: str, rule: str, number: str, run: Callable[[Trial], None], severity: Severity = MUST
) -> Check:
    clause = f"GENI credentials; {number}"
    return Check(f"credential.{name}", "credentials", rule, clause, severity, run)


CHECKS: Final = (
    _check("no-xml", "A credential that is not XML, alone, gives 3 or 1", "R087", no_xml),
    _check("bad-beside-good", "A list with one bad and one good credential succeeds", "R088", _sent(_with_broken)),
    _check("unknown-type-beside-good", "A list with an unknown geni_type and a good geni_sfa succeeds", "R089", _sent(lambda good: [item("of no known kind", "gcf_conform_unknown", "7"), *good])),
    _check("unknown-type-alone", "A credential of an unknown geni_type, alone, gives 3", "R089", unknown_type),
    _check("type-in-any-case", "geni_type is matched case-insensitively", "R090", _sent(_each(geni_type="GENI_Sfa"))),
    _check("version-2", 'geni_version "2" is accepted for geni_sfa', "R091", _sent(_each(geni_version="2"))),
    _check("version-3", 'geni_version "3" is accepted for geni_sfa', "R091", _sent(_each(geni_version="3"))),
    _check("version-as-int", "geni_version as an int is accepted", "R092", _sent(_each(geni_version=3)), SHOULD),
    _check("value-as-base64", "geni_value sent as base64 is accepted", "R093", _sent(_binary), SHOULD),
    _check("bare-string", "A bare string as a credential is accepted", "R094", _sent(lambda good: [one["geni_value"] for one in good]), SHOULD),
    _check("no-list", "credentials that is no array gives 1", "R095", no_list),
    _check("odd-item", "A credential that is neither struct nor string, alone, gives 1", "R096", odd_item, SHOULD),
    _check("none", "An empty list of credentials gives 3 for a slice", "R097", none),
    _check("rsa-sha256", "Signatures by rsa-sha256 are accepted", "R098", sha256, SHOULD),
    _check("exclusive-c14n", "Signatures over exclusive canonical XML are accepted", "R098", exclusive, SHOULD),
    _check("rsa-sha1", "A signature by rsa-sha1 is accepted, or refused with 3 and a reason", "R098", sha1, MAY),
)  # fmt: skip
