from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography.fernet import Fernet

from gcf_am.homing.plans.database import open_database
from gcf_am.homing.plans.repository import Plans
from gcf_am.homing.plans.vault import Vault
from gcf_am.store.upgrade import upgrade


@pytest.fixture
def plans(database_url: str | None, tmp_path: Path) -> Iterator[Plans]:
    """The plans of an empty database of each kind."""
    url = database_url or f"sqlite:///{tmp_path / 'store.sqlite'}"
    upgrade(url)
    database = open_database(url)
    yield Plans(database, Vault(Fernet.generate_key()))
    database.close()
