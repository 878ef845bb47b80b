"""Whole templates of the documents, solved."""

import json
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from gcf_am.homing.finding import TemplateErrors
from gcf_am.homing.inventory.gather import gather
from gcf_am.homing.inventory.geni import Aggregates
from gcf_am.homing.inventory.listed import read_listed
from gcf_am.homing.inventory.provider import Context, Inventory
from gcf_am.homing.inventory.sources import Own
from gcf_am.homing.solution import Solution
from gcf_am.homing.solve.solving import solve
from gcf_am.homing.template.reading import read_template
from tests.unit.homing.inventory.advertisements import advertisement, node
from tests.unit.homing.template.documents import repaired

# Near Dallas: the example's customer is at its airport.
INVENTORY = """
candidates:
- {candidate_id: 1ac71fb8-ad43-4e16-9459-c3f372b8236d, inventory_type: service, location_id: dal01,
   latitude: 32.9, longitude: -97.0, equipment_type: vG_Mux, customer_id: some_company,
   cloud_version: 1.11.84, cloud_provider: AWS}
- {candidate_id: 21d5f3e8-e714-4383-8f99-cc480144505a, inventory_type: service, location_id: dal02,
   latitude: 32.8, longitude: -96.8, equipment_type: vG_Mux, customer_id: some_company,
   cloud_version: 1.11.84, cloud_provider: AWS, host_id: vm1}
- {candidate_id: far, inventory_type: service, location_id: nyc01, latitude: 40.7, longitude: -74.0,
   equipment_type: vG_Mux, customer_id: some_company, cloud_version: 1.11.84, cloud_provider: AWS}
- {candidate_id: cloud-nearest, location_id: dal02, latitude: 32.89, longitude: -97.04, numa_topology: numa_spanning}
- {candidate_id: cloud-elsewhere, location_id: dal03, latitude: 32.89, longitude: -97.04,
   vcpu_pinning: true, numa_topology: numa_spanning}
- {candidate_id: cloud-fit, location_id: dal02, latitude: 32.8, longitude: -96.8,
   vcpu_pinning: true, numa_topology: numa_spanning}
"""


def solved(text: str, **inventories: Inventory) -> Solution:
    template = read_template(text)
    return solve(template, gather(template, inventories, {}, Context()), limit=3)


def homes(solution: Solution) -> dict[str, str]:
    return {name: one.id for name, one in solution.recommendations[0].choices.items()}


def test_example_1_has_a_home_in_one_region_for_both() -> None:
    solution = solved(repaired(), aai=read_listed(INVENTORY, name="aai"))
    assert homes(solution) == {
        "vGMuxInfra": "21d5f3e8-e714-4383-8f99-cc480144505a",
        "vG": "cloud-fit",
    }
    assert len(solution.recommendations) == 1
    told = solution.to_json()["recommendations"]
    assert isinstance(told, list)
    mux = told[0]["vGMuxInfra"]
    assert mux["candidate"]["host_id"] == "vm1"
    assert mux["attributes"]["is_rehome"] is False
    out = {(one.candidate, one.by) for one in solution.removals}
    assert ("far", "constraint_vgmux_customer") in out
    assert ("cloud-nearest", "numa_cpu_pin_capabilities") in out
    assert ("1ac71fb8-ad43-4e16-9459-c3f372b8236d", "excluded_candidates") in out


def _vcpe(constraints: dict[str, Any]) -> str:
    """As the newer documents write them: JSON, a weight as a text."""
    near = [
        {"product": ["1", {"distance_between": ["customer_loc", name]}]}
        for name in ("vgMuxAR", "vGW")
    ]
    return json.dumps(
        {
            "homing_template_version": "2018-02-01",
            "parameters": {"customer_lat": 32.89748, "customer_long": -97.040443},
            "locations": {
                "customer_loc": {
                    "latitude": {"get_param": "customer_lat"},
                    "longitude": {"get_param": "customer_long"},
                }
            },
            "demands": {
                "vgMuxAR": [{"inventory_provider": "aai", "inventory_type": "service"}],
                "vGW": [
                    {
                        "inventory_provider": "aai",
                        "inventory_type": "cloud",
                        "service_type": "71d563e8",
                    }
                ],
            },
            "constraints": constraints,
            "optimization": {"minimize": {"sum": near}},
        }
    )


def test_the_newer_examples_of_affinity_and_distance() -> None:
    same = {
        "affinity_vCPE": {
            "type": "zone", "demands": ["vgMuxAR", "vGW"],
            "properties": {"category": "region", "qualifier": "same"},
        }
    }  # fmt: skip
    aai = read_listed(INVENTORY, name="aai")
    assert homes(solved(_vcpe(same), aai=aai)) == {
        "vgMuxAR": "21d5f3e8-e714-4383-8f99-cc480144505a",
        "vGW": "cloud-nearest",
    }
    near = {
        f"distance-{name}": {
            "type": "distance_to_location", "demands": [name],
            "properties": {"distance": most, "location": "customer_loc"},
        }
        for name, most in (("vgMuxAR", "< 500 km"), ("vGW", "< 1500 km"))
    }  # fmt: skip
    solution = solved(_vcpe(same | near), aai=aai)
    assert solution.status == "solved"
    # what means nothing there is said to
    assert "service_type chooses among services" in solution.warnings[0]


