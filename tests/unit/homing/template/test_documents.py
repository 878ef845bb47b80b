"""The documents' own examples."""

import pytest

from gcf_am.homing.finding import TemplateErrors
from gcf_am.homing.stock import Point
from gcf_am.homing.template.document import read_document
from gcf_am.homing.template.intrinsics import Resolver
from gcf_am.homing.template.reading import read_template
from gcf_am.homing.terms import (
    AttributeRule,
    DistanceRule,
    FitRule,
    GroupRule,
    LicenseRule,
    LocationKind,
    NetworkRule,
    ZoneRule,
)
from tests.unit.homing.template.documents import published, repaired, template


def test_example_1_as_published_is_refused_with_its_lines() -> None:
    with pytest.raises(TemplateErrors) as caught:
        read_template(published("examples-01.yaml"))
    first, *others = caught.value.findings
    assert (first.line, first.column) == (28, 9)
    assert "indented more than its key" in first.hint
    assert {one.message for one in others} == {"a tab indents this line"}
    assert [one.line for one in others][:3] == [49, 52, 56]


def test_example_1_repaired_in_its_white_space_is_read() -> None:
    read = read_template(repaired())
    assert read.locations["customer_loc"].point == Point(32.89748, -97.040443)
    mux, cloud = read.demands["vGMuxInfra"].requirements[0], read.demands["vG"].requirements[1]
    assert dict(mux.attributes)["equipment_type"].operands == ("vG_Mux",)
    assert mux.excluded == {"1ac71fb8-ad43-4e16-9459-c3f372b8236d"}
    assert mux.existing == {"21d5f3e8-e714-4383-8f99-cc480144505a"}
    assert (cloud.inventory_type, cloud.attributes) == ("cloud", ())
    near, zone, numa, _ = read.constraints
    assert isinstance(near.rule, DistanceRule)
    assert str(near.rule.distance) == "< 100 km"
    assert zone.rule == ZoneRule(same=True, category="region")
    assert isinstance(numa.rule, AttributeRule)
    assert [name for name, _, _ in numa.rule.conditions] == ["vcpu_pinning", "numa_topology"]
    assert read.objective is not None
    assert len(read.objective.terms) == 2


@pytest.mark.parametrize("number", [*range(1, 5), 6, *range(8, 25), 26, 27, 29])
def test_every_block_of_the_guide_that_is_yaml_can_be_read(number: int) -> None:
    assert read_document(published(f"template-{number:02}.yaml")).value


def test_parameters_and_locations_of_the_guide() -> None:
    told = published("template-03.yaml") + published("template-04.yaml")
    read = read_template(template(told))
    assert read.parameters["service_info"]["nod_config"][3] == "http://nod/config_d.yaml"  # type: ignore[index]
    kinds = [one.kind for one in read.locations.values()]
    assert kinds == [
        LocationKind.COORDINATES,
        LocationKind.HOST_NAME,
        LocationKind.CLLI_CODE,
        LocationKind.PLACEMARK,
    ]
    assert read.locations["location_using_placemark"].words["sub_thoroughfare"] == "1"


def test_demands_of_the_guide() -> None:
    read = read_template("homing_template_version: '2018-02-01'\n" + published("template-06.yaml"))
    first, second = read.demands["vG"].requirements
    assert (first.inventory_type, second.inventory_type) == ("service", "cloud")
    (model,) = (
        one
        for name, one in read.demands["vGMuxInfra"].requirements[0].attributes
        if name == "model-version"
    )
    assert model.holds("2.0")


def test_attributes_of_the_guide() -> None:
    demands = "[my_vnf_demand, my_other_vnf_demand]"
    plain = read_template(template(published("template-08.yaml"), demands)).constraints[0].rule
    proposed = read_template(template(published("template-09.yaml"), demands)).constraints[0].rule
    assert isinstance(plain, AttributeRule)
    assert isinstance(proposed, AttributeRule)
    held = {name: condition for name, condition, _ in plain.conditions}
    assert held["vcpu_pinning"].holds(value=True)
    assert not held["vcpu_pinning"].holds(value=False)
    asked = {name: condition for name, condition, _ in proposed.conditions}
    assert asked["cloud_version"].holds("1.1")
    assert not asked["cloud_version"].holds(1.0)
    assert asked["flavor"].holds("sriov")
    assert not asked["flavor"].holds("SRIOV2")
    assert asked["subdivision"].holds(("US-WA", "US-CA"))


