"""GetVersion: what an aggregate says of itself. Source: AM API v3, GetVersion."""

from collections.abc import Iterator, Mapping
from typing import Any, Final
from urllib.parse import urlsplit

from gcf_am.conformance.check import Check, Profile, Severity
from gcf_am.conformance.documents.reading import RSPEC
from gcf_am.conformance.judged import faultless
from gcf_am.conformance.judging.advertised import manager_urn
from gcf_am.conformance.trial import Trial

_MEMBERS: Final = ("type", "version", "schema", "namespace")


def bare(trial: Trial) -> None:
    trial.succeeds(trial.call("GetVersion"))


def empty(trial: Trial) -> None:
    trial.succeeds(trial.call("GetVersion", {}))


def unknown_option(trial: Trial) -> None:
    trial.succeeds(trial.call("GetVersion", {"conformance_unknown": 1}))


def same_twice(trial: Trial) -> None:
    first, second = (trial.succeeds(trial.call("GetVersion")) for _ in range(2))
    trial.expect(first == second, "two calls answer the same", second)


def value_is_struct(trial: Trial) -> None:
    value = trial.succeeds(trial.call("GetVersion"))
    trial.expect(isinstance(value, Mapping), "value is a struct", type(value).__name__)


def api_on_top(trial: Trial) -> None:
    answer = trial.call("GetVersion")
    trial.succeeds(answer)
    _is_three(trial, answer.raw.get("geni_api"), "geni_api beside code, value and output")


def api(trial: Trial) -> None:
    _is_three(trial, trial.version.get("geni_api"), "value.geni_api")


def _is_three(trial: Trial, told: object, what: str) -> None:
    trial.expect(type(told) is int and told == 3, f"{what} is the int 3", f"{told!r}")


def _urls(trial: Trial) -> Mapping[str, Any]:
    urls = trial.version.get("geni_api_versions")
    held = isinstance(urls, Mapping) and bool(urls)
    trial.expect(held, "geni_api_versions is a struct that is not empty", f"{urls!r}")
    return dict(urls)


def urls_absolute(trial: Trial) -> None:
    faults = []
    for key, url in _urls(trial).items():
        parts = urlsplit(url) if isinstance(url, str) else urlsplit("")
        if parts.scheme not in {"https", "http"} or not parts.netloc:
            faults.append(f"{key}: {url!r}")
    faultless(trial, "geni_api_versions has an absolute URL for each version", faults)


def lists_three(trial: Trial) -> None:
    urls = _urls(trial)
    trial.expect("3" in urls, 'geni_api_versions has the key "3"', sorted(urls))


def three_answers(trial: Trial) -> None:
    answer = trial.with_identity(trial.person().shown, url=trial.url("3")).call("GetVersion")
    _is_three(trial, trial.succeeds(answer).get("geni_api"), 'geni_api at the address of "3"')


def two_answers(trial: Trial) -> None:
    url = trial.url("2")
    trial.expect(url != trial.abilities.urls.get("3"), "version 2 has an address of its own", url)
    answer = trial.with_identity(trial.person().shown, url=url).call("GetVersion")
    told = trial.succeeds(answer).get("geni_api")
    trial.expect(told == 2, 'geni_api 2 at the address of "2"', told)


def _rows(trial: Trial, name: str) -> list[Mapping[str, Any]]:
    rows = trial.version.get(name)
    held = isinstance(rows, list) and all(isinstance(one, Mapping) for one in rows)
    trial.expect(held, f"{name} is an array of structs", f"{rows!r}")
    return list(rows)


def _geni_three(trial: Trial, name: str) -> Mapping[str, Any]:
    for one in _rows(trial, name):
        if (str(one.get("type")).lower(), str(one.get("version"))) == ("geni", "3"):
            return one
    trial.expect(False, f"{name} has type GENI, version 3", _rows(trial, name))
    return {}


def request_three(trial: Trial) -> None:
    _geni_three(trial, "geni_request_rspec_versions")


def ad_three(trial: Trial) -> None:
    _geni_three(trial, "geni_ad_rspec_versions")


def request_schema(trial: Trial) -> None:
    _schema(trial, "geni_request_rspec_versions", "request.xsd")


def ad_schema(trial: Trial) -> None:
    _schema(trial, "geni_ad_rspec_versions", "ad.xsd")


