"""The drivers that the contract runs over: ours, or the installed one that --driver names."""

import tomllib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from gcf_am.drivers import simulated
from gcf_am.drivers.choose import choose
from gcf_am.manager.ports import Driver
from tests.contract.driver import orders
from tests.contract.driver.host import host_driver

Again = Callable[[], Driver]
OURS: Mapping[str, Callable[[Path], Driver]] = {
    "host": host_driver,
    "simulated": lambda directory: simulated.make({"directory": str(directory)}),
}


SETTINGS = pytest.StashKey[dict[str, Any]]()


def pytest_configure(config: pytest.Config) -> None:
    """Read the file of --driver-settings; its `names` stand in orders from now on."""
    file = config.getoption("--driver-settings")
    read: dict[str, Any] = {} if file is None else tomllib.loads(Path(file).read_text("utf-8"))
    if not read.keys() <= {"settings", "names"}:
        raise pytest.UsageError(f"{file}: the tables settings and names are expected")
    config.stash[SETTINGS] = read.get("settings", {})
    orders.NAMES.update(read.get("names", {}))


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "again" in metafunc.fixturenames:
        named = metafunc.config.getoption("--driver")
        metafunc.parametrize("again", [named] if named else sorted(OURS), indirect=True)


@pytest.fixture
def again(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Again]:
    """Makes the driver anew over the same machines, as a restart of the aggregate does."""
    name, directory = request.param, tmp_path / "driver"
    if name == "host":
        request.getfixturevalue("machine")
    made: list[Driver] = []

    def make() -> Driver:
        if request.config.getoption("--driver"):
            given = request.config.stash[SETTINGS]
            settings = {"directory": str(directory), **given}
            made.append(choose(name, settings, home=tmp_path).driver)
        else:
            made.append(OURS[name](directory))
        return made[-1]

    yield make
    # what a test left would go on after it
    for found in made[:1]:
        for urn in found.observe([]):
            found.destroy(replace(orders.node(generation=100), sliver=urn))


@pytest.fixture
def driver(again: Again) -> Driver:
    return again()
