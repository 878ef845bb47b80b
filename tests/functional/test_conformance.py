"""gcf-conform against our own aggregate."""

import json
import subprocess
from pathlib import Path

from tests.functional.running import BIN, Running


def conform(*options: str | Path) -> subprocess.CompletedProcess[str]:
    command: list[str | Path] = [BIN / "gcf-conform", *options]
    return subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)


def against(running: Running, *options: str | Path) -> subprocess.CompletedProcess[str]:
    return conform("run", "--am", running.am_url, "-c", running.home / "omni_config", *options)


def test_our_own_aggregate_conforms(running: Running, tmp_path: Path) -> None:
    files = {kind: tmp_path / f"report.{kind}" for kind in ("html", "junit", "json")}
    reports = [word for kind, file in files.items() for word in ("--report", f"{kind}={file}")]
    done = against(running, *reports)
    assert done.returncode == 0, done.stdout + done.stderr
    assert not done.stderr
    assert "pass        getversion.bare" in done.stdout.splitlines()
    told = json.loads(files["json"].read_text("utf-8"))
    assert told["aggregate"]["url"] == running.am_url
    assert told["aggregate"]["urn"] == "urn:publicid:IDN+gcf.local+authority+am"
    assert told["abilities"]["geni_allocate"] == "geni_many"
    by_id = {one["id"]: one for one in told["checks"]}
    assert by_id["getversion.bare"]["sent"] == "GetVersion()"
    assert told["counts"]["pass"] == sum(one["verdict"] == "pass" for one in told["checks"])
    assert f'tests="{len(by_id)}"' in files["junit"].read_text("utf-8")
    assert "<h1>Conformance of urn:publicid:IDN+gcf.local" in files["html"].read_text("utf-8")


def test_what_cannot_be_run_ends_with_2(running: Running, tmp_path: Path) -> None:
    assert against(running, "--only", "nothing-like-this").returncode == 2
    done = against(running, "--report", f"html={tmp_path}")
    assert (done.returncode, "cannot be written" in done.stderr) == (2, True)
    done = against(running, "--report", "pdf=report.pdf")
    assert (done.returncode, "html, junit, json" in done.stderr) == (2, True)
    done = conform("run", "--am", running.am_url, "-c", tmp_path / "nowhere")
    assert done.returncode == 2
    empty = tmp_path / "empty"
    empty.touch()
    done = conform("run", "--am", running.am_url, "-c", empty)
    assert done.returncode == 2
    assert done.stderr == f"gcf-conform: {empty}: there is no section [omni]\n"
