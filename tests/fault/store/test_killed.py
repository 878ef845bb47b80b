"""kill -9 of a writer at any moment: what was told to be done is done, the rest never was."""

import shutil
import sqlite3
import subprocess
import sys
from collections import Counter
from contextlib import closing
from pathlib import Path

from gcf_am.store import open_store
from gcf_am.store.upgrade import upgrade
from tests.contract.store.samples import AUTHORITY
from tests.fault.store.story import STORY

ROOT = Path(__file__).parents[3]


def everything(file: Path) -> list[str]:
    """The whole database as text, after SQLite's own checks."""
    with closing(sqlite3.connect(file)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
        return list(connection.iterdump())


def live_on(file: Path, number: int) -> None:
    store = open_store(f"sqlite:///{file}", authority=AUTHORITY)
    STORY[number](store)
    store.close()


def unharmed(directory: Path) -> list[list[str]]:
    """The states before and after each unit, with a file for each."""
    upgrade(f"sqlite:///{directory / 'before-0.sqlite'}")
    states = [everything(directory / "before-0.sqlite")]
    for number in range(len(STORY)):
        after = directory / f"before-{number + 1}.sqlite"
        shutil.copy(directory / f"before-{number}.sqlite", after)
        live_on(after, number)
        states.append(everything(after))
        assert states[-1] != states[-2]
    return states


def test_a_killed_writer_leaves_whole_units_and_can_be_followed(tmp_path: Path) -> None:
    states = unharmed(tmp_path)
    writer = subprocess.run(
        [sys.executable, "-m", "tests.fault.store.killed_writer", str(tmp_path)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    )
    deaths, late = Counter[int](), Counter[int]()
    for line in writer.stdout.splitlines():
        number, deadly, told = map(int, line.split())
        file = tmp_path / f"{number}-{deadly}.sqlite"
        found = everything(file)
        deaths[number] += not told
        if found == states[number]:
            assert not told
            live_on(file, number)
            assert everything(file) == states[number + 1]
        else:
            assert found == states[number + 1]
            late[number] += not told
    for number in range(len(STORY)):
        assert deaths[number] >= 3
        assert late[number] == 1
