from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from gcf_am.clearinghouse.authority import Authority
from gcf_am.clearinghouse.places import Places
from tests.unit.clearinghouse.homes import SetClock, copied, made_home
from tests.unit.clearinghouse.house import House


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return made_home(tmp_path_factory)


@pytest.fixture
def home(template: Path, tmp_path: Path) -> Path:
    return copied(template, tmp_path / "home")


@pytest.fixture(scope="session")
def authority(template: Path) -> Authority:
    """SA and MA, read once: all copies of the template have the same."""
    places = Places(template)
    days = timedelta(days=10), timedelta(days=185)
    return Authority(places.authority("sa"), places.authority("ma"), *days)


@pytest.fixture
def house(home: Path, authority: Authority) -> Iterator[House]:
    made = House(home, authority, SetClock(datetime.now(UTC).replace(microsecond=0)))
    yield made
    made.close()


@pytest.fixture(scope="session")
def quiet(
    template: Path, tmp_path_factory: pytest.TempPathFactory, authority: Authority
) -> Iterator[House]:
    """A house that tests share which change nothing in it."""
    home = copied(template, tmp_path_factory.mktemp("quiet") / "home")
    made = House(home, authority, SetClock(datetime.now(UTC).replace(microsecond=0)))
    yield made
    made.close()