@pytest.mark.parametrize(
    ("number", "rule"),
    [
        (10, DistanceRule),
        (11, DistanceRule),
        (14, ZoneRule),
        (15, ZoneRule),
        (16, GroupRule),
        (18, NetworkRule),
        (19, NetworkRule),
    ],
)
def test_constraints_of_the_guide(number: int, rule: type) -> None:
    demands = "[my_vnf_demand, my_other_vnf_demand, another_vnf_demand, demand_1, demand_2]"
    place = "locations: {LOCATION_ID: {latitude: 0, longitude: 0}}\n"
    read = read_template(template(place + published(f"template-{number}.yaml"), demands))
    assert isinstance(read.constraints[0].rule, rule)
    # unquoted, with a warning
    assert [one.line for one in read.warnings] == ([14] if number in {18, 19} else [])


def test_fits_of_the_guide() -> None:
    for number in (12, 13):
        told = published(f"template-{number}.yaml").replace("REQUEST_DICT", "{vlan: 5}")
        read = read_template(template(told, "[my_vnf_demand, my_other_vnf_demand]"))
        rule = read.constraints[0].rule
        assert isinstance(rule, FitRule)
        assert (rule.controller, rule.request) == ("sdn-c", {"vlan": 5})
        assert rule.applies_to == ("service" if number == 12 else "cloud")


def test_license_and_get_param_of_the_guide() -> None:
    told = published("template-29.yaml").replace("REQUEST_DICT", "{a: 1}").replace(", ...]", "]")
    read = read_template(template(told, "[demand_1, demand_2, my_vnf_demand, my_other_vnf_demand]"))
    assert read.constraints[0].rule == LicenseRule("SOFTWARE_ID", "LICENSE_KEY")
    assert isinstance(read.constraints[1].rule, FitRule)
    assert read.constraints[1].rule.controller == "dmaap:///full.topic.name"
    document = read_document(published("template-29.yaml"))
    root = document.value
    assert isinstance(root, dict)
    resolver = Resolver(document, root["parameters"], {}, [])
    assert resolver.resolve({"get_param": ["service_info", "costs", 4]}, ()) == 50


def test_objectives_of_the_guide() -> None:
    cl = "locations: {cl: {latitude: 0, longitude: 0}}\n"
    weights = []
    for number in (22, 23, 24):
        read = read_template(template(cl + published(f"template-{number}.yaml"), "[vG1, vG2]"))
        assert read.objective is not None
        weights.append([(one.weight, one.operands) for one in read.objective.terms])
    assert weights[0] == weights[2] == [(10.0, ("cl", "vG1")), (20.0, ("cl", "vG2"))]
    assert weights[1] == [(1.0, ("cl", "vG1")), (1.0, ("cl", "vG2"))]


def test_reservations_and_get_file_of_the_guide() -> None:
    entry = published("template-21.yaml").replace("REQUEST_DICT", "{sliver_type: vm}")
    body = "reservations:\n" + "".join(f"  {line}\n" for line in entry.splitlines())
    read = read_template(template(body, "[my_vnf_demand, my_other_vnf_demand]"))
    assert read.reservations[0].demands == ("my_vnf_demand", "my_other_vnf_demand")
    heat = (
        "resources: {web: {type: OS::Nova::Server, "
        "properties: {flavor: {get_param: kind}, image: debian, networks: [{network: n}]}}}\n"
        "parameters: {kind: {type: string, default: small}}"
    )
    files = {
        "file:///somewhere/stack_template.yaml": heat,
        "http://hostname/environment.yaml": "parameters: {kind: raw-pc}",
    }
    told = template(published("template-27.yaml"), "[my_vnf_demand, my_other_vnf_demand]")
    (need,) = read_template(told, files=files).constraints[0].rule.nodes  # type: ignore[union-attr]
    assert (need.name, need.flavor, need.disk_image, need.interfaces) == (
        "web",
        "raw-pc",
        "debian",
        1,
    )
