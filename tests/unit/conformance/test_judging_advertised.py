"""Each judgment of advertisements finds nothing in ours, and a fault in one with a fault."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from gcf_am.conformance.documents.reading import Element, read
from gcf_am.conformance.judging import advertised

MANAGER = "urn:publicid:IDN+am.example.net+authority+am"
AD = """<rspec xmlns="http://www.geni.net/resources/rspec/3" type="advertisement"
 xmlns:op="http://www.geni.net/resources/rspec/ext/opstate/1">
<node component_id="urn:publicid:IDN+am.example.net+node+a" component_name="a"
 component_manager_id="urn:publicid:IDN+am.example.net+authority+am" exclusive="true">
<location country="BE"/><available now="true"/><hardware_type name="pc"/>
<sliver_type name="raw-pc"><disk_image name="d"/></sliver_type></node>
<op:rspec_opstate aggregate_manager_id="urn:publicid:IDN+am.example.net+authority+am"
 start="geni_notready"><op:sliver_type name="raw-pc"/>
<op:state name="geni_notready"><op:action name="geni_start" next="geni_configuring"/></op:state>
<op:state name="geni_configuring"><op:wait type="geni_success" next="geni_ready"/></op:state>
<op:state name="geni_ready"/></op:rspec_opstate></rspec>"""

Judge = Callable[[Element], list[str]]

FAULTS: list[tuple[Judge, str, str]] = [
    (lambda ad: advertised.managers(ad, MANAGER), 'component_manager_id="urn:publicid:IDN+am.', 'component_manager_id="urn:publicid:IDN+'),
    (lambda ad: advertised.children(ad, "hardware_type"), '<hardware_type name="pc"/>', ""),
    (lambda ad: advertised.children(ad, "sliver_type", "disk_image"), '<disk_image name="d"/>', ""),
    (advertised.countries, '<location country="BE"/>', ""),
    (advertised.countries, 'country="BE"', 'country="Belgium"'),
    (advertised.availabilities, '<available now="true"/>', ""),
    (advertised.machine_faults, 'start="geni_notready"', 'start="geni_stopped"'),
    (advertised.machine_faults, 'next="geni_ready"', 'next="ready"'),
    (advertised.uncovered_types, '<op:sliver_type name="raw-pc"/>', '<op:sliver_type name="vm"/>'),
]  # fmt: skip


@pytest.mark.parametrize(("judge", "old", "new"), FAULTS)
def test_a_fault_in_an_advertisement_is_found(judge: Judge, old: str, new: str) -> None:
    assert judge(read(AD, "ad")) == []
    assert old in AD
    assert len(judge(read(AD.replace(old, new, 1), "ad"))) == 1


def test_missing_attributes_are_found() -> None:
    wanted = ("component_id", "exclusive", "component_name")
    assert advertised.attributes(read(AD, "ad"), *wanted) == []
    lacking = read(AD.replace(' component_name="a"', ""), "ad")
    assert len(advertised.attributes(lacking, *wanted)) == 1
    assert advertised.exclusives(read(AD, "ad")) == []


def test_actions_are_read() -> None:
    assert advertised.actions(read(AD, "ad")) == {"geni_start"}


def test_our_own_site_is_right() -> None:
    site = Path(__file__).parents[3] / "rspecs" / "site.xml"
    ad = read(site.read_text("utf-8"), "ad")
    assert advertised.countries(ad) == advertised.availabilities(ad) == []
    assert advertised.children(ad, "hardware_type") == []
