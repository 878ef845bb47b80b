"""A driver of another package is found by its entry point and held to the contract by one command."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.functional.transcripts import File, steps

ROOT = Path(__file__).parents[2]
# The guide's driver; it hands on to `simulated`, which it is no subclass of, and knows one sliver
# type of its own.
GUIDE = ROOT / "doc" / "drivers.md"
(DRIVER,) = (one for one in steps(GUIDE) if isinstance(one, File))
FORGETFUL = """\
import metal_driver


class Forgetful(metal_driver.Metal):
    name = "forgetful"

    def __init__(self, inner):
        super().__init__(inner)
        self.observe = lambda orders: {
            order.sliver: found
            for order in orders
            for sliver, found in inner.observe(orders).items()
            if sliver == order.sliver
        }


def make(settings):
    return Forgetful(metal_driver.make(settings)._inner)
"""
ENTRIES = "[gcf_am.drivers]\nmetal = metal_driver:make\nforgetful = forgetful_driver:make\n"
SETTINGS = """\
[settings]
timeout = 5
[names]
container = "metal-small"
"""


@pytest.fixture
def package(tmp_path: Path) -> Path:
    """A directory where the package is installed, as pip would."""
    (tmp_path / DRIVER.name).write_text(DRIVER.text)
    (tmp_path / "forgetful_driver.py").write_text(FORGETFUL)
    about = tmp_path / "metal_driver-1.0.dist-info"
    about.mkdir()
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: metal-driver\nVersion: 1.0\n")
    (about / "entry_points.txt").write_text(ENTRIES)
    (tmp_path / "settings.toml").write_text(SETTINGS)
    return tmp_path


def contract(package: Path, driver: str, *more: str) -> subprocess.CompletedProcess[str]:
    """What `make contract DRIVER=...` runs."""
    settings = str(package / "settings.toml")
    suite = ["tests/contract/driver", "--driver", driver, "--driver-settings", settings]
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", *suite, *more]
    return subprocess.run(
        command,
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(package)},
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )


def test_it_is_held_to_the_contract(package: Path) -> None:
    done = contract(package, "metal")
    assert done.returncode == 0, done.stdout[-3000:]
    counted = re.search(r"(\d+) passed, (\d+) skipped", done.stdout)
    assert counted is not None
    assert int(counted[1]) > 40
    # what is not promised by every driver: three tests, and one
    assert "metal does not offer a look at its nodes" in done.stdout
    assert "metal reaches its testbed from everywhere" in done.stdout
    assert int(counted[2]) == 4


def test_one_that_breaks_a_promise_is_found_out(package: Path) -> None:
    done = contract(package, "forgetful", "-k", "observe_finds or never_made")
    assert done.returncode == 1
    assert "1 failed, 1 passed" in done.stdout
    assert "test_observe_finds_what_no_order_names" in done.stdout


def test_settings_of_another_shape_are_refused(package: Path) -> None:
    (package / "settings.toml").write_text("timeout = 5\n")
    done = contract(package, "metal", "--collect-only")
    assert done.returncode == 4
    assert "the tables settings and names are expected" in done.stderr
