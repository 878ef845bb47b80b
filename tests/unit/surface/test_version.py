import re
from dataclasses import replace
from typing import Any

from gcf_am import __version__
from gcf_am.surface import am_v2
from gcf_am.surface.am_v3 import GET_VERSION
from gcf_am.surface.version import SiteFacts, get_version, get_version_2
from gcf_am.urn import Urn

FACTS = SiteFacts(
    Urn.parse("urn:publicid:IDN+am.test+authority+am"),
    "https://am.test:8001/xmlrpc/am/3",
    "https://am.test:8001/xmlrpc/am/2",
    code_version=__version__,
)


def test_the_value_is_as_declared() -> None:
    GET_VERSION.returns.check(get_version(FACTS), "am/3/GetVersion")
    GET_VERSION.returns.check(get_version(replace(FACTS, code_version=None)), "am/3/GetVersion")


def test_version_2_tells_what_version_2_knows() -> None:
    value = get_version_2(FACTS)
    am_v2.GET_VERSION.returns.check(value, "am/2/GetVersion")
    assert value["geni_api"] == 2
    assert value["geni_api_versions"] == told()["geni_api_versions"]
    assert value.keys() - told().keys() == set()


def told(facts: SiteFacts = FACTS) -> dict[str, Any]:
    return get_version(facts)


def test_what_omni_and_the_standard_want_to_see() -> None:
    value = told()
    assert value["geni_api"] == 3
    assert value["geni_api_versions"] == {"2": FACTS.url_2, "3": FACTS.url}
    [request] = value["geni_request_rspec_versions"]
    assert (request["type"], request["version"]) == ("GENI", "3")
    assert request["schema"] == "http://www.geni.net/resources/rspec/3/request.xsd"
    assert request["namespace"] == "http://www.geni.net/resources/rspec/3"
    [ad] = value["geni_ad_rspec_versions"]
    assert ad["schema"] == "http://www.geni.net/resources/rspec/3/ad.xsd"
    assert {"geni_type": "geni_sfa", "geni_version": "3"} in value["geni_credential_types"]
    # Omni's acceptance test takes an int and nothing else
    assert type(value["geni_single_allocation"]) is int
    assert value["geni_allocate"] == "geni_many"
    assert value["urn"] == FACTS.urn.text
    assert value["geni_unicode_compliant"] is False
    assert set(value["gcfam_lifecycle"].values()) == {"deprecated"}
    assert {one.split("/")[1] for one in value["gcfam_lifecycle"]} == {"2"}


def test_names_follow_change_sets_n_and_o() -> None:
    value = told()
    assert all(re.fullmatch("[a-zA-Z0-9]+", one) for one in value["geni_am_type"])
    assert re.fullmatch(r"[a-zA-Z0-9 .:#_+()-]+", str(value["geni_am_code_version"]))
    for entry in (*value["geni_request_rspec_versions"], *value["geni_ad_rspec_versions"]):
        for name in ("type", "version"):
            assert re.fullmatch(r"[a-zA-Z0-9][a-zA-Z0-9_.:-]*", entry[name])


def test_settings_of_the_site_are_told() -> None:
    value = told(
        replace(FACTS, allocate="geni_disjoint", single_allocation=True, code_version=None)
    )
    assert value["geni_allocate"] == "geni_disjoint"
    assert value["geni_single_allocation"] == 1
    assert "geni_am_code_version" not in value
