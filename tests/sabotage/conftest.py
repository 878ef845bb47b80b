from collections.abc import Iterator

import pytest

from gcf_am.cli.home import make_home
from tests.sabotage.trying import Kit, kit


@pytest.fixture(scope="session")
def sabotage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kit]:
    """The kit at the aggregate with the switch-board."""
    home = tmp_path_factory.mktemp("sabotage") / "home"
    make_home(home, {("driver", "name"): "simulated", ("listen", "refusals"): 0})
    with kit(home, patience=60) as made:
        yield made
