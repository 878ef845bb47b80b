"""Whoever is killed while making or removing a network leaves what a repeat makes whole."""

import subprocess
import sys

from tests.functional.host.network.yard import Yard


def test_a_repeat_mends_what_kill_9_leaves_at_any_step(yard: Yard) -> None:
    # all five hundred steps take minutes; these are the same ones each time
    done = subprocess.run(
        [sys.executable, "-m", "tests.functional.host.network.killed", yard.owner, "29", "1"],
        check=False,
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert int(done.stdout) > 10
