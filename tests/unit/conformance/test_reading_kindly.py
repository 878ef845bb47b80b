"""What an aggregate says of itself, dates, and requests made of advertisements."""

import pytest

from gcf_am.client.shown import components_of
from gcf_am.conformance.abilities import read_abilities
from gcf_am.conformance.advertised import Ad
from gcf_am.conformance.asking import compose, reduced
from gcf_am.conformance.dates import read_date, write_date
from gcf_am.rspec.check import check

RSPEC = "http://www.geni.net/resources/rspec/3"
OPSTATE = "http://www.geni.net/resources/rspec/ext/opstate/1"
AM = "urn:publicid:IDN+a+authority+am"
AD = f"""<rspec xmlns="{RSPEC}" type="advertisement">
  <node component_id="urn:publicid:IDN+a+node+whole" component_manager_id="{AM}" exclusive="true">
    <available now="true"/><sliver_type name="raw"/></node>
  <node component_id="urn:publicid:IDN+a+node+taken" component_manager_id="{AM}" exclusive="false">
    <available now="false"/><sliver_type name="vm"/></node>
  <node component_id="urn:publicid:IDN+a+node+shared" component_manager_id="{AM}" exclusive="false">
    <available now="1"/><sliver_type name="vm"/></node>
  <node component_id="urn:publicid:IDN+a+node+switch" component_manager_id="{AM}" exclusive="true">
    <available now="true"/></node>
  <rspec_opstate xmlns="{OPSTATE}" aggregate_manager_id="{AM}" start="geni_notready">
    <sliver_type name="vm"/>
    <state name="geni_notready"><action name="geni_start" next="geni_configuring"/></state>
    <state name="geni_configuring"><wait type="geni_success" next="geni_ready"/></state>
  </rspec_opstate>
</rspec>"""


def test_abilities_have_the_defaults_of_the_standard() -> None:
    odd: tuple[object, ...] = ({}, None, [], {"geni_api_versions": 3, "urn": None})
    for told in odd:
        abilities = read_abilities(told)
        assert abilities.allocate == "geni_single"
        assert not abilities.single_allocation
        assert not abilities.urls
        assert abilities.authority == ""


@pytest.mark.parametrize(
    ("told", "single"), [(1, True), (True, True), ("1", True), (0, False), ("0", False)]
)
def test_abilities_are_read_kindly(told: object, *, single: bool) -> None:
    value = {
        "geni_single_allocation": told,
        "geni_allocate": "GENI_MANY",
        "urn": AM,
        "geni_api_versions": {"3": "https://a/"},
        "geni_credential_types": [{"geni_type": "GENI_SFA", "geni_version": 3}, "no struct"],
    }
    abilities = read_abilities(value)
    assert abilities.single_allocation is single
    assert abilities.allocate == "geni_many"
    assert abilities.authority == "a"
    assert abilities.urls == {"3": "https://a/"}
    assert abilities.credential_types == {("geni_sfa", "3")}


@pytest.mark.parametrize(
    "text", ["2030-01-01", "2030-01-01T00:00:00", "2030-01-01T00:00:00.5Z", "2030-13-01T00:00:00Z",
             "2030-01-01t00:00:00z", " 2030-01-01T00:00:00Z", 5, None]
)  # fmt: skip
def test_what_is_no_date_of_the_api(text: object) -> None:
    assert read_date(text) is None


def test_dates() -> None:
    moment = read_date("2030-01-01T02:00:00+02:00")
    assert moment is not None
    assert write_date(moment) == "2030-01-01T00:00:00Z"


def test_shared_nodes_that_can_be_had_come_first() -> None:
    ad = Ad(AD)
    assert [one.component_id.rpartition("+")[2] for one in ad.usable] == ["shared", "whole"]
    machine = ad.machine("vm")
    assert machine is not None
    assert machine.start == "geni_notready"
    assert machine.actions["geni_notready"] == {"geni_start": "geni_configuring"}
    assert machine.waits["geni_configuring"] == {"geni_success": "geni_ready"}
    assert ad.machine("raw") is None
    assert not ad.has_links


@pytest.mark.parametrize("bound", [True, False])
@pytest.mark.parametrize("link", [True, False])
def test_requests_are_valid(*, bound: bool, link: bool) -> None:
    chosen = Ad(AD).usable
    text = compose(chosen, bound=bound, link=link, inside="<services/>", beside="<!-- x -->")
    verdict = check(text, kinds=("request",))
    assert verdict.valid, verdict.findings
    assert [one.component_id != "" for one in components_of(text)] == [bound, bound]


def test_a_request_of_ones_own_is_cut_down() -> None:
    chosen = [Ad(AD).usable[0]] * 3
    text = compose(chosen, bound=False, link=True)
    assert reduced(text, 4) is None
    cut = reduced(text, 2, prefix="m")
    assert cut is not None
    assert check(cut, kinds=("request",)).valid
    assert 'client_id="mn1"' in cut
    assert "n2" not in cut
    assert "<link" not in cut