def _schema(trial: Trial, name: str, schema: str) -> None:
    one = _geni_three(trial, name)
    told = (one.get("schema"), one.get("namespace"))
    wanted = (f"{RSPEC}/{schema}", RSPEC)
    trial.expect(told == wanted, f"schema and namespace of GENI 3 are {wanted}", told)


def request_members(trial: Trial) -> None:
    faultless(trial, "five members each", list(_members(trial, "geni_request_rspec_versions")))


def ad_members(trial: Trial) -> None:
    faultless(trial, "five members each", list(_members(trial, "geni_ad_rspec_versions")))


def _members(trial: Trial, name: str) -> Iterator[str]:
    for one in _rows(trial, name):
        for member in _MEMBERS:
            if not isinstance(one.get(member), str):
                yield f"{name}: {member} is {one.get(member)!r}, not text"
        extensions = one.get("extensions")
        if not isinstance(extensions, list) or not all(isinstance(x, str) for x in extensions):
            yield f"{name}: extensions is {extensions!r}, not an array of texts"


def sfa_three(trial: Trial) -> None:
    _credentials(trial, "geni_sfa", "3")


def sfa_two(trial: Trial) -> None:
    _credentials(trial, "geni_sfa", "2")


def abac(trial: Trial) -> None:
    if trial.version.get("geni_handles_speaksfor") is False:
        trial.skip("geni_handles_speaksfor is false: no tool speaks for users here")
    _credentials(trial, "geni_abac", "1")


def _credentials(trial: Trial, kind: str, version: str) -> None:
    rows = _rows(trial, "geni_credential_types")
    there = any(
        str(one.get("geni_type")).lower() == kind and one.get("geni_version") == version
        for one in rows
    )
    trial.expect(there, f'geni_credential_types has {kind}, version "{version}"', rows)


def credential_members(trial: Trial) -> None:
    faults = [
        f"{member} is {one.get(member)!r}"
        for one in _rows(trial, "geni_credential_types")
        for member in ("geni_type", "geni_version")
        if not isinstance(one.get(member), str)
    ]
    faultless(trial, "geni_type and geni_version are texts", faults)


def single_allocation(trial: Trial) -> None:
    told = trial.version.get("geni_single_allocation", 0)
    held = type(told) in {int, bool} and told in {0, 1}
    trial.expect(held, "geni_single_allocation is 0 or 1, or is not told: 0", f"{told!r}")


def single_allocation_int(trial: Trial) -> None:
    told = trial.version.get("geni_single_allocation")
    # Omni's acceptance test compares exact types
    trial.expect(type(told) is int, "geni_single_allocation is an int, no boolean", f"{told!r}")


def allocate_told(trial: Trial) -> None:
    told = sorted(trial.version)
    trial.expect("geni_allocate" in told, "geni_allocate, though geni_single is meant", told)


def allocate(trial: Trial) -> None:
    told = trial.version.get("geni_allocate", "geni_single")
    held = isinstance(told, str) and told.lower() in {"geni_single", "geni_disjoint", "geni_many"}
    trial.expect(held, "geni_allocate is geni_single, geni_disjoint or geni_many", f"{told!r}")


def am_type(trial: Trial) -> None:
    told = trial.version.get("geni_am_type")
    held = isinstance(told, list) and bool(told) and all(isinstance(x, str) for x in told)
    trial.expect(held, "geni_am_type is an array of at least one text", f"{told!r}")


def urn(trial: Trial) -> None:
    faultless(trial, "urn is the aggregate's URN", manager_urn(trial.version.get("urn")))


def advertised_extensions(trial: Trial) -> None:
    told = _geni_three(trial, "geni_ad_rspec_versions").get("extensions")
    listed = " ".join(map(str, told)) if isinstance(told, list) else ""
    used = {
        one.tag[1:].partition("}")[0]
        for one in trial.ad.root.iter("*")
        if one.tag.startswith("{http://www.geni.net/resources/rspec/ext/")
    }
    faultless(trial, "extensions lists what the advertisement uses",
              [f"{one} is not listed" for one in sorted(used) if one not in listed])  # fmt: skip


