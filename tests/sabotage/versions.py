"""What is wrong with GetVersion."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from tests.sabotage.bends import answered, instead, refusal, told, untold
from tests.sabotage.board import Asked, Bend, Misbehaviour


def _said(name: str, value: object) -> Bend:
    return told(lambda all_: {**all_, name: value}, "GetVersion")


def _unsaid(name: str) -> Bend:
    return untold(name, "GetVersion")


def _each(name: str, change: Callable[[dict[str, Any]], object]) -> Bend:
    def every(all_: Any) -> Any:
        for one in all_[name]:
            change(one)
        return all_

    return told(every, "GetVersion")


def _options_wanted(asked: Asked) -> object:
    return asked.serve() if asked.params else refusal(1, "options missing")


ROWS: Final = (
    Misbehaviour(
        "allocate-misspelt",
        "geni_allocate is geni_multi.",
        ("getversion.allocate",),
        _said("geni_allocate", "geni_multi"),
    ),
    Misbehaviour(
        "allocate-missing",
        "geni_allocate is missing.",
        ("fed4fire.allocate-told",),
        _unsaid("geni_allocate"),
    ),
    Misbehaviour(
        "single-allocation-boolean",
        "geni_single_allocation is a boolean.",
        ("getversion.single-allocation-int",),
        _said("geni_single_allocation", False),
    ),
    Misbehaviour(
        "single-allocation-text",
        "geni_single_allocation is text.",
        ("getversion.single-allocation",),
        _said("geni_single_allocation", "false"),
    ),
    Misbehaviour(
        "single-allocation-missing",
        "geni_single_allocation is missing.",
        ("fed4fire.single-allocation-told",),
        _unsaid("geni_single_allocation"),
    ),
    Misbehaviour(
        "api-not-beside",
        "geni_api does not stand beside code, value and output.",
        ("getversion.api-on-top",),
        answered(lambda struct: struct.pop("geni_api"), "GetVersion"),
    ),
    Misbehaviour("api-text", "geni_api is text.", ("getversion.api",), _said("geni_api", "3")),
    Misbehaviour(
        "api-wrong",
        "geni_api is 2 at the URL of version 3.",
        ("getversion.api",),
        _said("geni_api", 2),
    ),
    Misbehaviour(
        "api-versions-missing",
        "geni_api_versions is missing.",
        ("getversion.lists-three",),
        _unsaid("geni_api_versions"),
    ),
    Misbehaviour(
        "api-versions-empty",
        "geni_api_versions is empty.",
        ("getversion.lists-three",),
        _said("geni_api_versions", {}),
    ),
    Misbehaviour(
        "api-versions-relative",
        "The URL of version 3 is not absolute.",
        ("getversion.urls-absolute", "fed4fire.urls-absolute"),
        told(lambda v: {**v, "geni_api_versions": {"3": "/xmlrpc/am/3"}}, "GetVersion"),
    ),
    Misbehaviour(
        "api-versions-dead",
        "At the URL of version 3 nobody answers.",
        ("getversion.three-answers",),
        _said("geni_api_versions", {"3": "https://127.0.0.1:1/"}),
    ),
    Misbehaviour(
        "api-versions-swapped",
        "The URL of version 2 is that of version 3.",
        ("getversion.two-answers",),
        told(
            lambda v: {
                **v,
                "geni_api_versions": dict.fromkeys("23", v["geni_api_versions"]["3"]),
            },
            "GetVersion",
        ),
    ),
    Misbehaviour(
        "request-version-missing",
        "GENI 3 is no request RSpec version.",
        ("getversion.request-three",),
        _each("geni_request_rspec_versions", lambda one: one.update(version="2")),
    ),
    Misbehaviour(
        "request-versions-missing",
        "geni_request_rspec_versions is missing.",
        ("getversion.request-three",),
        _unsaid("geni_request_rspec_versions"),
    ),
    Misbehaviour(
        "request-schema",
        "The schema of requests is that of advertisements.",
        ("getversion.request-schema",),
        _each("geni_request_rspec_versions", lambda one: one.update(schema="http://x/ad.xsd")),
    ),
    Misbehaviour(
        "request-namespace",
        "The namespace of requests is another.",
        ("getversion.request-schema",),
        _each("geni_request_rspec_versions", lambda one: one.update(namespace="urn:rspec")),
    ),
    Misbehaviour(
        "request-extensions-text",
        "extensions is text.",
        ("getversion.request-members",),
        _each("geni_request_rspec_versions", lambda one: one.update(extensions="")),
    ),
    Misbehaviour(
        "request-extensions-missing",
        "extensions is missing.",
        ("getversion.request-members",),
        _each("geni_request_rspec_versions", lambda one: one.pop("extensions")),
    ),
    Misbehaviour(
        "request-version-number",
        "version of a request RSpec is a number.",
        ("getversion.request-members",),
        _each("geni_request_rspec_versions", lambda one: one.update(version=3)),
    ),
    Misbehaviour(
        "request-type-odd",
        "A request RSpec's type has a blank.",
        ("draft.rspec-version-characters",),
        _each("geni_request_rspec_versions", lambda one: one.update(type="GENI RSpec")),
    ),
    Misbehaviour(
        "ad-versions-missing",
        "geni_ad_rspec_versions is missing.",
        ("getversion.ad-three", "getversion.ad-members"),
        _unsaid("geni_ad_rspec_versions"),
    ),
    Misbehaviour(
        "ad-schema",
        "The schema of advertisements is that of requests.",
        ("getversion.ad-schema",),
        _each(
            "geni_ad_rspec_versions",
            lambda one: one.update(schema="http://www.geni.net/resources/rspec/3/request.xsd"),
        ),
    ),
    Misbehaviour(
        "credential-types-missing",
        "geni_credential_types is missing.",
        ("fed4fire.sfa-3",),
        _unsaid("geni_credential_types"),
    ),
    Misbehaviour(
        "credential-types-without-sfa",
        "geni_sfa is no credential type.",
        ("getversion.sfa-three",),
        _said("geni_credential_types", [{"geni_type": "geni_abac", "geni_version": "1"}]),
    ),
    Misbehaviour(
        "credential-version-number",
        "geni_version of credentials is a number.",
        ("getversion.credential-members",),
        _each("geni_credential_types", lambda one: one.update(geni_version=3)),
    ),
    Misbehaviour(
        "credential-types-old",
        "Only version 3 of geni_sfa is told.",
        ("getversion.sfa-two", "getversion.abac", "fed4fire.sfa-2"),
        _said("geni_credential_types", [{"geni_type": "geni_sfa", "geni_version": "3"}]),
    ),
    Misbehaviour(
        "am-types-text",
        "geni_am_type is text.",
        ("getversion.am-type",),
        _said("geni_am_type", "gcfam"),
    ),
    Misbehaviour(
        "am-types-empty",
        "geni_am_type is empty.",
        ("draft.am-type-listed",),
        _said("geni_am_type", []),
    ),
    Misbehaviour(
        "code-version-odd",
        "geni_am_code_version has a line break.",
        ("draft.code-version-characters",),
        _said("geni_am_code_version", "1.0\nrc"),
    ),
    Misbehaviour(
        "unicode-text",
        "geni_unicode_compliant is text.",
        ("draft.unicode-boolean",),
        _said("geni_unicode_compliant", "false"),
    ),
    Misbehaviour("urn-missing", "urn is missing.", ("fed4fire.urn-told",), _unsaid("urn")),
    Misbehaviour(
        "urn-of-user",
        "urn is no authority's.",
        ("getversion.urn",),
        _said("urn", "urn:publicid:IDN+gcf.local+user+am"),
    ),
    Misbehaviour(
        "getversion-wants-options",
        "GetVersion without parameters fails.",
        ("fed4fire.without-options",),
        instead(_options_wanted, "GetVersion"),
    ),
    Misbehaviour(
        "getversion-refused",
        "GetVersion wants credentials.",
        ("getversion.empty-options",),
        instead(lambda _asked: refusal(3, "no credentials"), "GetVersion"),
    ),
    Misbehaviour(
        "ad-extensions-untold",
        "extensions of advertisements are not listed although they are there.",
        ("getversion.ad-extensions",),
        _each("geni_ad_rspec_versions", lambda one: one.update(extensions=[])),
    ),
)
