"""The report for programs."""

import json
from collections.abc import Sequence
from datetime import UTC
from typing import Any

from gcf_am.conformance.report.header import Header
from gcf_am.conformance.report.matrix import count, matrix
from gcf_am.conformance.verdict import Result


def as_json(header: Header, results: Sequence[Result]) -> str:
    """One object; `checks` has an object for each check, in the order they were tried."""
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
        "checks": [_check(one) for one in results],
    }
    return json.dumps(told, indent=2) + "\n"


def _check(one: Result) -> dict[str, Any]:
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
            {"sent": each.sent, "got": each.got, "seconds": round(each.seconds, 3)}
            for each in one.exchanges
        ],
    }
