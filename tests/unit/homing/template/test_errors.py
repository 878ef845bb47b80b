"""What is wrong with a template is told: all of it, with places and hints, and never a traceback."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gcf_am.homing.finding import TemplateErrors
from gcf_am.homing.template.reading import VERSIONS, read_template
from tests.unit.homing.template.documents import template

PLACE = "locations: {me: {latitude: 0, longitude: 0}}\n"


def findings(text: str, **more: object) -> list[str]:
    with pytest.raises(TemplateErrors) as caught:
        read_template(text, **more)  # type: ignore[arg-type]
    return [str(one) for one in caught.value.findings]


def constraint(type_: str, properties: str = "{}", demands: str = "[a, b]") -> str:
    told = f"constraints:\n  c1:\n    type: {type_}\n    demands: {demands}\n    properties: {properties}\n"
    return template(PLACE + told)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("demands: {a: []}", "it has no homing_template_version"),
        ("homing_template_version: 1999-01-01\ndemands: {}", "2016-11-01, 2017-10-10"),
        ("homing_template_version: 2017-10-10", "it has no demands"),
        ("homing_template_version: 2017-10-10\ndemands: {}", "at least one demand"),
        ("homing_template_version: 2017-10-10\ndemands:\n  a: []", "demands.a: it is empty"),
        (template("contraints: {}"), "did you mean 'constraints'?"),
        (template("demands: {}"), "has a duplicate key on line 6: demands"),
        (template("locations: {x: {latitude: 91, longitude: 0}}"), "from -90 to 90"),
        (template("locations: {x: {latitude: 1, longitude: 181}}"), "from -180 to 180"),
        (template("locations: {x: {latitude: 1}}"), "it has no longitude"),
        (template("locations: {x: {latitude: 1, host_name: h}}"), "told in 2 ways"),
        (template("locations: {x: {clli_code: '??'}}"), "like DLLSTX55"),
        (template("locations: {x: {}}"), "it says no place"),
        (constraint("zoen"), "line 9, column 11: constraints.c1.type: 'zoen' is not known (did you mean 'zone'?)"),
        (constraint("zone", "{qualifier: same, categry: region}"), "did you mean 'category'?"),
        (constraint("zone", "{qualifier: same}"), "it has no category"),
        (constraint("zone", "{qualifier: same, category: planet}"), "'planet' is not known"),
        (constraint("zone", "{qualifier: same, category: region}", "[a, x]"), "no demand 'x'"),
        (constraint("zone", "{qualifier: same, category: region}", "[a, a]"), "stands there twice"),
        (constraint("distance_between_demands", "{distance: 5}", "[a]"), "at least 2 demands"),
        (constraint("inventory_group", "{}", "a"), "at least 2 demands"),
        (constraint("distance_to_location", "{distance: 1, location: yu}"), "no location 'yu'"),
        (constraint("distance_to_location", "{distance: < 100 ms, location: me}"), "use km or mi"),
        (constraint("network_between_demands"), "it demands nothing"),
        (constraint("attribute", "{evaluate: {x: {regex: '/(/'}}}"), "no regular expression"),
        (constraint("attribute", "{evaluate: {x: {regex: '(a+)+b'}}}"), "a repeated group"),
        (constraint("attribute", "{evaluate: {x: {gtt: 3}}}"), "'gtt' is no operator"),
        (constraint("attribute", "{evaluate: {x: {gt: many}}}"), "gt wants a number"),
        (constraint("attribute", "{evaluate: {}}"), "evaluate is empty"),
        (constraint("license", "{id: x}"), "it has no key"),
        (constraint("capability", "{specification: tosca, template: '<node/>'}"), "'tosca' is not known"),
        (constraint("capability", "{specification: rspec, template: '<link/>'}"), "no element node"),
        (constraint("capability", "{specification: heat, template: 'http://x/y'}"), "get_file"),
        (template("optimization: {maximise: 3}"), "did you mean 'maximize'?"),
        (template("optimization: {minimize: 1, maximize: 2}"), "one goal"),
        (template("optimization: {minimize: {product: [{cost: a}, {cost: b}]}}"), "is not linear"),
        (template("optimization: {minimize: {distance_between: [a]}}"), "two demands"),
        (template("optimization: {minimize: {distance_between: [a, x]}}"), "location or demand 'x'"),
        (template("locations: {x: {latitude: {get_param: y}, longitude: 1}}"), "no parameter 'y'"),
        (template("parameters: {p: [1]}\noptimization: {minimize: {get_param: [p, 1]}}"), "no key or index '1' in p"),
        (template("optimization: {minimize: {get_param: p, x: 1}}"), "the only key of its map"),
        (template("optimization: {minimize: {get_file: f}}"), "files has no 'f'"),
        (template("optimization: {minimize: {get_file: {get_param: f}}}"), "a path or URL"),
        (template("reservations: {r: {demands: [a], properties: {}}}"), "it has no controller"),
    ],
)  # fmt: skip
def test_mistakes_are_told_with_what_would_have_been_right(text: str, told: str) -> None:
    assert any(told in one for one in findings(text)), findings(text)


def test_all_mistakes_are_told_at_once_in_the_order_of_the_text() -> None:
    text = template(
        "locations: {me: {latitude: north, longitude: 0}}\n"
        "constraints:\n"
        "  one: {type: zoen, demands: [a, d]}\n"
        "  two: {type: license, demands: a, properties: {id: 1, kee: 2}}\n"
        "optimization: {minimize: {sum: [{cost: f}]}}\n"
    )
    with pytest.raises(TemplateErrors) as caught:
        read_template(text)
    assert [one.line for one in caught.value.findings] == [6, 8, 8, 9, 9, 10]
    first = caught.value.findings[0].to_json()
    assert first["path"] == "locations.me.latitude"
    assert (first["line"], first["column"]) == (6, 28)


def test_unknown_providers_and_controllers_are_told_with_those_there_are() -> None:
    told = findings(
        template("reservations: {r: {demands: a, properties: {controller: sdn}}}"),
        providers=["geni"],
        controllers=["am"],
    )
    assert sum("there is no inventory provider 'aai' (use one of geni)" in one for one in told) == 3
    assert any("there is no controller 'sdn' (use one of am)" in one for one in told)


def test_required_and_excluded_candidates_do_not_overlap() -> None:
    text = (
        "homing_template_version: 2017-10-10\ndemands:\n  a:\n  - inventory_provider: x\n"
        "    inventory_type: cloud\n    required_candidates: [{candidate_id: u}, v]\n"
        "    excluded_candidates: [v]\n"
    )
    assert any("'v' is required and excluded" in one for one in findings(text))
    read = read_template(text.replace("[v]", "[w]"))
    assert read.demands["a"].requirements[0].required == frozenset(("u", "v"))


def test_an_expansion_bomb_is_refused() -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{at}: &a{at} [{', '.join([f'*a{at - 1}'] * 9)}]" for at in range(1, 30)]
    assert "aliases counted in full" in findings("\n".join(lines))[0]
    named = "parameters: {p: " + str(list(range(40000))) + "}\n"
    told = template(
        named + "optimization: {minimize: {sum: [" + ", ".join(["{get_param: p}"] * 9) + "]}}"
    )
    assert any("more than 100000 values" in one for one in findings(told))


def test_yaml_and_json_and_an_object_mean_the_same() -> None:
    text = template(PLACE + "optimization: {minimize: {sum: [{distance_between: [me, a]}, 2]}}")
    plain = read_template(text)
    value = {
        "homing_template_version": "2017-10-10",
        "demands": {
            one: [{"inventory_provider": "aai", "inventory_type": "cloud"}] for one in "abc"
        },
        "locations": {"me": {"latitude": 0, "longitude": 0}},
        "optimization": {"minimize": {"sum": [{"distance_between": ["me", "a"]}, 2]}},
    }
    for other in (json.dumps(value), json.dumps(value, indent="\t")):
        read = read_template(other)
        assert read.objective is not None
        assert plain.objective is not None
        assert read.objective.constant == plain.objective.constant == 2
        assert list(read.demands) == list(plain.demands)


def test_words_stay_words() -> None:
    text = constraint("attribute", "{evaluate: {country: NO, time: 12:30:00, on: yes, zip: 07921}}")
    rule = read_template(text).constraints[0].rule
    told = [condition.operands[0] for _, condition, _ in rule.conditions]  # type: ignore[union-attr]
    assert told == ["NO", "12:30:00", "yes", "07921"]


@pytest.mark.parametrize("version", VERSIONS)
def test_every_version_is_read_quoted_or_not(version: str) -> None:
    for told in (version, f"'{version}'", f'"{version}"'):
        text = template("").replace("2017-10-10", told)
        assert read_template(text).version == version


def test_constraints_as_a_list_are_those_of_the_map() -> None:
    told = (
        "c1: {type: zone, demands: [a, b], properties: {qualifier: same, category: disaster_zone}}"
    )
    (one,) = read_template(template(f"constraints: {{{told}}}")).constraints
    (other,) = read_template(template(f"constraints: [{{{told}}}]")).constraints
    assert (one.name, one.rule, one.demands) == (other.name, other.rule, other.demands)
    assert one.rule.category == "disaster"  # type: ignore[union-attr]


def test_the_grammar_of_2020() -> None:
    body = (
        "optimization:\n  goal: minimize\n  operation_function:\n    operator: sum\n    operands:\n"
        "    - {function: distance_between, weight: 2, params: {location: me, demand: a}}\n"
        "    - function: attribute\n      normalization: {start: 100, end: 0}\n"
        "      params: {demand: b, attribute: latency}\n"
    )
    objective = read_template(template(PLACE + body)).objective
    assert objective is not None
    assert [(one.weight, one.function, one.operands) for one in objective.terms] == [
        (2.0, "distance_between", ("me", "a")),
        (-0.01, "attribute", ("b", "latency")),
    ]
    assert objective.constant == 1


def messages(text: str) -> list[str]:
    """What is wrong; nothing when nothing is."""
    try:
        read_template(text)
    except TemplateErrors as errors:
        return [one.message for one in errors.findings] or [""]
    return []


WORDS = st.sampled_from(
    ["a", "b", "me", "zone", "type", "demands", "properties", "< 5 km", "same", "region", "evaluate",
     "minimize", "sum", "product", "cost", "get_param", "get_file", "latitude", "cloud", "p",
     "inventory_type", "candidates", "candidate_id", "constraints", "controller", "request",
     "distance_between", "attribute", "capability", "template", "heat", "2017-10-10", ""]
)  # fmt: skip
VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False)
    | WORDS
    | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(WORDS, inner, max_size=4),
    max_leaves=20,
)
SECTIONS = st.sampled_from(
    ["homing_template_version", "parameters", "locations", "demands", "constraints", "reservations",
     "reservation", "optimization"]
)  # fmt: skip


@settings(max_examples=400, derandomize=True, deadline=None)
@given(st.dictionaries(SECTIONS, VALUES, max_size=7))
def test_whatever_a_template_holds_its_mistakes_are_findings(value: dict[str, object]) -> None:
    text = json.dumps({"homing_template_version": "2017-10-10"} | value, ensure_ascii=False)
    assert all(messages(text))


@settings(max_examples=400, derandomize=True, deadline=None)
@given(st.text(alphabet=st.sampled_from("ab:-[]{}&*#|>\"'!%@`,\t\n \\0?\x00\ud800é"), max_size=60))
def test_whatever_a_text_holds_its_mistakes_are_findings(text: str) -> None:
    with pytest.raises(TemplateErrors) as caught:
        read_template(text)
    assert all(one.message for one in caught.value.findings)
