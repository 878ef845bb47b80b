from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.functional.manager.house import Caller, House, build

Build = Callable[..., House]


@pytest.fixture
def building(tmp_path: Path) -> Iterator[Build]:
    """Builds houses over one store and one world; settings are the simulated driver's."""
    built: list[House] = []

    def make(**settings: object) -> House:
        built.append(build(tmp_path, **settings))
        return built[-1]

    yield make
    for house in built:
        house.am.store.close()


@pytest.fixture
def house(building: Build) -> House:
    return building()


@pytest.fixture
def caller(house: House) -> Caller:
    return house.slice()
