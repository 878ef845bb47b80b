"""Networks that are real: as root, in namespaces of the tests' own."""

from collections.abc import Iterator

import pytest

from tests.functional.host.network.yard import Yard, lacking


@pytest.fixture(scope="session")
def can_network() -> str:
    """The empty string, or why there are no networks here."""
    return lacking()


@pytest.fixture
def yard(can_network: str) -> Iterator[Yard]:
    """A network of the test's own, of which nothing is left afterwards."""
    if can_network:
        pytest.skip(f"no networks are made here: {can_network}")
    made = Yard()
    try:
        yield made
    finally:
        made.close()
    assert made.traces() == []
