from collections.abc import Iterator

import pytest

from tests.security.wire.aggregate import Served, serve


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A whole aggregate behind TLS."""
    with serve(tmp_path_factory.mktemp("aggregate")) as running:
        yield running