@pytest.mark.parametrize("version", ["2018-02-01", "2020-08-13"])
def test_the_newer_examples_of_slices(version: str) -> None:
    rule = {"attribute": "latency", "operator": "lte", "threshold": 30, "unit": "ms"}
    template = {
        "homing_template_version": version,
        "demands": {
            "URLLC": [
                {
                    "inventory_provider": "aai", "inventory_type": "nssi", "unique": "true",
                    "region": "RegionOne", "filtering_attributes": {"service-role": "nssi"},
                }
            ]
        },
        "constraints": {
            "URLLC_Threshold": {
                "type": "threshold", "demands": ["URLLC"], "properties": {"evaluate": [rule]},
            }
        },
        "optimization": {
            "goal": "minimize",
            "operation_function": {
                "operator": "sum",
                "operands": [
                    {"function": "attribute", "params": {"demand": "URLLC", "attribute": "latency"}}
                ],
            },
        },
    }  # fmt: skip
    listed = [
        {
            "candidate_id": f"n{latency}", "inventory_type": "nssi", "location_id": "l",
            "region": "RegionOne", "service-role": "nssi", "latency": latency,
        }
        for latency in (40, 30, 20)
    ]  # fmt: skip
    aai = read_listed(json.dumps({"candidates": listed}), name="aai")
    solution = solved(json.dumps(template), aai=aai)
    assert [one.choices["URLLC"].id for one in solution.recommendations] == ["n20", "n30"]


CSIT = """
homing_template_version: {version}
locations: {{me: {{latitude: 32.9, longitude: -97.0}}}}
demands: {{{demands}}}
constraints: {{near: {{type: distance_to_location, demands: [vG], properties: {{distance: {distance}, location: me}}}}}}
"""
VG = "vG: [{inventory_provider: aai, inventory_type: cloud}]"


def test_the_templates_of_the_originals_own_tests() -> None:
    aai = read_listed(INVENTORY, name="aai")

    def told(**given: str) -> str:
        text = CSIT.format(
            **{"version": "2017-10-10", "demands": VG, "distance": "< 100 km"} | given
        )
        return solved(text, aai=aai).status

    assert told() == "solved"
    assert told(distance="< 1 km") == "not found"
    for wrong in ({"distance": "a lot"}, {"version": "xxxx-yy-zz"}, {"demands": ""}):
        with pytest.raises(TemplateErrors):
            told(**wrong)


def test_the_flagship_with_three_aggregates_of_files() -> None:
    """Three demands near me, all at different sites, least total distance."""
    sites = {
        "ghent": (51.05, 3.72),
        "brussels": (50.85, 4.35),
        "antwerp": (51.22, 4.40),
        "paris": (48.86, 2.35),
    }
    ads = {
        name: advertisement(node(f"{name}{one}", at=at, authority=name) for one in range(3))
        for name, at in sites.items()
    }
    sources = [Own(name, partial(str, ad)) for name, ad in ads.items()]
    text = (
        "homing_template_version: 2017-10-10\nlocations: {me: {latitude: 50.9, longitude: 4.1}}\ndemands:\n"
        + "".join(
            f"  {one}: [{{inventory_provider: aai, inventory_type: cloud}}]\n" for one in "abc"
        )
        + "constraints:\n"
        "  near: {type: distance_to_location, demands: [a, b, c], properties: {distance: < 100 km, location: me}}\n"
        "  apart: {type: zone, demands: [a, b, c], properties: {qualifier: different, category: complex}}\n"
        "optimization: {minimize: {sum: [{distance_between: [me, a]}, {distance_between: [me, b]}, {distance_between: [me, c]}]}}\n"
    )
    geni = Aggregates(sources)
    solution = solved(text, aai=geni, geni=geni)
    assert solution.optimal
    assert {
        one.location_id.split("+")[1] for one in solution.recommendations[0].choices.values()
    } == {"ghent", "brussels", "antwerp"}
    # one of them refused: only two sites are left within 100 km
    template = read_template(text)
    without = Context(excluded=frozenset(["urn:publicid:IDN+ghent+authority+am"]))
    again = solve(template, gather(template, {"aai": geni}, {}, without))
    assert again.infeasible is not None
    assert again.infeasible.conflict == ("apart", "near")


def test_our_own_site_serves_the_guides_network_constraint() -> None:
    site = Path(__file__).parents[3] / "rspecs" / "site.xml"
    text = (
        "homing_template_version: 2017-10-10\ndemands:\n"
        "  a: [{inventory_provider: geni, inventory_type: cloud, attributes: {hardware_type: pc}}]\n"
        "  b: [{inventory_provider: geni, inventory_type: cloud, attributes: {hardware_type: pc}}]\n"
        "constraints:\n  n:\n    type: network_between_demands\n    demands: [a, b]\n    properties:\n"
        "      bandwidth: >= 100 Mbps\n      distance: < 250 km\n      latency: < 50 ms\n"
    )
    solution = solved(text, geni=Aggregates([Own("am", site.read_bytes)]))
    assert solution.status == "solved"
    assert len(solution.warnings) == 1
    first, second = solution.recommendations[0].choices.values()
    # exclusive nodes, near to one another
    assert first.id != second.id
    assert first.zones["complex"] == second.zones["complex"]
