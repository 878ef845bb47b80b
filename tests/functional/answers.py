"""What the standard wants of every answer, whatever the method. Source: R013 to R019, R225."""

import re
from collections.abc import Iterator
from typing import Any, Final

from gcf_am.surface.version import AM_TYPE

DATE: Final = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(Z|[+-]\d\d:\d\d)", re.ASCII)
SLIVER: Final = re.compile(r"urn:publicid:IDN\+gcf\.local\+sliver\+[a-zA-Z0-9._-]+", re.ASCII)
# AM API facts 6.2: every member in every method
_TOLD: Final = {
    "geni_sliver_urn",
    "geni_expires",
    "geni_allocation_status",
    "geni_operational_status",
    "geni_next_allocation_status",
    "geni_error",
}
_NEXT: Final = {
    "geni_unallocated": {""},
    "geni_provisioned": {""},
    "geni_allocated": {"geni_provisioned"},
    "geni_updating": {"geni_provisioned", "geni_unallocated"},
}


def checked(answer: object) -> dict[str, Any]:
    """The answer, if it is a return struct as the standard has it; AssertionError if not."""
    assert isinstance(answer, dict), answer
    # R013, R014, R015
    assert {"code", "value", "output"} <= answer.keys() <= {"code", "value", "output", "geni_api"}
    code = answer["code"]
    assert type(code["geni_code"]) is int
    assert isinstance(answer["output"], str)
    # R017: a refusal says why; R012: and no more than that
    if code["geni_code"] != 0:
        assert answer["output"]
        assert "Traceback" not in answer["output"]
        assert 'File "' not in answer["output"]
    # R018, R019
    assert code["am_type"] == AM_TYPE
    assert type(code.get("am_code", 0)) is int
    # R016: a client of the standard library would make these None, DateTime and Binary
    assert all(type(one) in {str, int, bool} for one in _leaves(answer))
    for sliver in _slivers(answer["value"]):
        _check_sliver(sliver)
    return answer


def _leaves(value: object) -> Iterator[object]:
    if isinstance(value, dict):
        assert all(isinstance(name, str) for name in value)
        value = list(value.values())
    if isinstance(value, list):
        for one in value:
            yield from _leaves(one)
    else:
        yield value


def _slivers(value: Any) -> list[dict[str, Any]]:
    listed = value.get("geni_slivers", []) if isinstance(value, dict) else value
    return listed if isinstance(listed, list) else []


def _check_sliver(sliver: dict[str, Any]) -> None:
    assert sliver.keys() == _TOLD
    # R052, R053
    assert SLIVER.fullmatch(sliver["geni_sliver_urn"])
    # R225
    assert DATE.fullmatch(sliver["geni_expires"])
    # R187, R247
    allocation = sliver["geni_allocation_status"]
    assert sliver["geni_next_allocation_status"] in _NEXT[allocation]
    if allocation in {"geni_unallocated", "geni_allocated"}:
        assert sliver["geni_operational_status"] == "geni_pending_allocation"
