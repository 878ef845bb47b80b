"""A full disk: DatabaseError, nothing half-written, and all goes on when there is room again."""

import json
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from gcf_am.store.upgrade import upgrade
from tests.fault.store.full_disk_writer import MANY

ROOT = Path(__file__).parents[3]


@pytest.mark.parametrize("kind", ["file", "pages"])
def test_a_full_disk_fails_units_whole(tmp_path: Path, kind: str) -> None:
    file = tmp_path / "store.sqlite"
    upgrade(f"sqlite:///{file}")
    writer = subprocess.run(
        [sys.executable, "-m", "tests.fault.store.full_disk_writer", f"sqlite:///{file}", kind],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert writer.returncode == 0, writer.stderr
    told = json.loads(writer.stdout)
    assert 1 <= told["done"] < 100
    for said in (told["error"], told["swallowed"]):
        assert "database failed" in said
        assert not any(word in said for word in ("INSERT", "slivers", str(tmp_path)))
    assert told["full"] == [MANY * told["done"]] * 2
    assert told["after"] == [MANY * (told["done"] + 1)] * 2
    assert told["version"] == told["done"] + 1
    with closing(sqlite3.connect(file)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert connection.execute("SELECT count(*) FROM events").fetchall() == [
            (MANY * (told["done"] + 1),)
        ]
