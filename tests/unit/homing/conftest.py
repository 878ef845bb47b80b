import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography.fernet import Fernet

from gcf_am.homing.plans.database import open_database
from gcf_am.homing.plans.repository import Plans
from gcf_am.homing.plans.vault import Vault
from gcf_am.store.upgrade import upgrade


@pytest.fixture(scope="session")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store's database with homing's tables, made once."""
    file = tmp_path_factory.mktemp("homing") / "store.sqlite"
    upgrade(f"sqlite:///{file}")
    open_database(f"sqlite:///{file}").close()
    return file


@pytest.fixture
def plans(empty: Path, tmp_path: Path) -> Iterator[Plans]:
    """The plans of an empty database."""
    file = tmp_path / "store.sqlite"
    shutil.copy(empty, file)
    database = open_database(f"sqlite:///{file}")
    yield Plans(database, Vault(Fernet.generate_key()))
    database.close()
