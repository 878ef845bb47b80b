from collections.abc import Callable, Iterator
from pathlib import Path
from shutil import copyfile

import pytest

from gcf_am.store.upgrade import upgrade
from tests.functional.manager.house import Caller, House, build

Build = Callable[..., House]


@pytest.fixture(scope="session")
def empty_store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An SQLite file at the present schema; making one takes longer than copying it."""
    file = tmp_path_factory.mktemp("empty") / "store.sqlite"
    upgrade(f"sqlite:///{file}")
    return file


@pytest.fixture
def building(tmp_path: Path, empty_store: Path) -> Iterator[Build]:
    """Builds houses over one store and one world; settings are the simulated driver's."""
    copyfile(empty_store, tmp_path / empty_store.name)
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
