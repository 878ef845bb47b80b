"""Each judgment of structs finds nothing in one that is right, and a fault in one that is not."""

from __future__ import annotations

from typing import Any

import pytest

from gcf_am.conformance.judging import advertised, characters, sliver_status, slivers

URN = "urn:publicid:IDN+gcf.local+sliver+1"
OTHER = "urn:publicid:IDN+gcf.local+sliver+2"
FINE: dict[str, Any] = {
    "geni_sliver_urn": URN,
    "geni_expires": "2030-01-31T12:00:00Z",
    "geni_allocation_status": "geni_updating",
    "geni_next_allocation_status": "geni_provisioned",
    "geni_operational_status": "geni_ready",
    "geni_error": "",
}


@pytest.mark.parametrize(
    ("member", "wrong"),
    [
        ("geni_sliver_urn", 7),
        ("geni_expires", "2030-01-31 12:00:00Z"),
        ("geni_expires", "2030-01-31T12:00:00"),
        ("geni_allocation_status", "provisioned"),
        ("geni_next_allocation_status", "geni_allocated"),
        ("geni_next_allocation_status", None),
        ("geni_error", None),
    ],
)
def test_a_wrong_member_of_a_sliver_is_found(member: str, wrong: object) -> None:
    told = ("geni_next_allocation_status", "geni_error")
    assert slivers.complete([FINE], *told) == []
    assert slivers.complete([{**FINE, member: wrong}], *told)
    missing = {name: value for name, value in FINE.items() if name != member}
    assert slivers.complete({"geni_slivers": [missing]}, *told)


@pytest.mark.parametrize("nothing", [None, [], {}, {"geni_slivers": {}}, ["x"], "x"])
def test_no_sliver_is_no_complete_answer(nothing: object) -> None:
    assert slivers.complete(nothing)
    assert slivers.by_urn(nothing) == {}


def test_a_struct_must_have_its_members() -> None:
    members: dict[str, type] = {"geni_rspec": str, "geni_slivers": list}
    assert slivers.shape({"geni_rspec": "", "geni_slivers": []}, members) == []
    assert slivers.shape({"geni_rspec": ""}, members) == ["geni_slivers is missing"]
    assert slivers.shape({"geni_rspec": 1, "geni_slivers": []}, members) == ["geni_rspec is int"]
    assert slivers.shape([], members)


def test_slivers_in_another_state_are_found() -> None:
    wanted = {"allocation_status": "geni_updating", "next_allocation_status": "geni_provisioned"}
    assert slivers.all_are([FINE], [URN], **wanted) == []
    assert slivers.all_are([FINE], [URN], allocation_status="geni_allocated|geni_updating") == []
    assert slivers.all_are([FINE], [URN], allocation_status="geni_provisioned")
    assert slivers.all_are([FINE], [OTHER], **wanted) == [f"{OTHER} is not told of"]


def test_what_changed_and_what_is_gone_is_found() -> None:
    before, changed = {URN: FINE}, {URN: {**FINE, "geni_expires": "2031-01-31T12:00:00Z"}}
    assert slivers.same(before, before, [URN], "geni_expires") == []
    assert slivers.same(before, changed, [URN], "geni_error") == []
    assert slivers.same(before, changed, [URN], "geni_expires")
    assert slivers.same(before, {}, [URN], "geni_expires") == [f"{URN} is gone"]


def test_failures_must_be_told() -> None:
    failed = {**FINE, "geni_sliver_urn": OTHER, "geni_error": "there is none"}
    assert slivers.failures_told([FINE, failed], [OTHER], [URN]) == []
    assert slivers.failures_told([FINE], [OTHER], [URN]) == [f"{OTHER} is not told of"]
    assert slivers.failures_told([FINE, {**failed, "geni_error": ""}], [OTHER], [URN])
    assert slivers.failures_told([{**FINE, "geni_error": "x"}, failed], [OTHER], [URN])


def test_a_urn_that_is_given_out_twice_is_found() -> None:
    assert slivers.never_twice([[FINE], [{**FINE, "geni_sliver_urn": OTHER}], None]) == []
    assert slivers.never_twice([[FINE], {"geni_slivers": [FINE]}]) == [f"{URN} was given out twice"]


VERSION: dict[str, Any] = {
    "geni_am_type": ["gcfam"],
    "geni_am_code_version": "1.0 (x)",
    "geni_request_rspec_versions": [{"type": "GENI", "version": "3"}],
    "geni_ad_rspec_versions": [{"type": "GENI", "version": "3"}],
    "geni_credential_types": [{"geni_type": "geni_sfa", "geni_version": "3"}],
    "geni_unicode_compliant": False,
    "geni_api_versions": {"3": "https://am.example.net/"},
}


