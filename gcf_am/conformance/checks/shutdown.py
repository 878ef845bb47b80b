"""Shutdown by who may: what a slice is good for afterwards. Source: AM API v3, Shutdown.

Such a slice stays shut down: these checks are tried only where an operator was named.
"""

from typing import Any, Final

from gcf_am.conformance.asking import GENI3
from gcf_am.conformance.check import Check, Need, Severity
from gcf_am.conformance.dates import write_date
from gcf_am.conformance.holding import slivers_of
from gcf_am.conformance.slices import SliceUnderTest
from gcf_am.conformance.trial import Trial

# Forbidden; refused and unavailable are tolerated
_SHUT: Final = (3, 7, 11)


def _shut(trial: Trial, one: SliceUnderTest) -> None:
    operator = trial.operator()
    value = trial.succeeds(operator.call("Shutdown", one.urn, one.credentials, {}))
    trial.expect(value is True, "value is true", f"{value!r}")


def empty(trial: Trial) -> None:
    _shut(trial, trial.slice())


def twice(trial: Trial) -> None:
    one = trial.slice()
    _shut(trial, one)
    _shut(trial, one)


def nothing_more(trial: Trial) -> None:
    one = trial.slice()
    request = trial.request()
    until = write_date(trial.now())
    _shut(trial, one)
    calls: tuple[tuple[str, tuple[Any, ...]], ...] = (
        ("Allocate", (one.urn, one.credentials, request, {})),
        ("Provision", ([one.urn], one.credentials, {**GENI3, "geni_users": []})),
        ("Renew", ([one.urn], one.credentials, until, {})),
        ("PerformOperationalAction", ([one.urn], one.credentials, "geni_start", {})),
        ("Delete", ([one.urn], one.credentials, {})),
    )
    for method, arguments in calls:
        trial.refuses(trial.call(method, *arguments), *_SHUT)


def with_slivers(trial: Trial) -> None:
    held = trial.allocated()
    _shut(trial, held.slice)
    trial.refuses(trial.call("Delete", [held.urn], held.credentials, {}), *_SHUT)
    answer = trial.operator().call("Status", [held.urn], held.credentials, {})
    if answer.code != 0:
        trial.cannot_tell(f"the operator is not told: {answer.brief}")
    there = {row["geni_sliver_urn"] for row in slivers_of(answer)}
    trial.expect(set(held.urns) <= there, "what was there is kept for who looks into it", there)


MUST: Final = Severity.MUST
_SH: Final = "AM API v3, Shutdown"
_NEEDS: Final = (Need.WRITES, Need.OPERATOR)

CHECKS: Final = (
    Check("shutdown.empty", "Shutdown", "Shutdown of a slice without slivers answers true", f"{_SH}; R216, R217", MUST, empty, needs=_NEEDS),
    Check("shutdown.twice", "Shutdown", "Shutdown a second time answers true", f"{_SH}; R218", MUST, twice, needs=_NEEDS),
    Check("shutdown.nothing-more", "Shutdown", "Afterwards the slice's verbs are refused", f"{_SH}; R219", MUST, nothing_more, needs=_NEEDS),
    Check("shutdown.with-slivers", "Shutdown", "Slivers that were shut down are kept, and are not the experimenter's to delete", f"{_SH}; R219, R221", MUST, with_slivers, needs=_NEEDS),
)  # fmt: skip
