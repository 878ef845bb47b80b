"""What a driver promises whose slivers stand in one place (gcf_am.manager.placed.Placed)."""

import pytest

from gcf_am.manager.placed import Placed
from tests.contract.driver.conftest import Again


def test_a_place_has_the_same_name_at_each_start(again: Again) -> None:
    first, second = again(), again()
    if not isinstance(first, Placed):
        pytest.skip(f"{first.name} reaches its testbed from everywhere")
    assert isinstance(second, Placed)
    assert first.place() == second.place()
    assert first.name in first.place()
