"""Allocate: reserving, all or nothing. Source: AM API v3, Allocate."""

from typing import Final

from gcf_am.conformance.check import Check, Severity
from gcf_am.conformance.trial import Trial

MUST: Final = Severity.MUST


def all_allocated(trial: Trial) -> None:
    one = trial.slice()
    value = trial.succeeds(trial.call("Allocate", one.urn, one.credentials, trial.request(), {}))
    slivers = value["geni_slivers"]
    trial.expect(bool(slivers), "geni_slivers lists what was allocated", slivers)
    for sliver in slivers:
        said = sliver["geni_allocation_status"]
        trial.expect(said == "geni_allocated", "every sliver is geni_allocated", said)


CHECKS: Final = (
    Check(
        "allocate.all-allocated",
        "Allocate",
        "A valid request succeeds, and all its slivers are geni_allocated",
        "AM API v3, Allocate; R138",
        MUST,
        all_allocated,
    ),
)
