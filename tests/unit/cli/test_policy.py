"""`gcf-am policy test` on a home."""

import json
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from gcf_am.cli.am import main
from gcf_am.cli.home import make_home

ALICE = "urn:publicid:IDN+gcf.local+user+alice"
REQUEST = Path(__file__).parents[3] / "rspecs" / "requests" / "two-nodes.xml"
RULE = "[[quota]]\nname = 'n'\nof = 'nodes'\nper = 'user'\nmost = 1\n"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("policy") / "home"
    make_home(home, {("driver", "name"): "simulated"})
    return home


@pytest.fixture
def home(made: Path, tmp_path: Path) -> Path:
    return shutil.copytree(made, tmp_path / "home")


def run(home: Path, *words: str | Path) -> Result:
    return CliRunner().invoke(main, ["policy", "test", "--home", str(home), *map(str, words)])


def tried(home: Path, *words: str | Path) -> Result:
    return run(home, "--request", REQUEST, "--user", ALICE, "--slice", "s", *words)


def test_a_request_under_the_homes_rules_and_under_others(home: Path, tmp_path: Path) -> None:
    good = tried(home)
    assert good.exit_code == 0
    assert good.output.startswith("allowed; allocated until 20")
    other = tmp_path / "other.toml"
    other.write_text(RULE, "utf-8")
    bad = tried(home, "--policy", other)
    assert bad.exit_code == 1
    assert "refused, code 6: rule 'n': at most 1 nodes per user; " + ALICE in bad.output
    (home / "policy.toml").write_text(RULE, "utf-8")
    assert tried(home).exit_code == 1
    found = json.loads(tried(home, "--json").output)
    assert (found["rule"], found["code"]) == ("n", 6)
    assert found["quotas"] == [
        {
            "rule": "n",
            "who": ALICE,
            "of": "nodes",
            "most": 1,
            "has": 0,
            "would_have": 2,
            "broken": "too much",
        }
    ]


def test_a_day(home: Path) -> None:
    told = run(home, "--events", "2030-01-31")
    assert (told.exit_code, told.output) == (0, "0 of 0 calls would be refused\n")


@pytest.mark.parametrize(
    ("words", "wanted"),
    [
        ((), "give either --request FILE or --events DAY"),
        (("--request", str(REQUEST)), "--request needs --user URN and --slice URN"),
        (("--events", "2026-13-25"), "'2026-13-25' is no date like 2026-11-25"),
        (
            ("--request", str(REQUEST), "--user", "alice", "--slice", "s"),
            "--user: 'alice' does not begin with urn:publicid:IDN+",
        ),
        (
            ("--request", str(REQUEST), "--user", ALICE, "--slice", ALICE),
            f"{ALICE} is no slice",
        ),
        (
            ("--request", __file__, "--user", ALICE, "--slice", "s"),
            "it does not begin with <",
        ),
    ],
)
def test_what_cannot_be_tried_is_told(home: Path, words: tuple[str, ...], wanted: str) -> None:
    told = run(home, *words)
    assert told.exit_code != 0
    assert wanted in told.output


def test_a_bad_policy_is_told(home: Path, tmp_path: Path) -> None:
    (tmp_path / "bad.toml").write_text("[quota]", "utf-8")
    told = tried(home, "--policy", tmp_path / "bad.toml")
    assert told.exit_code == 1
    assert "bad.toml: quota must be written [[quota]]" in told.output
    (home / "policy.toml").write_text(RULE.replace("most", "mst"), "utf-8")
    told = CliRunner().invoke(main, ["check-config", "--home", str(home)])
    assert told.exit_code == 1
    assert "wrong  policy: " in told.output
    assert "line 1: [[quota]] has no key mst; did you mean most? (n)" in told.output
