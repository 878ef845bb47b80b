"""A driver of another package is found by its entry point and held to the contract by one command."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
# It hands on to `simulated`, which it is no subclass of, and knows one sliver type of its own.
DRIVER = """\
from gcf_am.drivers import simulated


class Third:
    name = "third"
    look_every = 60.0
    addresses = False

    def __init__(self, inner):
        self._inner = inner
        for method in (
            "probe", "check", "keeps", "prepare", "start", "stop", "restart", "reload",
            "update_users", "run_services", "freeze", "thaw", "destroy", "observe",
        ):
            setattr(self, method, getattr(inner, method))


class Forgetful(Third):
    name = "forgetful"

    def __init__(self, inner):
        super().__init__(inner)
        self.observe = lambda orders: {
            order.sliver: found
            for order in orders
            for sliver, found in inner.observe(orders).items()
            if sliver == order.sliver
        }


def third(settings):
    return Third(simulated.make({**settings, "sliver_types": ["third-vm"]}))


def forgetful(settings):
    return Forgetful(simulated.make({**settings, "sliver_types": ["third-vm"]}))
"""
ENTRIES = "[gcf_am.drivers]\nthird = third_driver:third\nforgetful = third_driver:forgetful\n"
SETTINGS = """\
[settings]
timeout = 5
[names]
container = "third-vm"
"""


@pytest.fixture
def package(tmp_path: Path) -> Path:
    """A directory where the package is installed, as pip would."""
    (tmp_path / "third_driver.py").write_text(DRIVER)
    about = tmp_path / "third_driver-1.0.dist-info"
    about.mkdir()
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: third-driver\nVersion: 1.0\n")
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
    done = contract(package, "third")
    assert done.returncode == 0, done.stdout[-3000:]
    counted = re.search(r"(\d+) passed, (\d+) skipped", done.stdout)
    assert counted is not None
    assert int(counted[1]) > 40
    # what is not promised by every driver: three tests, and one
    assert "third does not offer a look at its nodes" in done.stdout
    assert "third reaches its testbed from everywhere" in done.stdout
    assert int(counted[2]) == 4


def test_one_that_breaks_a_promise_is_found_out(package: Path) -> None:
    done = contract(package, "forgetful", "-k", "observe_finds or never_made")
    assert done.returncode == 1
    assert "1 failed, 1 passed" in done.stdout
    assert "test_observe_finds_what_no_order_names" in done.stdout


def test_settings_of_another_shape_are_refused(package: Path) -> None:
    (package / "settings.toml").write_text("timeout = 5\n")
    done = contract(package, "third", "--collect-only")
    assert done.returncode == 4
    assert "the tables settings and names are expected" in done.stderr
