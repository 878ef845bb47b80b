"""GetVersion: what the aggregate says of itself."""

import re
from typing import Any, Final

import pytest

from tests.functional.rspecs import MANAGER, RSPEC
from tests.functional.running import Person, proxy

NAME: Final = re.compile(r"[a-zA-Z0-9][a-zA-Z0-9_.:-]*", re.ASCII)


@pytest.fixture(scope="module")
def version(alice: Person) -> Any:
    return alice.am("GetVersion")["value"]


@pytest.mark.parametrize("arguments", [(), ({},), ({"x": 1},)])
def test_it_needs_nothing_and_ignores_what_it_does_not_know(
    alice: Person, arguments: tuple[object, ...]
) -> None:
    # R026, R027, R028, R029, R030, R031
    answer = alice.am("GetVersion", *arguments)
    assert answer["code"]["geni_code"] == 0
    assert type(answer["geni_api"]) is int
    assert answer["geni_api"] == answer["value"]["geni_api"] == 3


def test_its_url_answers_version_3(alice: Person, version: Any) -> None:
    # R032, R033
    assert version["geni_api_versions"].keys() == {"2", "3"}
    url = version["geni_api_versions"]["3"]
    assert url.startswith("https://")
    root = alice.at.home / "certs" / "ch-cert.pem"
    with proxy(url, alice.cert, alice.key, root) as aggregate:
        answer: Any = aggregate.GetVersion()
    assert answer["value"] == version


@pytest.mark.parametrize(
    ("member", "schema"), [("geni_request_rspec_versions", "request"), ("geni_ad_rspec_versions", "ad")]
)  # fmt: skip
def test_geni_rspecs_of_version_3_are_spoken(version: Any, member: str, schema: str) -> None:
    # R034, R035, R036, R037, R045
    entries = version[member]
    for entry in entries:
        assert entry.keys() == {"type", "version", "schema", "namespace", "extensions"}
        assert NAME.fullmatch(entry["type"])
        assert NAME.fullmatch(entry["version"])
        assert all(isinstance(one, str) for one in entry["extensions"])
    (three,) = [one for one in entries if (one["type"].lower(), one["version"]) == ("geni", "3")]
    assert three["schema"] == f"{RSPEC}/{schema}.xsd"
    assert three["namespace"] == RSPEC


def test_extensions_that_are_acted_on_are_listed(version: Any) -> None:
    # R046; shared-vlan is not acted on, so it is not listed (decision 20)
    ext = "http://www.geni.net/resources/rspec/ext"
    (ad,), (asked,) = version["geni_ad_rspec_versions"], version["geni_request_rspec_versions"]
    protogeni = "http://www.protogeni.net/resources/rspec/ext"
    assert set(ad["extensions"]) == {f"{ext}/opstate/1", f"{protogeni}/emulab/1"}
    assert set(asked["extensions"]) == {
        f"{ext}/user/1",
        f"{ext}/preserve/1",
        f"{ext}/postBootScript/1",
        f"{protogeni}/emulab/1",
        f"{protogeni}/delay/1",
    }


def test_credentials_of_type_geni_sfa_are_taken(version: Any) -> None:
    # R038, R039 but for ABAC: what is not judged is not listed (decision 16)
    listed = [(one["geni_type"], one["geni_version"]) for one in version["geni_credential_types"]]
    assert sorted(listed) == [("geni_sfa", "2"), ("geni_sfa", "3")]


def test_how_slivers_are_allocated_is_told(version: Any) -> None:
    # R040, R041, decision 15
    assert type(version["geni_single_allocation"]) is int
    assert version["geni_single_allocation"] == 0
    assert version["geni_allocate"] == "geni_many"


def test_what_it_is_is_told_in_the_drafts_words(version: Any) -> None:
    # R042, R043, R044, R047; decision 19
    assert version["geni_am_type"]
    assert all(re.fullmatch("[a-zA-Z0-9]+", one) for one in version["geni_am_type"])
    assert re.fullmatch(r"[a-zA-Z0-9 .:#_+()-]+", version["geni_am_code_version"])
    assert version["geni_unicode_compliant"] is False
    assert version["urn"] == MANAGER
