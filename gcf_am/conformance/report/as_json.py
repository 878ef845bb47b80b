"""The report for programs."""

import json
from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC
from typing import Any

from gcf_am.conformance.report.header import Header
from gcf_am.conformance.report.matrix import count, matrix
from gcf_am.conformance.report.repeated import Place, Repeated
from gcf_am.conformance.verdict import Exchange, Result


def as_json(header: Header, results: Sequence[Result]) -> str:
    """One object; `checks` has an object for each check, in the order they were tried.

    In a check's `exchanges` a long answer that came before is not told again: `as_in` has the
    check and the call where it stands.
    """
    repeated = Repeated.among(results)
    told: dict[str, Any] = {
        "aggregate": {"url": header.url, "urn": header.urn},
        "started": header.started.astimezone(UTC).isoformat(timespec="seconds"),
        "seconds": round(header.seconds, 3),
        "kit": {"name": "gcf-conform", "version": header.version},
        "profile": header.profile,
        "options": list(header.options),
        "replayed": header.replayed,
        "abilities": dict(header.abilities),
        "counts": dict(count(results)),
        "matrix": matrix(results),
        "checks": [_check(one, repeated) for one in results],
    }
    return json.dumps(told, indent=2) + "\n"


def _check(one: Result, repeated: Repeated) -> dict[str, Any]:
    """`sent` is the call that was judged, the last one; `got` what was wrong, else its answer."""
    last = one.exchanges[-1] if one.exchanges else None
    return {
        "id": one.check.id,
        "verdict": one.verdict,
        "method": one.check.method,
        "severity": one.check.severity,
        "profiles": sorted(one.check.profiles),
        "rule": one.check.rule,
        "clause": one.check.clause,
        "sent": last.sent if last else "",
        "got": one.got or (last.got if last else ""),
        "expected": one.expected or one.check.rule,
        "reason": one.reason,
        "seconds": round(one.seconds, 3),
        "exchanges": [
            _exchange(each, repeated.before(one, number, each))
            for number, each in enumerate(one.exchanges, 1)
        ],
    }


def _exchange(one: Exchange, before: Place | None) -> dict[str, Any]:
    got: dict[str, Any] = {"got": one.got} if before is None else {"as_in": asdict(before)}
    return {"sent": one.sent, **got, "seconds": round(one.seconds, 3)}
