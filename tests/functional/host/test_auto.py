"""The driver `auto` ends at real nodes where they can be made, and says why where not."""

import subprocess
import sys
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest

from gcf_am.cli.home import make_home
from gcf_am.drivers.host.driver import HostDriver
from tests.contract.driver.host import host_driver
from tests.functional.host.traces import traces_of
from tests.functional.rspecs import example
from tests.functional.running import Running, eventually, start

ROOT = Path(__file__).parents[3]
Opened = tuple[Running, HostDriver]


def untouched(driver: HostDriver) -> bool:
    return not traces_of(driver)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


@pytest.fixture
def opened(home: Path) -> Iterator[Callable[[], Opened]]:
    """Serves the home; nothing may be left of its nodes."""
    made: list[Opened] = []

    def serve() -> Opened:
        driver = host_driver(home / "host")
        made.append((start(home), driver))
        return made[-1]

    yield serve
    for running, driver in made:
        eventually(partial(untouched, driver), what="gone")
        assert running.stop() == 0, running.log()


def test_a_new_home_has_real_nodes_and_is_accepted(
    home: Path, opened: Callable[[], Opened]
) -> None:
    running, _ = opened()
    assert running.told == "driver: host, since nothing is lacking for it\n"
    accept = [sys.executable, str(ROOT / "scripts" / "accept"), "-c", str(home / "omni_config")]
    done = subprocess.run(accept, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    # what README's five minutes ask for
    slice_ = running.person("alice").new_slice()
    for request in ("two-nodes", "one-node"):
        slice_.allocate(example(request))
        slice_.done("Delete")


def test_a_home_keeps_its_inventory_and_is_told_what_that_means(
    home: Path, opened: Callable[[], Opened]
) -> None:
    make_home(home, {})
    site = (ROOT / "rspecs" / "site.xml").read_text("utf-8")
    (home / "site.xml").write_text(site, "utf-8")
    running, _ = opened()
    assert running.told.startswith("driver: simulated, since host does not serve here: ")
    assert "sliver type" in running.told
    assert (home / "site.xml").read_text("utf-8") == site
