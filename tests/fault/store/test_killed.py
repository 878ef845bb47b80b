"""kill -9 of a writer at any moment: what was told to be done is done, the rest never was."""

import operator
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from gcf_am.store import open_store
from gcf_am.store.upgrade import upgrade
from tests.contract.store.samples import AUTHORITY
from tests.fault.store.copies import Copies, Files, State, copies_at, everything
from tests.fault.store.story import STORY

ROOT = Path(__file__).parents[3]


@pytest.fixture(params=["sqlite", "postgresql"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Where the databases are; a first one is made, without tables."""
    if request.param == "sqlite":
        yield str(tmp_path)
        return
    server = request.getfixturevalue("postgresql")
    server.make(name="before_0")
    yield f"host={server.directory} port={server.port} user=root_of_tests dbname=postgres"
    server.drop_all("before_", "death_")


def live_on(url: str, number: int) -> None:
    store = open_store(url, authority=AUTHORITY)
    STORY[number](store)
    store.close()


def unharmed(copies: Copies) -> list[State]:
    """The states before and after each unit, with a database for each."""
    upgrade(copies.url("before_0"))
    states = [everything(copies.url("before_0"))]
    for number in range(len(STORY)):
        after = copies.copy(f"before_{number}", f"before_{number + 1}")
        live_on(after, number)
        states.append(everything(after))
        assert states[-1] != states[-2]
    return states


def but_for_numbers(found: State, wanted: State) -> bool:
    """Whether the rows are the same but for all numbers in them."""
    one, other = (
        {name: sorted(re.sub(r"\d+", "#", row) for row in rows) for name, rows in state.items()}
        for state in (found, wanted)
    )
    return one == other


def test_a_killed_writer_leaves_whole_units_and_can_be_followed(place: str) -> None:
    copies = copies_at(place)
    states = unharmed(copies)
    # numbers that a server gave to a unit which failed it gives to no other
    alike = operator.eq if isinstance(copies, Files) else but_for_numbers
    writer = subprocess.run(
        [sys.executable, "-m", "tests.fault.store.killed_writer", place],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
        timeout=300,
    )
    deaths, late = Counter[int](), Counter[int]()
    for line in writer.stdout.splitlines():
        number, deadly, told = map(int, line.split())
        url = copies.url(f"death_{number}_{deadly}")
        found = everything(url)
        deaths[number] += not told
        if found == states[number]:
            assert not told
            live_on(url, number)
            assert alike(everything(url), states[number + 1])
        else:
            assert found == states[number + 1]
            late[number] += not told
    for number in range(len(STORY)):
        assert deaths[number] >= 3
        assert late[number] == 1
