from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.functional.clearinghouse.serving import Clearing
from tests.unit.clearinghouse.homes import copied, made_home


@pytest.fixture(scope="session")
def ch_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return made_home(tmp_path_factory)


@pytest.fixture
def clearing(ch_template: Path, tmp_path: Path) -> Iterator[Clearing]:
    """A clearinghouse that answers on loopback."""
    served = Clearing(copied(ch_template, tmp_path / "home"))
    served.start()
    yield served
    served.stop()


@pytest.fixture(scope="session")
def shared(ch_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Clearing]:
    """One that tests share which change nothing."""
    served = Clearing(copied(ch_template, tmp_path_factory.mktemp("shared") / "home"))
    served.start()
    yield served
    served.stop()