MUST, SHOULD = Severity.MUST, Severity.SHOULD
_GV: Final = "AM API v3, GetVersion"
_DRAFT: Final = frozenset({Profile.V4_DRAFT})

CHECKS: Final = (
    Check("getversion.bare", "GetVersion", "GetVersion() without parameters succeeds, and without credentials", f"{_GV}; R026, R029", MUST, bare),
    Check("getversion.empty-options", "GetVersion", "GetVersion({}) succeeds", f"{_GV}; R027", MUST, empty),
    Check("getversion.unknown-option", "GetVersion", "Options that are not known are ignored", f"{_GV}; R020, R028", MUST, unknown_option),
    Check("getversion.value-is-struct", "GetVersion", "value is a struct", _GV, MUST, value_is_struct),
    Check("getversion.same-twice", "GetVersion", "Two calls in a row answer the same", _GV, SHOULD, same_twice),
    Check("getversion.api-on-top", "GetVersion", "geni_api 3 stands beside the return struct's members", f"{_GV}; R030", MUST, api_on_top),
    Check("getversion.api", "GetVersion", "value.geni_api is the int 3", f"{_GV}; R031", MUST, api),
    Check("getversion.urls-absolute", "GetVersion", "geni_api_versions has absolute URLs", f"{_GV}; R032", MUST, urls_absolute),
    Check("getversion.lists-three", "GetVersion", "geni_api_versions lists version 3", f"{_GV}; R032", MUST, lists_three),
    Check("getversion.three-answers", "GetVersion", "The address of version 3 answers version 3", f"{_GV}; R032", MUST, three_answers),
    Check("getversion.two-answers", "GetVersion", "Where version 2 is listed, its own address answers version 2", f"{_GV}; R033", SHOULD, two_answers),
    Check("getversion.request-three", "GetVersion", "Requests of GENI 3 are taken", f"{_GV}; R034", MUST, request_three),
    Check("getversion.request-members", "GetVersion", "Each request version has type, version, schema, namespace and extensions", f"{_GV}; R035", MUST, request_members),
    Check("getversion.request-schema", "GetVersion", "GENI 3 requests have their schema and namespace", f"{_GV}; R036", MUST, request_schema),
    Check("getversion.ad-three", "GetVersion", "Advertisements of GENI 3 are made", f"{_GV}; R037", MUST, ad_three),
    Check("getversion.ad-members", "GetVersion", "Each advertisement version has type, version, schema, namespace and extensions", f"{_GV}; R035", MUST, ad_members),
    Check("getversion.ad-schema", "GetVersion", "GENI 3 advertisements have their schema and namespace", f"{_GV}; R037", MUST, ad_schema),
    Check("getversion.ad-extensions", "GetVersion", "Extensions of the advertisement are listed", f"{_GV}; R046", SHOULD, advertised_extensions),
    Check("getversion.sfa-three", "GetVersion", "Credentials geni_sfa 3 are taken", f"{_GV}; R038", MUST, sfa_three),
    Check("getversion.sfa-two", "GetVersion", "Credentials geni_sfa 2 are taken", f"{_GV}; R039", SHOULD, sfa_two),
    Check("getversion.abac", "GetVersion", "Credentials geni_abac 1 are taken", f"{_GV}; R039", SHOULD, abac),
    Check("getversion.credential-members", "GetVersion", "geni_type and geni_version are texts", f"{_GV}; R038", MUST, credential_members),
    Check("getversion.single-allocation", "GetVersion", "geni_single_allocation is 0 or 1 where it is told", f"{_GV}; R040", MUST, single_allocation),
    Check("getversion.single-allocation-int", "GetVersion", "geni_single_allocation is told, as an int", f"{_GV}; R040", SHOULD, single_allocation_int),
    Check("getversion.allocate", "GetVersion", "geni_allocate is one of three words where it is told", f"{_GV}; R041", MUST, allocate),
    Check("getversion.allocate-told", "GetVersion", "geni_allocate is told", f"{_GV}; R041", SHOULD, allocate_told),
    Check("getversion.am-type", "GetVersion", "geni_am_type is an array of texts", "AM API draft, Change Set N2; R042", MUST, am_type, _DRAFT),
    Check("getversion.urn", "GetVersion", "urn names the aggregate", f"{_GV}; R047", SHOULD, urn),
)  # fmt: skip
