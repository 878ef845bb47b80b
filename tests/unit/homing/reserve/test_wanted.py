"""What a reservation's request asks for, and what is wrong with it."""

import pytest

from gcf_am.homing.finding import TemplateErrors
from gcf_am.homing.reserve.wanted import joined, wanted_of
from gcf_am.homing.template.reading import read_template
from gcf_am.homing.terms import Template, ZoneRule

SLICE = "urn:publicid:IDN+ch.example+slice+s"


def template(request: str, demands: str = "[a, b]", more: str = "") -> Template:
    return read_template(
        f"""
homing_template_version: 2017-10-10
demands:
  a: &any [{{inventory_provider: geni, inventory_type: cloud}}]
  b: *any
  c: *any
reservations:
  mine:
    type: instance_reservation
    demands: {demands}
    properties:
      controller: geni
      request: {request}
{more}"""
    )


def test_everything_that_can_be_asked_for() -> None:
    (one,) = wanted_of(
        template(
            f"{{slice_urn: '{SLICE}', sliver_type: t, disk_image: d, hardware_type: h,"
            " exclusive: true, links: [{demands: [a, b], capacity: 1000, type: vlan}],"
            " end_time: '2030-01-31T12:00:00Z', provision: true,"
            " users: [{urn: u, keys: [k]}]}"
        )
    )
    assert (one.name, one.demands, one.slice_urn) == ("mine", ("a", "b"), SLICE)
    assert (one.sliver_type, one.disk_image, one.hardware_type) == ("t", "d", "h")
    assert (one.exclusive, one.provision) == (True, True)
    assert one.end_time is not None
    assert one.users == ({"urn": "u", "keys": ["k"]},)
    (link,) = one.links
    assert (link.nodes, link.capacity, link.link_type) == (("a", "b"), 1000, "vlan")


@pytest.mark.parametrize(
    ("request_", "says"),
    [
        ("{slice: s}", "did you mean slice_urn"),
        ("{slice_urn: 'urn:publicid:IDN+x+user+s'}", "slice's URN"),
        ("{slice_urn: s}", "urn:publicid"),
        ("{exclusive: maybe}", "true or false"),
        ("{end_time: soon}", "no date"),
        ("{links: 1}", "list of links"),
        ("{links: [{demands: [a]}]}", "two or more"),
        ("{links: [{demands: [a, c]}]}", "two or more"),
        ("{links: [{demands: [a, b], capacity: 0}]}", "kbit/s"),
        ("{links: [{demands: [a, b], speed: 1}]}", "demands, capacity and type"),
        ("{users: [{urn: u}]}", "list of users"),
        ("{sliver_type: 1}", "a text"),
    ],
)
def test_what_is_wrong_is_told_where_it_is(request_: str, says: str) -> None:
    with pytest.raises(TemplateErrors, match=says) as caught:
        wanted_of(template(request_))
    assert all(one.line for one in caught.value.findings)


def test_a_demand_is_reserved_once() -> None:
    more = "  again: {demands: [b], properties: {controller: geni, request: {}}}"
    with pytest.raises(TemplateErrors, match="b is reserved by mine already"):
        wanted_of(template("{}", more=more))


def test_all_demands_are_those_that_no_section_names_too() -> None:
    assert [one.demands for one in wanted_of(template("{}"), all_demands=True)] == [
        ("a", "b"), ("c",)]  # fmt: skip


def test_what_a_link_joins_lives_at_one_aggregate() -> None:
    """168."""
    (implied,) = joined(template("{links: [{demands: [a, b]}]}")).constraints
    assert (implied.demands, implied.rule) == (("a", "b"), ZoneRule(same=True, category="region"))
    assert joined(template("{}")).constraints == ()
