"""`gcf-am stats` counts what stands in logs, and nothing else."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from gcf_am.cli.am import main
from gcf_am.cli.stats import Counts, count

SLICE = "urn:publicid:IDN+gcf.local+slice+s"
SLIVER = "urn:publicid:IDN+gcf.local+sliver+1"
ALICE = "urn:publicid:IDN+gcf.local+user+alice"
NOW = "2026-11-25 08:22:14,804"
WORK = f"gcf_am.reconciler.work: {SLICE} {SLIVER}"
LOG = f"""\
{NOW} INFO gcf_am.access: 01 127.0.0.1:5 {ALICE} Allocate code=0 5.1 ms
{NOW} INFO gcf_am.access: 02 127.0.0.1:5 {ALICE} Allocate code=26 5.1 ms
{NOW} INFO gcf_am.access: 03 127.0.0.1:5 {ALICE} Allocate code=26 5.1 ms
{NOW} INFO gcf_am.access: 04 127.0.0.1:5 - - code=-501 0.2 ms
{NOW} INFO gcf_am.access: 05 127.0.0.1:5 - - code=None 0.2 ms
{NOW} INFO {WORK} prepare 0.200 s done
{NOW} INFO {WORK} prepare 0.400 s done
{NOW} WARNING {WORK} start 1.000 s failed, given up: start 9.000 s done
{NOW} INFO gcf_am.rpc.uses: 08 deprecated am/2/CreateSliver by {ALICE}
{NOW} INFO gcf_am.rpc.uses: 09 deprecated am/2/CreateSliver by {ALICE} by {ALICE}
{NOW} INFO gcf_am.rpc.uses: 0a removed am/2/X/geni_y by -
{NOW} WARNING gcf_am.app: gcf_am.access: Allocate
"""


def test_calls_are_counted_by_code_and_steps_by_how_they_ended() -> None:
    counted = count(LOG.splitlines())
    assert counted.calls == {"-": {-501: 1}, "Allocate": {0: 1, 26: 2}}
    assert counted.steps == {
        "prepare": {"done": 2, "failed": 0, "median": 0.3, "longest": 0.4},
        "start": {"done": 0, "failed": 1, "median": None, "longest": None},
    }
    assert counted.uses == {
        "deprecated": {"am/2/CreateSliver": 2},
        "removed": {"am/2/X/geni_y": 1},
    }
    assert count([]) == Counts({}, {}, {})


def test_logs_are_counted_where_there_is_no_home(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    told = CliRunner().invoke(main, ["stats", "-"], input=LOG)
    assert told.exit_code == 0, told.output
    assert "slots" not in told.output
    assert "prepare" in told.output
    for words in (["stats"], ["stats", "-", "--home", "gone"]):
        assert CliRunner().invoke(main, words, input=LOG).exit_code == 1
