"""A host driver with a directory of its own, on a machine that can have one."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from gcf_am.drivers.host.driver import HostDriver
from tests.contract.driver.host import host_driver
from tests.contract.driver.orders import node
from tests.functional.host.house import House
from tests.functional.host.logins import KeyPair, new_key_pair
from tests.functional.host.traces import traces_of
from tests.functional.running import Running, Slice, eventually, start


@pytest.fixture(scope="session", autouse=True)
def alone(machine: None) -> None:
    """All that is made here is made while nobody else makes nodes."""


@pytest.fixture
def driver(tmp_path: Path) -> Iterator[HostDriver]:
    """The driver; what a test left is destroyed, and then nothing of it may be found."""
    made = host_driver(tmp_path / "driver")
    yield made
    for urn in made.observe([]):
        made.destroy(replace(node(generation=100), sliver=urn))
    assert traces_of(made) == []


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    """A home of the test's own, and what its driver left behind in the end: nothing."""
    made = House(tmp_path / "home")
    yield made
    assert made.close() == []


@pytest.fixture(scope="session")
def alice_key(tmp_path_factory: pytest.TempPathFactory) -> KeyPair:
    return new_key_pair(tmp_path_factory.mktemp("alice"))


@pytest.fixture(scope="session")
def bob_key(tmp_path_factory: pytest.TempPathFactory) -> KeyPair:
    return new_key_pair(tmp_path_factory.mktemp("bob"))


@pytest.fixture(scope="session")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A new home with all that is usual, which here are real nodes; it logs all it can."""
    home = tmp_path_factory.mktemp("served") / "home"
    driver = host_driver(home / "host")
    running = start(home, verbose=True)
    yield running
    eventually(lambda: not traces_of(driver), what="gone")
    assert running.stop() == 0, running.log()


@pytest.fixture
def slice_(served: Running) -> Iterator[Slice]:
    """A slice of alice's, emptied afterwards."""
    made = served.person("alice").new_slice()
    yield made
    made.call("Delete")
