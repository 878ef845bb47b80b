"""The whole kit against real nodes."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from gcf_am.cli.home import make_home
from tests.contract.driver.host import host_driver
from tests.functional.host.traces import traces_of
from tests.functional.running import Running, eventually, let_speak, start
from tests.functional.test_conformance_all import every_check_passes

# One machine: its nodes take many at a time, and links between them need no advertised ones.
LACKING = (
    "the advertisement has no links",
    "the advertisement has no available node that goes to one at a time",
    "no node goes to one at a time: what is too much is not known",
    "no folder of schemas was given (--schemas)",
)
# Nobody but its operator knows where the machine stands.
UNTOLD = ("fed4fire.countries",)


@pytest.fixture
def on_host(tmp_path: Path) -> Iterator[Running]:
    home = tmp_path / "home"
    make_home(home, {("driver", "name"): "host", ("listen", "refusals"): 0})
    let_speak(home)
    driver = host_driver(home / "host")
    server = start(home)
    yield server
    eventually(lambda: not traces_of(driver), what="gone")
    assert server.stop() == 0, server.log()


def test_on_real_nodes(on_host: Running, tmp_path: Path) -> None:
    every_check_passes(on_host, tmp_path, "--profile", "all", skipped=UNTOLD, lacking=LACKING)