@pytest.mark.parametrize(
    ("judge", "member", "wrong"),
    [
        (characters.am_type, "geni_am_type", "gcfam"),
        (characters.am_type, "geni_am_type", []),
        (characters.am_type, "geni_am_type", ["gcf-am"]),
        (characters.code_version, "geni_am_code_version", "1.0/2"),
        (characters.code_version, "geni_am_code_version", ""),
        (characters.code_version, "geni_am_code_version", 1),
        (characters.rspec_versions, "geni_ad_rspec_versions", [{"type": "GENI", "version": 3}]),
        (characters.rspec_versions, "geni_request_rspec_versions", [{"type": "a b"}]),
        (characters.credential_types, "geni_credential_types", [{"geni_type": "-x"}]),
        (characters.unicode_compliance, "geni_unicode_compliant", 0),
        (advertised.urls, "geni_api_versions", {"3": "http://am.example.net/"}),
        (advertised.urls, "geni_api_versions", {"3": "/3"}),
        (advertised.urls, "geni_api_versions", {}),
    ],
)
def test_a_wrong_member_of_getversion_is_found(judge: Any, member: str, wrong: object) -> None:
    assert judge(VERSION) == []
    assert len(judge({**VERSION, member: wrong})) >= 1


def test_the_type_in_the_code_is_a_listed_one() -> None:
    assert characters.types_agree({"geni_code": 0, "am_type": "gcfam"}, VERSION) == []
    assert characters.types_agree({"geni_code": 0}, VERSION) == []
    assert characters.types_agree({"am_type": "sfa"}, VERSION)


def test_a_credential_type_that_is_not_taken_is_found() -> None:
    assert advertised.credential_type(VERSION, "3") == []
    assert advertised.credential_type(VERSION, "2")
    assert advertised.credential_type({}, "3")


def test_characters_of_slivers() -> None:
    assert characters.statuses({URN: FINE}) == []
    for wrong in ("_x", "geni-ready", "", None):
        assert characters.statuses({URN: {"geni_operational_status": wrong}})
    assert characters.sliver_urns({URN: 1}) == []
    assert characters.sliver_urns({"urn:publicid:IDN+gcf.local+sliver+a:b": 1})


def test_what_is_beyond_ascii_is_found_where_it_is() -> None:
    assert characters.beyond_ascii({"a": ["b", 7]}) == []
    assert characters.beyond_ascii({"a": ["b", "ü"]}) == ["value.a[1] is 'ü'"]


STATUS: dict[str, Any] = {
    "geni_urn": "urn:publicid:IDN+gcf.local+slice+s",
    "geni_status": "configuring",
    "geni_resources": [
        {"geni_urn": URN, "geni_status": "ready", "geni_error": ""},
        {"geni_urn": OTHER, "geni_status": "configuring", "geni_error": ""},
    ],
}


def test_sliver_status_of_version_2() -> None:
    assert sliver_status.shape(STATUS) == sliver_status.words(STATUS) == []
    assert sliver_status.summary(STATUS) == []
    assert sliver_status.urns(STATUS) == {URN, OTHER}
    wrongs: tuple[object, ...] = (
        None,
        [],
        {**STATUS, "geni_urn": None},
        {**STATUS, "geni_resources": []},
    )
    for wrong in wrongs:
        assert sliver_status.shape(wrong)
    row = {"geni_urn": URN, "geni_status": "ready"}
    assert sliver_status.shape({**STATUS, "geni_resources": [row]})
    assert sliver_status.words({**STATUS, "geni_status": "geni_ready"})
    assert sliver_status.summary({**STATUS, "geni_status": "ready"})


@pytest.mark.parametrize(
    ("told", "whole"),
    [
        (["ready", "ready"], "ready"),
        (["ready", "failed", "configuring"], "failed"),
        (["ready", "unknown"], "unknown"),
    ],
)
def test_the_summary_of_resources(told: list[str], whole: str) -> None:
    rows = [{"geni_urn": URN, "geni_status": one, "geni_error": ""} for one in told]
    assert sliver_status.summary({"geni_status": whole, "geni_resources": rows}) == []


def test_names_and_addresses_of_aggregates() -> None:
    assert advertised.manager_urn("urn:publicid:IDN+am.example.net+authority+cm") == []
    assert advertised.manager_urn("urn:publicid:IDN+am.example.net+authority+sa")
    assert advertised.manager_urn(None)
    assert advertised.dns_named("urn:publicid:IDN+am.example.net:sub+authority+am") == []
    assert advertised.dns_named("urn:publicid:IDN+gcf+authority+am")
    for own in ("localhost", "127.0.0.1", "::1", "10.0.0.1", "x.localdomain"):
        assert advertised.is_local(own)
    for public in ("am.example.net", "8.8.8.8"):
        assert not advertised.is_local(public)
    assert not advertised.is_dns_name("8.8.8.8")
