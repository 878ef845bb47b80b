"""What a template can be solved with."""

from collections.abc import Mapping, Sequence

import pytest

from gcf_am.homing.finding import TemplateErrors
from gcf_am.homing.inventory.fitting import Advertised
from gcf_am.homing.inventory.gather import gather
from gcf_am.homing.inventory.geni import Aggregates
from gcf_am.homing.inventory.listed import read_listed
from gcf_am.homing.inventory.places import Places, read_places
from gcf_am.homing.inventory.provider import Context, Fitting, Inventory, Unavailable
from gcf_am.homing.inventory.sources import Own
from gcf_am.homing.solution import recommendation_to_json
from gcf_am.homing.solve.solving import solve
from gcf_am.homing.stock import Candidate, Stock, Verdict
from gcf_am.homing.template.reading import read_template
from tests.unit.homing.inventory.advertisements import advertisement, node

LIST = """
candidates:
- {candidate_id: c1, location_id: r1, country: BE, cost: "5", size: [s, m], latitude: "51", longitude: "4"}
- {candidate_id: c2, location_id: r2, country: US, size: m}
- {candidate_id: s1, location_id: r1, inventory_type: service, service_type: vG, host_id: vm1}
groups: {pair: [c1, s1]}
"""


class Strict:
    """A controller that takes one candidate alone."""

    name = "strict"

    def fits(
        self, candidates: Sequence[Candidate], request: Mapping[str, object], context: Context
    ) -> Mapping[str, Verdict]:
        return {one.id: Verdict(one.id == request["only"], "it is full") for one in candidates}


def ask(
    body: str, *, context: Context | None = None, places: Places | None = None, more: str = ""
) -> Stock:
    text = f"homing_template_version: 2017-10-10\ndemands:\n  d:\n  - inventory_provider: list\n{body}\n{more}"
    inventories: dict[str, Inventory] = {"list": read_listed(LIST, name="list")}
    controllers: dict[str, Fitting] = {"strict": Strict(), "am": Advertised()}
    return gather(
        read_template(text),
        inventories,
        controllers,
        context or Context(),
        places=places,
        seats=lambda id_, key: 2 if (id_, key) == ("x", "k") else 0,
    )


def ids(stock: Stock) -> list[str]:
    return [one.id for one in stock.candidates["d"]]


CLOUD = "    inventory_type: cloud"


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ("", ["c1", "c2"]),
        ("attributes: {country: BE}", ["c1"]),
        ("filtering_attributes: {size: s}", ["c1"]),
        ("attributes: {size: m, country: {ne: BE}}", ["c2"]),
        ("required_candidates: [c2, c9]", ["c2"]),
        ("excluded_candidates: [{candidate_id: c2}]", ["c1"]),
        ("region: r2", ["c2"]),
        (
            "default_attributes: {vcpu_pinning: true}\n    attributes: {vcpu_pinning: true}",
            ["c1", "c2"],
        ),
    ],
)
def test_a_demands_own_conditions(more: str, expected: list[str]) -> None:
    stock = ask(f"{CLOUD}\n    {more}")
    assert ids(stock) == expected
    assert {one.candidate for one in stock.removed} == {"c1", "c2"} - set(expected)
    assert all(one.reason for one in stock.removed)


def test_entries_of_a_demand_are_united_without_twins() -> None:
    stock = ask(
        f"{CLOUD}\n    attributes: {{country: BE}}\n"
        "  - {inventory_provider: list, inventory_type: cloud}\n"
        "  - {inventory_provider: list, inventory_type: service, service_type: [vG, vH]}\n"
        "  - {candidates: [{candidate_id: own, location_id: here}]}"
    )
    assert ids(stock) == ["c1", "c2", "own", "s1"]
    # what the first entry did not take the second one did
    assert stock.removed == ()


def test_costs_and_where_a_demand_lives_now() -> None:
    stock = ask(
        f"{CLOUD}\n    default_cost: 9\n    existing_placement: {{candidate_id: c2}}\n    passthrough_attributes: {{note: hello}}"
    )
    first, second = stock.candidates["d"]
    assert (first.cost, second.cost) == (5, 9)
    assert (first.rehome, second.rehome) == (True, False)
    template = read_template("homing_template_version: 2017-10-10\ndemands: {d: {candidates: []}}")
    told = recommendation_to_json(solve(template, stock).recommendations[0])["d"]
    assert isinstance(told, dict)
    assert set(told) == {"inventory_provider", "service_resource_id", "candidate", "attributes"}
    assert told["candidate"] == {
        "candidate_id": "c1", "inventory_type": "cloud", "location_type": "region", "location_id": "r1",
    }  # fmt: skip
    assert told["attributes"]["note"] == "hello"
    assert told["attributes"]["is_rehome"] is True


def test_what_refused_before_is_out() -> None:
    assert ids(ask(CLOUD, context=Context(excluded=frozenset(["c1"])))) == ["c2"]
    assert ids(ask(CLOUD, context=Context(excluded=frozenset(["r2"])))) == ["c1"]


def test_an_attribute_that_no_candidate_has_is_an_error() -> None:
    with pytest.raises(TemplateErrors, match=r"has an attribute 'siez' \(did you mean 'size'\?\)"):
        ask(
            CLOUD,
            more="constraints: {c: {type: attribute, demands: d, properties: {evaluate: {siez: m}}}}",
        )


def test_an_unknown_provider_is_an_error_with_its_line() -> None:
    with pytest.raises(TemplateErrors, match=r"line 6, column 5: .*'lost' .did you mean 'list'"):
        ask(
            f"{CLOUD}\n".replace(
                "cloud", "cloud\n  - {inventory_provider: lost, inventory_type: cloud}"
            )
        )


