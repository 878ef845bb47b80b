"""An aggregate that is killed at any step of its work on a node leaves all or nothing."""

import subprocess
import sys
from pathlib import Path

from tests.contract.driver.host import host_driver


def test_whoever_comes_after_kill_9_at_any_step_goes_on_or_destroys_all(tmp_path: Path) -> None:
    host_driver(tmp_path / "host")  # skips where there is none
    # all six hundred steps take ten minutes; these are the same ones each time
    done = subprocess.run(
        [sys.executable, "-m", "tests.functional.host.killed", str(tmp_path), "23", "5"],
        check=False,
        capture_output=True,
        text=True,
        timeout=500,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    tries, _, steps, _ = done.stdout.split()
    assert int(tries) > 20
    assert int(steps) > 300
