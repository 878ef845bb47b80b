"""Whatever comes, each service answers with a struct, or a Fault for what is no method."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gcf_am.surface.ch_v2 import CH_2
from gcf_am.xmlrpc.fault import Fault
from tests.unit.clearinghouse.homes import slice_urn, user_urn
from tests.unit.clearinghouse.house import House

WORDS = [
    *(kind.name for service in CH_2.authorities for kind in service.objects),
    *(one.name for service in CH_2.authorities for kind in service.objects for one in kind.attributes),
    *("match", "filter", "fields", "members_to_add", "members_to_remove", "speaking_for", "csr"),
    *(slice_urn("one").text, user_urn("alice").text, "LEAD", "true", "2030-01-01T00:00:00Z"),
]  # fmt: skip
NAMES = [
    (service.name, name)
    for service in CH_2.authorities
    for one in service.operations
    for name in (one.verb, *(old.name for old in one.old_names))
]
TEXTS = st.sampled_from(WORDS) | st.text(max_size=12)
VALUES: st.SearchStrategy[Any] = st.recursive(
    TEXTS | st.booleans() | st.integers(-(2**31), 2**31 - 1) | st.floats(-9, 9),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4),
    max_leaves=12,
)


@given(
    call=st.sampled_from(NAMES),
    parameters=st.lists(VALUES, max_size=4),
    typed=st.sampled_from(WORDS[:6]) | st.none(),
)
@settings(
    max_examples=200,
    derandomize=True,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
def test_every_call_is_answered(
    house: House, call: tuple[str, str], parameters: list[Any], typed: str | None
) -> None:
    service, name = call
    given_ = parameters if typed is None else [typed, *parameters]
    for who in (None, "alice"):
        try:
            answer = house.call(service, who, name, *given_)
        except Fault:
            continue
        # never a fault of ours
        assert answer["code"] in {0, 1, 2, 3, 5, 100}, answer


@pytest.mark.parametrize("service", ["SR", "SA", "MA"])
def test_what_is_named_is_bounded(quiet: House, service: str) -> None:
    many = [user_urn("alice").text] * 1001
    calls: dict[str, tuple[Any, ...]] = {
        "SR": ("lookup_authorities_for_urns", many),
        "SA": ("lookup", "PROJECT", [], {"match": {"PROJECT_NAME": many}}),
        "MA": ("lookup", "MEMBER", [], {"match": {"MEMBER_URN": many}}),
    }
    assert quiet.code(service, "alice", *calls[service]) == 3