def test_controllers_judge_the_types_that_they_are_for() -> None:
    body = f"{CLOUD}\n  - {{inventory_provider: list, inventory_type: service}}"
    fits = "constraints: {c: {type: region_fit, demands: d, properties: {controller: strict, request: {only: c1}}}}"
    stock = ask(body, more=fits)
    assert stock.verdicts["c"] == {
        "c1": Verdict(fits=True, reason="it is full"),
        "c2": Verdict(fits=False, reason="it is full"),
    }
    template = read_template(
        "homing_template_version: 2017-10-10\ndemands: {d: {candidates: []}}\n" + fits
    )
    solution = solve(template, stock, limit=5)
    assert [one.choices["d"].id for one in solution.recommendations] == ["s1", "c1"]
    assert [(one.candidate, one.reason) for one in solution.removals] == [
        ("c2", "strict: it is full")
    ]


def test_the_advertisement_judges_what_a_request_names() -> None:
    inventory = Aggregates(
        [Own("am", lambda: advertisement([node("pc"), node("vm", exclusive=False)]))]
    )
    text = (
        "homing_template_version: 2017-10-10\ndemands: {d: {inventory_provider: geni, inventory_type: cloud}}\n"
        "constraints: {c: {type: region_fit, demands: d, properties: {controller: am, request: {exclusive: true, sliver_type: raw-pc}}}}"
    )
    stock = gather(read_template(text), {"geni": inventory}, {"am": Advertised()}, Context())
    assert {name.rpartition("+")[2]: one.fits for name, one in stock.verdicts["c"].items()} == {
        "pc": True,
        "vm": False,
    }


def test_licences_have_seats() -> None:
    body = "constraints: {{c: {{type: license, demands: d, properties: {{id: x, key: {key}}}}}}}"
    for key, free in (("k", 2), ("wrong", 0)):
        stock = ask(CLOUD, more=body.format(key=key))
        assert stock.seats == {"c": free}
        text = (
            "homing_template_version: 2017-10-10\ndemands: {d: {candidates: []}}\n"
            + body.format(key=key)
        )
        assert solve(read_template(text), stock).status == ("solved" if free else "not found")


TABLE = """clli_code,locality,administrative_area,iso_country_code,postal_code,latitude,longitude
DLLSTX55,Dallas,TX,US,75201,32.78,-96.80
,Bedminster,NJ,US,07921,40.68,-74.65
,Paris,,FR,,48.85,2.35
,Paris,TX,US,,33.66,-95.55
"""


@pytest.mark.parametrize(
    ("words", "latitude"),
    [
        ("clli_code: DLLSTX55", 32.78),
        ("clli_code: DLLSTX9A", 32.78),
        ("host_name: vm1", None),
        ("host_name: c1", 51),
        (
            "locality: Bedminster, administrative_area: NJ, postal_code: 07921-2694, thoroughfare: ATT Way",
            40.68,
        ),
        ("locality: paris, iso_country_code: FR", 48.85),
    ],
)
def test_locations_are_resolved(words: str, latitude: float | None) -> None:
    more = f"locations: {{l: {{{words}}}}}"
    if latitude is None:
        with pytest.raises(TemplateErrors, match="nobody knows where host_name vm1 is"):
            ask(CLOUD, more=more)
        return
    stock = ask(CLOUD, more=more, places=read_places(TABLE))
    assert stock.points["l"].latitude == latitude


def test_aggregates_have_places_under_their_urns() -> None:
    places = read_places("host_name,latitude,longitude\nurn:publicid:IDN+a+authority+am,1,2\n")
    found = places.of_host("urn:publicid:IDN+A+authority+am")
    assert found is not None
    assert (found.latitude, found.longitude) == (1, 2)
    assert places.of_host("urn:publicid:IDN+b+authority+am") is None


def test_places_that_may_be_several_are_told() -> None:
    with pytest.raises(TemplateErrors, match=r"any of Paris, FR; Paris, TX, US"):
        ask(CLOUD, more="locations: {l: {locality: Paris}}", places=read_places(TABLE))
    with pytest.raises(TemplateErrors, match="nobody knows where clli_code NYCMNY50 is"):
        ask(CLOUD, more="locations: {l: {clli_code: NYCMNY50}}", places=read_places(TABLE))


def test_an_inventory_that_is_down_is_told_of_unless_all_are() -> None:
    down = Aggregates([Own("am", lambda: "<broken")])
    text = "homing_template_version: 2017-10-10\ndemands: {d: [{inventory_provider: geni, inventory_type: cloud}%s]}"
    both = read_template(text % ", {inventory_provider: list, inventory_type: cloud}")
    stock = gather(both, {"geni": down, "list": read_listed(LIST, name="list")}, {}, Context())
    assert ids(stock) == ["c1", "c2"]
    assert len(stock.failures) == 1
    with pytest.raises(Unavailable):
        gather(read_template(text % ""), {"geni": down}, {}, Context())


def test_lists_are_yaml_json_or_csv() -> None:
    table = (
        "candidate_id,location_id,latitude,longitude,cost,country\nc1,r1,51,4,5,BE\nc2,r2,,,,US\n"
    )
    listed = read_listed(table, name="list").listed
    assert [(one.id, one.cost, one.zones["country"]) for one in listed] == [
        ("c1", 5, "BE"),
        ("c2", 0, "US"),
    ]
    with pytest.raises(TemplateErrors, match=r"line 3, .*it has no location_id"):
        read_listed(table.replace("c2,r2", "c2,"), name="list")
    with pytest.raises(TemplateErrors) as caught:
        read_listed("canddates: []", name="list")
    assert [one.hint for one in caught.value.findings] == ["", "did you mean 'candidates'?"]
