"""gcf-am check-rspec: verdicts, exit status, and what goes to programs."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from gcf_am.cli.am import main
from gcf_am.cli.check_rspec import refuse_invalid
from gcf_am.errors import ConfigError

RSPECS = Path(__file__).resolve().parents[3] / "rspecs"
GOOD = RSPECS / "requests" / "two-nodes.xml"
NAMESPACE = "http://www.geni.net/resources/rspec/3"
BAD = f'<rspec xmlns="{NAMESPACE}" type="request">\n<node client_id="a" colour="red"/></rspec>'


def run(*arguments: str | Path, given: str | None = None) -> Result:
    result = CliRunner(catch_exceptions=False).invoke(
        main, ["check-rspec", *map(str, arguments)], input=given
    )
    assert "Traceback" not in result.output
    return result


@pytest.fixture
def bad(tmp_path: Path) -> Path:
    file = tmp_path / "bad.xml"
    file.write_text(BAD)
    return file


def test_valid_files_end_with_0(bad: Path) -> None:
    result = run(GOOD, RSPECS / "site.xml")
    assert result.exit_code == 0
    assert result.output == (
        f"{GOOD}: request, valid\n{RSPECS / 'site.xml'}: advertisement, valid\n"
    )


def test_one_bad_file_ends_with_1_and_the_others_are_judged(bad: Path) -> None:
    result = run(bad, GOOD)
    assert result.exit_code == 1
    assert result.output.splitlines() == [
        f"{bad}: request, 1 error",
        "  line 2: node 'a': the attribute colour is not known here",
        "    (GENI RSpec v3, schema, request)",
        f"{GOOD}: request, valid",
    ]


def test_warnings_alone_end_with_0(tmp_path: Path) -> None:
    result = run("-", given=BAD.replace("colour", "sliver_id"))
    assert result.exit_code == 0
    assert "-: request, valid, 1 warning" in result.output
    assert "line 2: warning: node 'a': its sliver_id says nothing" in result.output


def test_for_programs(bad: Path) -> None:
    result = run("--json", bad, GOOD)
    assert result.exit_code == 1
    wrong, right = json.loads(result.output)
    assert right == {"file": str(GOOD), "kind": "request", "valid": True, "findings": []}
    assert wrong["findings"] == [
        {
            "line": 2,
            "element": "node 'a'",
            "expectation": "the attribute colour is not known here",
            "clause": "GENI RSpec v3, schema, request",
            "fatal": True,
        }
    ]


def test_the_kind_can_be_demanded() -> None:
    assert run("--kind", "request", GOOD).exit_code == 0
    assert run("--kind", "manifest", GOOD).exit_code == 1


def test_what_cannot_be_read_is_not_valid(tmp_path: Path) -> None:
    result = run(tmp_path / "none.xml", tmp_path)
    assert result.exit_code == 1
    assert result.output.count("cannot be read") == 2


def test_no_file_is_a_usage_error() -> None:
    assert run().exit_code == 2


def test_a_terminal_is_not_commanded(tmp_path: Path) -> None:
    file = tmp_path / "x.xml"
    file.write_text(BAD.replace('"a"', '"\x7f\u202e"'), "utf-8")
    told = run(file).output
    assert "\u202e" not in told
    assert "\x7f" not in told


def test_what_is_invalid_is_not_sent(capsys: pytest.CaptureFixture[str]) -> None:
    refuse_invalid("good.xml", GOOD.read_text(), ["request"])
    assert capsys.readouterr().err == ""
    with pytest.raises(ConfigError, match=r"bad\.xml was not sent; --no-check sends it"):
        refuse_invalid("some/bad.xml", BAD, ["request"])
    told = capsys.readouterr().err
    assert told.startswith("gcf-omni: bad.xml: line 2: node 'a': the attribute colour")
