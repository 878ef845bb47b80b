"""Are the entries of geni_slivers what they must be?"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from gcf_am.conformance.dates import read_date

_ALLOCATION: Final = frozenset(
    {"geni_unallocated", "geni_allocated", "geni_provisioned", "geni_updating"}
)
_NEXT: Final = frozenset({"", "geni_provisioned", "geni_unallocated"})


def entries(value: object) -> list[Mapping[str, Any]]:
    """The slivers of a value that is a list or a struct with geni_slivers; [] of anything else."""
    rows = value.get("geni_slivers") if isinstance(value, Mapping) else value
    if not isinstance(rows, list):
        return []
    return [one for one in rows if isinstance(one, Mapping)]


def by_urn(value: object) -> dict[str, Mapping[str, Any]]:
    """The same by their URNs."""
    return {str(one.get("geni_sliver_urn")): one for one in entries(value)}


def shape(value: object, members: Mapping[str, type]) -> list[str]:
    """The value is a struct that has these members with these types."""
    if not isinstance(value, Mapping):
        return [f"the value is {type(value).__name__}, not a struct"]
    return [
        f"{name} is missing" if name not in value else f"{name} is {type(value[name]).__name__}"
        for name, kind in members.items()
        if not isinstance(value.get(name), kind)
    ]


def complete(value: object, *members: str) -> list[str]:
    """Each entry has the URN, a date, an allocation status, and these members, all as text."""
    found = entries(value)
    faults = [] if found else ["geni_slivers holds no sliver"]
    for one in found:
        name = one.get("geni_sliver_urn")
        faults += [
            f"{name}: {member} is {one.get(member)!r}, not text"
            for member in ("geni_sliver_urn", "geni_expires", "geni_allocation_status", *members)
            if not isinstance(one.get(member), str)
        ]
        if read_date(one.get("geni_expires")) is None:
            faults.append(f"{name}: geni_expires is {one.get('geni_expires')!r}, no RFC 3339 date")
        if one.get("geni_allocation_status") not in _ALLOCATION:
            faults.append(
                f"{name}: geni_allocation_status is {one.get('geni_allocation_status')!r}"
            )
        if one.get("geni_next_allocation_status", "") not in _NEXT:
            faults.append(
                f"{name}: geni_next_allocation_status is {one['geni_next_allocation_status']!r}"
            )
    return faults


def all_are(value: object, urns: Iterable[str], **wanted: str) -> list[str]:
    """Each of these slivers is told, with these members' values (or one of several, split by |)."""
    told = by_urn(value)
    faults = []
    for urn in urns:
        if urn not in told:
            faults.append(f"{urn} is not told of")
            continue
        for member, words in wanted.items():
            got = told[urn].get(f"geni_{member}")
            if got not in words.split("|"):
                faults.append(f"{urn}: geni_{member} is {got!r}, not {words or 'the empty text'}")
    return faults


def same(
    before: Mapping[str, Mapping[str, Any]],
    after: Mapping[str, Mapping[str, Any]],
    urns: Iterable[str],
    *members: str,
) -> list[str]:
    """These members of these slivers are what they were."""
    faults = []
    for urn in urns:
        old, new = before.get(urn, {}), after.get(urn)
        if new is None:
            faults.append(f"{urn} is gone")
            continue
        faults += [
            f"{urn}: {member} was {old.get(member)!r} and is {new.get(member)!r}"
            for member in members
            if old.get(member) != new.get(member)
        ]
    return faults


def failures_told(value: object, failed: Iterable[str], fine: Iterable[str]) -> list[str]:
    """R257: every sliver asked for is told of; those that failed, and only those, with an error."""
    told = by_urn(value)
    faults = [f"{urn} is not told of" for urn in (*failed, *fine) if urn not in told]
    faults += [
        f"{urn} could not be had and has no geni_error"
        for urn in failed
        if urn in told and not told[urn].get("geni_error")
    ]
    faults += [
        f"{urn} has the geni_error {told[urn]['geni_error']!r}"
        for urn in fine
        if urn in told and told[urn].get("geni_error")
    ]
    return faults


def never_twice(answers: Sequence[object]) -> list[str]:
    """No sliver URN was given out in two answers."""
    seen: set[str] = set()
    faults = []
    for one in answers:
        urns = set(by_urn(one))
        faults += [f"{urn} was given out twice" for urn in sorted(urns & seen)]
        seen |= urns
    return faults
