"""Is an answer of version 2's SliverStatus what it must be?"""

from collections.abc import Mapping
from typing import Any, Final

_WORDS: Final = frozenset({"configuring", "ready", "failed", "unknown"})


def shape(value: object) -> list[str]:
    """R276: the slice, its status, and each resource with URN, status and error."""
    if not isinstance(value, Mapping):
        return [f"the value is {type(value).__name__}, not a struct"]
    faults = [
        f"{name} is {value.get(name)!r}, not text"
        for name in ("geni_urn", "geni_status")
        if not isinstance(value.get(name), str)
    ]
    rows = value.get("geni_resources")
    if not isinstance(rows, list) or not rows:
        return [*faults, "geni_resources is no list of at least one resource"]
    for row in rows:
        faults += [
            f"geni_resources: {name} is {told!r}, not text"
            for name in ("geni_urn", "geni_status", "geni_error")
            if not isinstance(told := row.get(name) if isinstance(row, Mapping) else None, str)
        ]
    return faults


def words(value: Mapping[str, Any]) -> list[str]:
    """R277: each status is one of four words."""
    told = [value.get("geni_status"), *(_statuses(value))]
    return [f"a geni_status is {one!r}" for one in told if one not in _WORDS]


def summary(value: Mapping[str, Any]) -> list[str]:
    """The slice is failed where one is, else configuring where one is, else ready when all are."""
    told = set(_statuses(value))
    wanted = "unknown"
    if told == {"ready"}:
        wanted = "ready"
    elif "failed" in told:
        wanted = "failed"
    elif "configuring" in told:
        wanted = "configuring"
    if value.get("geni_status") == wanted:
        return []
    return [f"geni_status is {value.get('geni_status')!r} of resources that are {sorted(told)}"]


def urns(value: Mapping[str, Any]) -> set[str]:
    """The resources' URNs."""
    rows = value.get("geni_resources")
    return {
        str(one.get("geni_urn"))
        for one in (rows if isinstance(rows, list) else [])
        if isinstance(one, Mapping)
    }


def _statuses(value: Mapping[str, Any]) -> list[str]:
    rows = value.get("geni_resources")
    return [
        str(one.get("geni_status"))
        for one in (rows if isinstance(rows, list) else [])
        if isinstance(one, Mapping)
    ]
