"""scripts/accept: exit status 0 for our own aggregate, 1 with a reason where something is wrong."""

import subprocess
import sys
from pathlib import Path

from tests.functional.rspecs import node, request
from tests.functional.running import Running, Slice

ACCEPT = Path(__file__).parents[2] / "scripts" / "accept"
STEPS = [
    "GetVersion",
    "ListResources",
    "Allocate",
    "Provision",
    "PerformOperationalAction",
    "Renew",
    "Update, if there is one",
    "Cancel",
    "Delete",
]


def accept(running: Running, *options: str | Path) -> subprocess.CompletedProcess[str]:
    config = running.home / "omni_config"
    command: list[str | Path] = [sys.executable, ACCEPT, "-c", config, *options]
    return subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)


def test_our_own_aggregate_is_accepted(running: Running) -> None:
    done = accept(running, "-a", running.am_url)
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.splitlines() == [
        *(f"ok     {one}" for one in STEPS),
        f"{running.am_url} is accepted",
    ]


def test_a_node_that_fails_is_told_and_deleted(
    running: Running, slice_: Slice, tmp_path: Path
) -> None:
    file = tmp_path / "request.xml"
    file.write_text(request(node("unstartable")), "utf-8")
    done = accept(running, "--request", file, "--slice", slice_.urn)
    assert done.returncode == 1
    assert done.stdout.splitlines()[-1].startswith("wrong  PerformOperationalAction: ")
    assert "the fan is broken" in done.stderr
    assert slice_.slivers() == {}


def test_a_refusal_is_told(running: Running, tmp_path: Path) -> None:
    file = tmp_path / "request.xml"
    file.write_text(request(node("a", host="nowhere")), "utf-8")
    done = accept(running, "--request", file)
    assert done.returncode == 1
    assert done.stdout.splitlines()[-1].startswith("wrong  Allocate: refused with ")


def test_an_aggregate_that_is_not_there_is_told(running: Running) -> None:
    done = accept(running, "-a", "https://127.0.0.1:1/")
    assert done.returncode == 1
    assert done.stdout.startswith("wrong  GetVersion: https://127.0.0.1:1/ gave no answer")
    assert accept(running, "--seconds", "soon").returncode == 2
