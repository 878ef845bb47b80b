"""gcf-homing without a server."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from gcf_am.cli.homing import homing

SITE = Path(__file__).parents[3] / "rspecs" / "site.xml"
TEMPLATE = """homing_template_version: 2017-10-10
parameters: {most: 9000}
locations: {me: {latitude: 51, longitude: 4}}
demands:
  a: [{inventory_provider: geni, inventory_type: cloud}]
  b: [{inventory_provider: geni, inventory_type: cloud}]
constraints:
  apart: {type: zone, demands: [a, b], properties: {qualifier: different, category: country}}
  near: {type: distance_to_location, demands: [a, b], properties: {distance: RANGE, location: me}}
optimization: {minimize: {sum: [{distance_between: [me, a]}, {distance_between: [me, b]}]}}
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    made = tmp_path / "t.yaml"
    made.write_text(TEMPLATE.replace("RANGE", "< 6000 km"))
    return made


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(homing, [str(one) for one in arguments], prog_name="gcf-homing")


def test_validate_tells_each_mistake_with_its_place(file: Path) -> None:
    assert run("validate", file).output == f"{file}: valid, 2 demands\n"
    file.write_text(TEMPLATE.replace("zone", "zoen").replace("RANGE", "far"))
    result = run("validate", file)
    assert result.exit_code == 1
    assert result.output.splitlines() == [
        f"{file}:8:17: constraints.apart.type: 'zoen' is not known (did you mean 'zone'?)",
        f"{file}:9:78: constraints.near.properties.distance: 'far' is no distance; write it like '< 100 km'",
    ]
    told = json.loads(run("validate", file, "--json").output)
    assert [one["path"] for one in told["errors"]] == [
        "constraints.apart.type",
        "constraints.near.properties.distance",
    ]


def test_validate_warns_and_passes(file: Path) -> None:
    file.write_text(TEMPLATE.replace("RANGE", ">= 5 km"))
    lines = run("validate", file).output.splitlines()
    assert lines == [
        f"{file}:9:78: warning: quoted '>= 5 km' (YAML reads an unquoted > as a text)",
        f"{file}: valid, 2 demands",
    ]


def test_solve_needs_no_server(file: Path) -> None:
    result = run("solve", file, "--ad", SITE, "--limit", "2")
    assert result.exit_code == 0
    assert "recommendation 2: objective" in result.output
    assert "urn:publicid:IDN+gcf.local+node+pc1" in result.output
    assert result.output.endswith("none is better\n")
    told = json.loads(run("solve", file, "--ad", SITE, "--json").output)
    assert told["optimal"] is True
    assert sorted(told["recommendations"][0]) == ["a", "b"]


def test_solve_says_why_there_is_none(file: Path) -> None:
    file.write_text(TEMPLATE.replace("RANGE", "< 100 km"))
    result = run("solve", file, "--ad", SITE)
    assert (result.exit_code, result.output) == (
        1, "not found: these constraints cannot hold together: apart, near\n",
    )  # fmt: skip


def test_explain_counts_what_each_constraint_takes_out(file: Path) -> None:
    result = run("explain", file, "--ad", SITE)
    assert result.exit_code == 0
    rows = [line.split() for line in result.output.splitlines()]
    assert ["demand", "had", "near", "left"] in rows
    assert any(row[:1] == ["a"] and row[1] == "20" for row in rows)
    assert "km from me, not < 6000 km" in result.output
    told = json.loads(run("explain", file, "--ad", SITE, "--json").output)
    assert told["removals"][0]["by"] == "near"


def test_inventories_places_and_parameters_from_files(file: Path, tmp_path: Path) -> None:
    (tmp_path / "list.csv").write_text(
        "candidate_id,location_id,latitude,longitude\nx,r,51,4\ny,s,50,4\n"
    )
    (tmp_path / "places.csv").write_text("clli_code,latitude,longitude\nBRSLBE01,50.85,4.35\n")
    file.write_text(
        "homing_template_version: 2017-10-10\nlocations: {me: {clli_code: BRSLBE01}}\n"
        "demands: {a: [{inventory_provider: mine, inventory_type: cloud, required_candidates: {get_param: ids}}]}\n"
        "optimization: {minimize: {distance_between: [me, a]}}\n"
    )
    given = ("--inventory", f"mine={tmp_path / 'list.csv'}", "--places", tmp_path / "places.csv")
    told = json.loads(run("solve", file, *given, "--param", "ids=[x, y]", "--json").output)
    assert told["recommendations"][0]["a"]["candidate"]["candidate_id"] == "x"
    told = json.loads(run("solve", file, *given, "--param", "ids=y", "--json").output)
    assert told["recommendations"][0]["a"]["candidate"]["candidate_id"] == "y"
    result = run("solve", file, *given)
    assert result.exit_code == 1
    assert ":3:" in result.output
    assert "there is no parameter 'ids'" in result.output


def test_licences_have_the_seats_that_are_given(file: Path) -> None:
    text = TEMPLATE.replace("RANGE", "< 6000 km")
    file.write_text(
        text.replace(
            "  near:",
            "  ours: {type: license, demands: [a, b], properties: {id: x, key: k}}\n  near:",
        )
    )
    result = run("solve", file, "--ad", SITE, "--seats", "x=1")
    assert "meets the constraint ours" in result.output
    assert run("solve", file, "--ad", SITE, "--seats", "x=2").exit_code == 0
    assert "write ID=NUMBER" in run("solve", file, "--ad", SITE, "--seats", "x").output


def test_get_file_reads_below_the_templates_folder(file: Path, tmp_path: Path) -> None:
    text = TEMPLATE.replace("RANGE", "< 6000 km").replace(
        "  near:",
        "  fit: {type: capability, demands: a, properties: {specification: rspec, template: {get_file: NAME}}}\n  near:",
    )
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "node.xml").write_text('<node><hardware_type name="pcvm"/></node>')
    file.write_text(text.replace("NAME", "sub/node.xml"))
    assert run("validate", file).exit_code == 0
    (tmp_path / "inner").mkdir()
    inner = tmp_path / "inner" / "t.yaml"
    inner.write_text(text.replace("NAME", "../sub/node.xml"))
    result = run("validate", inner)
    assert result.exit_code == 1
    assert "get_file ../sub/node.xml: it lies outside the template's folder" in result.output
    assert run("validate", inner, "--files-anywhere").exit_code == 0


@pytest.mark.parametrize(
    "arguments",
    [
        ("validate", "no-such-file.yaml"),
        ("solve", "T", "--ad", "no-such-file.xml"),
        ("solve", "T", "--inventory", "nothing"),
        ("solve", "T", "--param", "nothing", "--ad", str(SITE)),
        ("solve", "T", "--ad", __file__),
        ("explain", "T"),
    ],
)
def test_what_cannot_be_used_is_a_sentence(file: Path, arguments: tuple[str, ...]) -> None:
    result = run(*(str(file) if one == "T" else one for one in arguments))
    assert result.exit_code == 1
    assert result.output
    assert "Traceback" not in result.output
    assert isinstance(result.exception, SystemExit)
