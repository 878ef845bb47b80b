"""GetVersion: what an aggregate says of itself. Source: AM API v3, GetVersion."""

from typing import Final

from gcf_am.conformance.check import Check, Severity
from gcf_am.conformance.trial import Trial

MUST: Final = Severity.MUST


def bare(trial: Trial) -> None:
    trial.succeeds(trial.call("GetVersion"))


def empty(trial: Trial) -> None:
    trial.succeeds(trial.call("GetVersion", {}))


CHECKS: Final = (
    Check(
        "getversion.bare",
        "GetVersion",
        "GetVersion() without parameters succeeds",
        "AM API v3, GetVersion; R026",
        MUST,
        bare,
    ),
    Check(
        "getversion.empty-options",
        "GetVersion",
        "GetVersion({}) succeeds",
        "AM API v3, GetVersion; R027",
        MUST,
        empty,
    ),
)
