from pathlib import Path

import pytest

from tests.pki import Pki
from tests.unit.trust.calls import Aggregate


@pytest.fixture
def pki() -> Pki:
    return Pki()


@pytest.fixture
def aggregate(pki: Pki, tmp_path: Path) -> Aggregate:
    return Aggregate(pki, pki.verifier(tmp_path / "trusted_roots"))
