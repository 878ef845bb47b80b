from collections.abc import Iterator

import pytest

from tests.sabotage.trying import Kit, kit


@pytest.fixture(scope="session")
def sabotage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kit]:
    """The kit at the aggregate with the switch-board."""
    with kit(tmp_path_factory.mktemp("sabotage") / "home", patience=60) as made:
        yield made
