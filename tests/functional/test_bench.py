"""`make bench` in a tiny form: it measures all it promises, and writes it; no speed is asked for."""

import json
from pathlib import Path

import pytest

from bench import document, pictures
from bench.figures import Results
from bench.goals import GOALS, judged
from bench.homing import ANSWERS, SOLVED, service
from bench.plan import plan
from bench.run import PARTS, run
from bench.tables import whole

# the rest is scripts that need root or a minute; Homing's service has a test below
OURS = [one for one in PARTS if one not in {"host", "mapper", "homing"}]
# measured once
pytestmark = pytest.mark.xdist_group("bench")
GOAL = {"what", "database", "wanted", "unit", "measured", "met"}


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    output = tmp_path_factory.mktemp("output")
    run(plan("tiny", tmp_path_factory.mktemp("bench"), ("sqlite",)), OURS, output)
    return output


def test_every_part_has_figures_and_its_circumstances(written: Path) -> None:
    told = json.loads((written / "results.json").read_text("utf-8"))
    assert list(told["parts"]) == OURS
    for part in told["parts"].values():
        assert part["quick"]
        assert {"processor", "memory", "system"} <= part["machine"].keys()
        assert {"gcf_am", "Python", "OpenSSL"} <= part["versions"].keys()
        assert part["figures"]
        assert all(one["measured"].get("ms", 1) > 0 for one in part["figures"])
    assert [one["given"]["clients"] for one in told["parts"]["lifecycle"]["figures"]] == [
        1,
        1,
        2,
        2,
    ]
    echoed = [one for one in told["parts"]["calls"]["figures"] if "ratio" in one["measured"]]
    assert len(echoed) == 3 * 2 * 2


def test_each_goal_stands_with_what_was_wanted_and_measured(written: Path) -> None:
    goals = json.loads((written / "results.json").read_text("utf-8"))["goals"]
    assert [one["what"] for one in goals] == [one.what for one in GOALS for _ in one.databases]
    for one in goals:
        assert one.keys() == GOAL
        assert (one["met"] is None) == (one["measured"] is None)
    # what was not measured is not met; nothing here is asked of one that was
    by = {(one["what"], one["database"]): one for one in goals}
    assert by[GOALS[0].what, "sqlite"]["measured"] is not None
    assert by[GOALS[0].what, "postgresql"]["met"] is None


def test_homing_is_measured_as_a_service(tmp_path: Path) -> None:
    solved, answers = service(plan("tiny", tmp_path, ("sqlite",)))
    assert (solved.what, answers.what) == (SOLVED, ANSWERS)
    assert all(float(one.measured["ms"]) > 0 for one in (solved, answers))


def test_a_goal_is_met_up_to_its_bound() -> None:
    assert GOALS[0].met(2.5)
    assert not GOALS[0].met(2.6)
    least = next(one for one in GOALS if one.least == 1.6)
    assert least.met(1.6)
    assert not least.met(1.5)


def test_the_table_says_what_the_file_says(written: Path) -> None:
    results = Results.read(written / "results.json")
    table = (written / "results.md").read_text("utf-8")
    assert table == whole(results)
    for verdict in judged(results):
        assert f"| {verdict.what} | {verdict.database} | {verdict.wanted} |" in table


def test_a_part_that_is_measured_anew_leaves_the_others(written: Path, tmp_path: Path) -> None:
    before = Results.read(written / "results.json")
    run(plan("tiny", tmp_path, ("sqlite",)), ["trust"], written)
    after = Results.read(written / "results.json")
    assert list(after.parts) == OURS
    assert {name for name in OURS if after.parts[name] != before.parts[name]} <= {"trust"}


def test_the_document_has_the_tables_of_the_results() -> None:
    results = Results.read(document.RESULTS)
    text = document.DOCUMENT.read_text("utf-8")
    assert text == document.filled(text, results), "run python -m bench.document"
    assert (document.RESULTS.with_name("results.md")).read_text("utf-8") == whole(results)
    for part in PARTS:
        assert f"<!-- table: {part} -->" in text


def test_the_document_says_what_other_results_would(written: Path) -> None:
    text = document.DOCUMENT.read_text("utf-8")
    other = document.filled(text, Results.read(written / "results.json"))
    assert other != text
    assert document.filled(other, Results.read(document.RESULTS)) == text


def test_the_picture_is_of_the_results() -> None:
    results = Results.read(document.RESULTS)
    assert pictures.digest(results) in document.PICTURE.read_text("utf-8"), (
        "install matplotlib and run python -m bench.document"
    )
