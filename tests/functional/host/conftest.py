"""A host driver with a directory of its own, on a machine that can have one."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from gcf_am.drivers.host.driver import HostDriver
from tests.contract.driver.host import host_driver
from tests.contract.driver.orders import node
from tests.functional.host.logins import KeyPair, new_key_pair
from tests.functional.host.traces import traces_of


@pytest.fixture
def driver(tmp_path: Path) -> Iterator[HostDriver]:
    """The driver; what a test left is destroyed, and then nothing of it may be found."""
    made = host_driver(tmp_path / "driver")
    yield made
    for urn in made.observe([]):
        made.destroy(replace(node(generation=100), sliver=urn))
    assert traces_of(made) == []


@pytest.fixture(scope="session")
def alice_key(tmp_path_factory: pytest.TempPathFactory) -> KeyPair:
    return new_key_pair(tmp_path_factory.mktemp("alice"))


@pytest.fixture(scope="session")
def bob_key(tmp_path_factory: pytest.TempPathFactory) -> KeyPair:
    return new_key_pair(tmp_path_factory.mktemp("bob"))
