"""gcf-conform against our own aggregate."""

import subprocess
from pathlib import Path

from tests.functional.running import BIN, Running


def conform(*options: str | Path) -> subprocess.CompletedProcess[str]:
    command: list[str | Path] = [BIN / "gcf-conform", *options]
    return subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)


def against(running: Running, *options: str | Path) -> subprocess.CompletedProcess[str]:
    return conform("run", "--am", running.am_url, "-c", running.home / "omni_config", *options)


def test_our_own_aggregate_conforms(running: Running) -> None:
    done = against(running)
    assert done.returncode == 0, done.stdout + done.stderr
    assert not done.stderr
    assert "pass        getversion.bare" in done.stdout.splitlines()


def test_what_cannot_be_run_ends_with_2(running: Running, tmp_path: Path) -> None:
    assert against(running, "--only", "nothing-like-this").returncode == 2
    done = conform("run", "--am", running.am_url, "-c", tmp_path / "nowhere")
    assert done.returncode == 2
    empty = tmp_path / "empty"
    empty.touch()
    done = conform("run", "--am", running.am_url, "-c", empty)
    assert done.returncode == 2
    assert done.stderr == f"gcf-conform: {empty}: there is no section [omni]\n"
