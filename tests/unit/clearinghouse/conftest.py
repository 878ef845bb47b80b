from pathlib import Path

import pytest

from tests.unit.clearinghouse.homes import copied, made_home


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return made_home(tmp_path_factory)


@pytest.fixture
def home(template: Path, tmp_path: Path) -> Path:
    return copied(template, tmp_path / "home")
