"""Expiry: slivers end by themselves, when it was said. Source: AM API v3, Sliver Expiration."""

from datetime import timedelta
from typing import Any, Final

from gcf_am.conformance.asking import GENI3, compose
from gcf_am.conformance.check import Check, Need, Severity
from gcf_am.conformance.dates import read_date, write_date
from gcf_am.conformance.holding import Holding
from gcf_am.conformance.judged import comes, faultless, is_free
from gcf_am.conformance.judging import slivers
from gcf_am.conformance.standing import UNKNOWN, latest, standing
from gcf_am.conformance.trial import Trial

# What is renewed to so near a time ends while the check waits.
_SOON: Final = timedelta(seconds=3)
# How long it may take until a node that was given back is told to be free.
_FREED: Final = 60.0
# Clocks of two machines may differ by so much.
_APART: Final = timedelta(seconds=30)


def _to_end(trial: Trial, held: Holding) -> None:
    """Let its slivers end soon, and wait until that time is over."""
    until = trial.now().replace(microsecond=0) + _SOON
    answer = trial.call("Renew", [held.urn], held.credentials, write_date(until), {})
    if answer.code != 0:
        trial.cannot_tell(f"slivers cannot be told to end soon: {answer.brief}")
    trial.until(lambda: trial.now() > until or None, "the time of expiry")


def _gone(trial: Trial, held: Holding) -> None:
    comes(trial, lambda: not standing(trial, held), "the slivers vanish", _APART.total_seconds())


def allocated_ends(trial: Trial) -> None:
    held = trial.allocated()
    _to_end(trial, held)
    _gone(trial, held)
    answer = trial.call("Describe", [held.urn], held.credentials, dict(GENI3))
    if answer.code not in {12, 15}:
        left = sorted(slivers.by_urn(trial.succeeds(answer)))
        trial.expect(not left, "Describe tells of none", left)


def provisioned_ends(trial: Trial) -> None:
    held = trial.provisioned()
    _to_end(trial, held)
    _gone(trial, held)


def running_ends(trial: Trial) -> None:
    held = trial.ready()
    _to_end(trial, held)
    _gone(trial, held)


def expired_unknown(trial: Trial) -> None:
    held = trial.allocated()
    _to_end(trial, held)
    _gone(trial, held)
    until = write_date(trial.now() + timedelta(minutes=5))
    calls: tuple[tuple[str, tuple[Any, ...]], ...] = (
        ("Status", (held.urns, held.credentials, {})),
        ("Renew", (held.urns, held.credentials, until, {})),
        ("Provision", (held.urns, held.credentials, {**GENI3, "geni_users": []})),
        ("Delete", (held.urns, held.credentials, {})),
    )
    for method, arguments in calls:
        trial.refuses(trial.call(method, *arguments), *UNKNOWN)


def frees(trial: Trial) -> None:
    (node,) = trial.nodes(1, exclusive=True)
    held = trial.allocated(request=compose([node], bound=True))
    _to_end(trial, held)
    comes(trial, lambda: is_free(trial, node.component_id), "the node is free again", _FREED)


def dates_told(trial: Trial) -> None:
    held = trial.provisioned()
    # what it is: neither sooner nor later
    until = write_date(latest(trial, list(standing(trial, held).values())))
    calls: tuple[tuple[str, tuple[Any, ...]], ...] = (
        ("Status", ([held.urn], held.credentials, {})),
        ("Describe", ([held.urn], held.credentials, dict(GENI3))),
        ("Renew", ([held.urn], held.credentials, until, {})),
        ("Delete", ([held.urn], held.credentials, {})),
    )
    for method, arguments in calls:
        found = slivers.entries(trial.succeeds(trial.call(method, *arguments)))
        faults = [
            f"{method}: {one.get('geni_expires')!r}"
            for one in found
            if read_date(one.get("geni_expires")) is None
        ]
        faultless(trial, "dates as RFC 3339 has them, with a zone, without fractions", faults)


def told_alike(trial: Trial) -> None:
    held = trial.provisioned()
    told = standing(trial, held)
    again = standing(trial, held)
    faultless(trial, "an expiry is a time, and does not move on",
              slivers.same(told, again, told, "geni_expires"))  # fmt: skip
    end = latest(trial, list(told.values()))
    trial.expect(end <= held.slice.expires, "no sliver outlives the credential", write_date(end))


MUST: Final = Severity.MUST
_EX: Final = "AM API v3, Sliver Expiration"
_WRITES: Final = (Need.WRITES,)

CHECKS: Final = (
    Check("times.allocated-ends", "Status", "What is allocated vanishes when its time is over", f"{_EX}; R162", MUST, allocated_ends, needs=_WRITES),
    Check("times.provisioned-ends", "Status", "What is provisioned vanishes when its time is over", f"{_EX}; R222", MUST, provisioned_ends, needs=_WRITES),
    Check("times.running-ends", "Status", "What runs vanishes when its time is over", f"{_EX}; R222", MUST, running_ends, needs=_WRITES),
    Check("times.expired-unknown", "Status", "An expired sliver is as one that there is not", f"{_EX}; R223", MUST, expired_unknown, needs=_WRITES),
    Check("times.frees", "ListResources", "What has expired can be had by others", f"{_EX}; R214, R222", MUST, frees, needs=_WRITES),
    Check("times.dates-told", "Renew", "All dates are RFC 3339 with a zone", "AM API v3, Common Concepts, dates; R225", MUST, dates_told, needs=_WRITES),
    Check("times.told-alike", "Status", "An expiry is told alike, and is not after the credential's", f"{_EX}; R186, R224", MUST, told_alike, needs=_WRITES),
)  # fmt: skip
