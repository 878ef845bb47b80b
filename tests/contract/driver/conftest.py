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


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "again" in metafunc.fixturenames:
        named = metafunc.config.getoption("--driver")
        metafunc.parametrize("again", [named] if named else sorted(OURS), indirect=True)


@pytest.fixture(scope="session")
def told(request: pytest.FixtureRequest) -> Iterator[Mapping[str, Any]]:
    """What the file of --driver-settings says; its `names` stand in orders from now on."""
    file = request.config.getoption("--driver-settings")
    read: Mapping[str, Any] = {} if file is None else tomllib.loads(Path(file).read_text("utf-8"))
    assert read.keys() <= {"settings", "names"}, "there are the tables settings and names"
    orders.NAMES.update(read.get("names", {}))
    yield read
    orders.NAMES.clear()


@pytest.fixture
def again(
    request: pytest.FixtureRequest, tmp_path: Path, told: Mapping[str, Any]
) -> Iterator[Again]:
    """Makes the driver anew over the same machines, as a restart of the aggregate does."""
    name, directory = request.param, tmp_path / "driver"
    made: list[Driver] = []

    def make() -> Driver:
        if request.config.getoption("--driver"):
            settings = {"directory": str(directory), **told.get("settings", {})}
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
