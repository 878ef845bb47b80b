"""Templates that say every word that there is; nobody expects them to find homes.

The first names places that no table tells of.
"""

from __future__ import annotations

from typing import Any, Final

from tests.functional.rspecs import example

# what get_file finds
FILES: Final = {"nodes": example("one-node")}
EVERY_WORD: Final = """
homing_template_version: 2018-02-01
parameters:
  far: < 9000 km
locations:
  me: {latitude: 51.0, longitude: 4.0}
  host: {host_name: near-a}
  office: {clli_code: DLLSTX55}
  place:
    iso_country_code: BE
    postal_code: "9000"
    administrative_area: Flanders
    sub_administrative_area: East
    locality: Ghent
    sub_locality: Centre
    thoroughfare: Veldstraat
    sub_thoroughfare: "1"
demands:
  one:
  - inventory_provider: geni
    inventory_type: cloud
    attributes: {country: BE}
    filtering_attributes: {exclusive: "false"}
    passthrough_attributes: {role: first}
    default_attributes: {country: BE}
    default_cost: 1
    required_candidates: [near-a]
    excluded_candidates: [far-a]
    existing_placement: [near-a]
    unique: true
    region: ghent
    complex: dc1
  two:
  - inventory_provider: geni
    inventory_type: service
    service_type: vG
    service_id: urn:publicid:IDN+gcf.local+slice+none
  three:
  - candidates: [{candidate_id: c1, location_id: l1, latitude: 51, longitude: 4}]
constraints:
  c1: {type: attribute, demands: [one], properties: {evaluate: {country: {any: [BE]}}}}
  c2:
    type: threshold
    demands: [one]
    properties: {evaluate: [{attribute: slots, operator: gt, threshold: 1}]}
  c3:
    type: distance_between_demands
    demands: [one, three]
    properties: {distance: {get_param: far}}
  c4:
    type: distance_to_location
    demands: [one]
    properties: {distance: < 9000 km, location: me}
  c5: {type: instance_fit, demands: [two], properties: {controller: geni}}
  c6: {type: region_fit, demands: [one], properties: {controller: geni}}
  c7: {type: service, demands: [two], properties: {provider_url: geni}}
  c8: {type: inventory_group, demands: [one, three]}
  c9: {type: zone, demands: [one, three], properties: {qualifier: same, category: region}}
  c10: {type: license, demands: [one], properties: {id: l, key: k}}
  c11:
    type: network_between_demands
    demands: [one, three]
    properties: {bandwidth: ">= 1 Mbps"}
  c12: {type: network_to_location, demands: [one], properties: {latency: < 9 ms, location: me}}
  c13:
    type: capability
    demands: [one]
    properties: {specification: rspec, template: {get_file: nodes}}
  c14:
    type: capacity
    demands: [one]
    properties: {specification: rspec, template: {get_file: nodes}}
optimization:
  minimize:
    sum:
    - product: [2, {distance_between: [me, one]}]
    - {latency_between: [me, one]}
    - {cost: [one]}
    - {attribute: [one, slots]}
"""
NOWHERE: Final = """
homing_template_version: 2017-10-10
demands:
  only: [{inventory_provider: geni, inventory_type: cloud, attributes: {country: XX}}]
"""
OLDER: Final = """
homing_template_version: 2016-11-01
demands:
  only: [{inventory_provider: geni, inventory_type: cloud}]
reservation:
  service_candidates:
    mine:
      type: instance_reservation
      demands: [only]
      properties: {controller: sdn-c}
"""
# what a plan can be made of, beside its template
ASKED: Final[tuple[dict[str, Any], ...]] = (
    {"template": EVERY_WORD, "files": FILES, "timeout": 0.1, "limit": 2},
    {"template": EVERY_WORD, "files": FILES, "num_solution": 1, "name": "every-word"},
    {"template": EVERY_WORD, "files": FILES, "num_solutions": 1, "transaction_id": "t1"},
)
