"""README's client of one's own does what README says."""

import re
import subprocess
import sys
from pathlib import Path

from tests.functional.running import Running

ROOT = Path(__file__).parents[2]


def test_the_client_of_ones_own(running: Running) -> None:
    text = (ROOT / "README.md").read_text("utf-8")
    (program,) = re.findall(r"```python\n(.*?)```", text, re.DOTALL)
    for written, here in (
        ("https://127.0.0.1:8000/", running.ch_url),
        ("https://127.0.0.1:8001/", running.am_url),
        ("var/", f"{running.home}/"),
    ):
        assert written in program
        program = program.replace(written, here)
    ended = subprocess.run(
        [sys.executable, "-c", program],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr
    first, second = ended.stdout.splitlines()
    assert first.startswith("0 [")
    assert "'geni_allocated'" in first
    assert "'geni_code': 0" in second
