"""A testbed in a directory of its own."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from gcf_am.manager.ports import Driver
from tests.unit.reconciler.testbed import Testbed, Watch, machines, sqlite

Build = Callable[..., Testbed]


@pytest.fixture
def build(tmp_path: Path) -> Iterator[Build]:
    """Makes testbeds over one store and one world; settings are the simulated driver's."""
    built: list[Testbed] = []
    watch = Watch()

    def make(driver: Driver | None = None, **settings: object) -> Testbed:
        bed = Testbed(sqlite(tmp_path), driver or machines(tmp_path, **settings), watch)
        built.append(bed)
        return bed

    yield make
    for bed in built:
        bed.store.close()


@pytest.fixture
def bed(build: Build) -> Testbed:
    return build()
