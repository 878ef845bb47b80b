"""Which characters names may have, as change sets N and O of the draft say."""

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

# The draft's expressions; Change Set N1's own sentence allows a space, which its expression lacks.
_CODE_VERSION: Final = re.compile(r"[a-zA-Z0-9 .:#_+()-]+", re.ASCII)
_WORD: Final = re.compile(r"[a-zA-Z0-9][a-zA-Z0-9_.:-]*", re.ASCII)
_TYPE: Final = re.compile(r"[a-zA-Z0-9]+", re.ASCII)
_STATUS: Final = re.compile(r"[a-zA-Z0-9][a-zA-Z0-9_]*", re.ASCII)
_SLIVER: Final = re.compile(r"urn:publicid:IDN\+[^+\s]+\+sliver\+[a-zA-Z0-9_.-]+", re.ASCII)


def code_version(version: Mapping[str, Any]) -> list[str]:
    """N1: geni_am_code_version, where it is shown."""
    told = version.get("geni_am_code_version", "1")
    if isinstance(told, str) and _CODE_VERSION.fullmatch(told):
        return []
    return [f"geni_am_code_version is {told!r}"]


def am_type(version: Mapping[str, Any]) -> list[str]:
    """N2: geni_am_type is a list of at least one alphanumeric text."""
    told = version.get("geni_am_type")
    if not isinstance(told, list) or not told:
        return [f"geni_am_type is {told!r}, not a list of at least one text"]
    return [
        f"geni_am_type has {one!r}, which is not alphanumeric"
        for one in told
        if not isinstance(one, str) or not _TYPE.fullmatch(one)
    ]


def types_agree(code: Mapping[str, Any], version: Mapping[str, Any]) -> list[str]:
    """N3: am_type of a return struct is one of geni_am_type."""
    told, listed = code.get("am_type"), version.get("geni_am_type")
    known = listed if isinstance(listed, list) else [listed]
    return (
        [] if told is None or told in known else [f"am_type is {told!r}, geni_am_type {listed!r}"]
    )


def rspec_versions(version: Mapping[str, Any]) -> list[str]:
    """O2: type and version of each RSpec version."""
    faults: list[str] = []
    for name in ("geni_request_rspec_versions", "geni_ad_rspec_versions"):
        told = version.get(name)
        for one in told if isinstance(told, list) else []:
            faults += _words(one, name, ("type", "version"))
    return faults


def credential_types(version: Mapping[str, Any]) -> list[str]:
    """O2: geni_type of each credential type."""
    told = version.get("geni_credential_types")
    faults: list[str] = []
    for one in told if isinstance(told, list) else []:
        faults += _words(one, "geni_credential_types", ("geni_type",))
    return faults


def _words(one: object, name: str, members: tuple[str, ...]) -> Iterator[str]:
    for member in members:
        told = one.get(member) if isinstance(one, Mapping) else None
        if not isinstance(told, str) or not _WORD.fullmatch(told):
            yield f"{name}: {member} is {told!r}"


def statuses(told: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """O2: geni_operational_status of slivers, by their URNs."""
    return [
        f"{urn}: geni_operational_status is {status!r}"
        for urn, one in told.items()
        if not isinstance(status := one.get("geni_operational_status"), str)
        or not _STATUS.fullmatch(status)
    ]


def sliver_urns(told: Mapping[str, object]) -> list[str]:
    """O1: the names of slivers."""
    return [
        f"{urn!r} is no sliver's URN of letters, digits, - _ and ."
        for urn in told
        if not _SLIVER.fullmatch(urn)
    ]


def unicode_compliance(version: Mapping[str, Any]) -> list[str]:
    """O3: geni_unicode_compliant, where it is told, is true or false."""
    told = version.get("geni_unicode_compliant", False)
    return [] if isinstance(told, bool) else [f"geni_unicode_compliant is {told!r}"]


def beyond_ascii(value: object, place: str = "value") -> list[str]:
    """O3: texts with other characters than ASCII's, wherever they stand in a value."""
    if isinstance(value, str):
        return [] if value.isascii() else [f"{place} is {value!r}"]
    if isinstance(value, Mapping):
        parts = [(f"{place}.{name}", one) for name, one in value.items()]
    elif isinstance(value, list):
        parts = [(f"{place}[{number}]", one) for number, one in enumerate(value)]
    else:
        parts = []
    return [fault for name, one in parts for fault in beyond_ascii(one, name)]
