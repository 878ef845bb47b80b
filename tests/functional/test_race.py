"""16 client processes race for a site that is too small; afterwards all accounts agree exactly."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.racing.fleet import Fleet
from tests.racing.race import end, race, so_many

pytestmark = pytest.mark.xdist_group("rolling")
CLIENTS = 16
EVENTS = 500


@pytest.fixture
def fleet(tmp_path: Path, database_url: str | None) -> Iterator[Fleet]:
    fleet = Fleet.make(tmp_path / "home", database_url, workers="1")
    yield fleet
    fleet.kill()


def test_all_accounts_of_a_race_agree(fleet: Fleet) -> None:
    up = fleet.start("up")
    fleet.start("serve")
    outcome = race(fleet, up, clients=CLIENTS, until=lambda: so_many(fleet, EVENTS))
    assert not outcome.failures
    assert outcome.codes["Allocate", 0] > 0
    assert outcome.codes["Allocate", 26] > 0
    end(fleet, outcome)
