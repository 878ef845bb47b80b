import json
import sqlite3
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from gcf_am.audit.event import Event, Kind
from gcf_am.cli.am import main
from gcf_am.config import FILE, read_config, write_template
from gcf_am.manager.record import Author, Change, write
from gcf_am.model.sliver import Sliver
from gcf_am.model.states import AllocationState
from gcf_am.store import open_store
from gcf_am.store.log import open_log
from gcf_am.store.upgrade import upgrade
from tests.contract.store.samples import HOUR, node, slice_key, slice_urn, slots

BEGIN = datetime(2026, 1, 31, 12, 0, 0, tzinfo=UTC)
ALICE = "urn:publicid:IDN+gcf.local+user+alice"
BOB = "urn:publicid:IDN+gcf.local+user+bob"


def at(minutes: int) -> str:
    return f"2026-01-31T12:{minutes:02}:00Z"


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A home whose log tells: alice held pc1 from 12:01 to 12:03, then bob; calls each minute."""
    (tmp_path / FILE).write_text(write_template({}), "utf-8")
    url = read_config(tmp_path).database_url
    upgrade(url)

    def minute(number: int) -> datetime:
        return BEGIN + timedelta(minutes=number)

    with closing(open_store(url, authority="gcf.local")) as store:

        def hold(number: int, who: str, name: str) -> Sliver:
            with store.write() as unit:
                made = node(unit, slice_key(unit), name, slots("pc1", 2), expires=BEGIN + HOUR)
                author = Author("Allocate", who, "r", minute(number), fingerprint=who[-3:])
                write(unit, author, [Change(None, made)])
            return made

        first = hold(1, ALICE, "alpha")
        with store.write() as unit:
            now = unit.named([first.urn])[first.urn]
            over = _over(now)
            write(unit, Author("Delete", ALICE, "r", minute(3)), [Change(now, over)])
        hold(4, BOB, "beta\x1b[2J")
        with store.write() as unit:
            unit.record(
                Event(minute(number), "r", BOB, "Status", "", kind=Kind.CALL)
                for number in range(5, 10)
            )
    seal(tmp_path)
    return tmp_path


def _over(sliver: Sliver) -> Sliver:
    return replace(sliver, allocation=AllocationState.UNALLOCATED)


def seal(home: Path) -> None:
    with closing(open_log(read_config(home).database_url)) as log:
        now = datetime.now(UTC)
        while log.seal("me", now, now):
            pass


def audit(home: Path, *words: str) -> Result:
    return CliRunner().invoke(main, ["audit", *words, "--home", str(home)])


def change(home: Path, statement: str) -> None:
    with closing(sqlite3.connect(home / "gcf_am.sqlite")) as database:
        assert database.execute(statement).rowcount > 0
        database.commit()


def who(home: Path, *words: str) -> list[dict[str, Any]]:
    found = audit(home, "who", *words, "--json")
    assert found.exit_code == 0, found.output
    rows: list[dict[str, Any]] = json.loads(found.stdout)
    return rows


@pytest.mark.parametrize(
    ("moment", "holder"),
    [(0, None), (1, ALICE), (2, ALICE), (3, None), (4, BOB), (59, BOB)],
)
def test_who_held_it_at_a_time(home: Path, moment: int, holder: str | None) -> None:
    rows = who(home, "pc1", "--at", at(moment))
    assert [one["caller"] for one in rows] == ([holder] if holder else [])
    assert all(one["slice"] == slice_urn().text for one in rows)


def test_the_end_is_told_and_who_holds_it_now(home: Path) -> None:
    [row] = who(home, "pc1", "--at", at(2))
    assert (row["from"], row["until"], row["what"]) == (
        at(1), at(3), "urn:publicid:IDN+gcf.local+node+pc1 (slots)",
    )  # fmt: skip
    [row] = who(home, "urn:publicid:IDN+gcf.local+node+pc1")
    assert (row["caller"], row["until"]) == (BOB, None)
    shown = audit(home, "who", "pc1").stdout
    assert BOB in shown
    # what an experimenter wrote commands no terminal
    assert "\x1b" not in shown


def test_the_state_at_a_time(home: Path) -> None:
    for moment, names in ((0, []), (2, ["alpha"]), (3, []), (5, ["beta\x1b[2J"])):
        state = json.loads(audit(home, "replay", "--until", at(moment), "--json").stdout)
        assert [one["client_id"] for one in state["slivers"]] == names
    shown = audit(home, "replay").stdout
    assert "2 slots of urn:publicid:IDN+gcf.local+node+pc1" in shown
    assert "\x1b" not in shown


def test_what_is_exported_can_be_proved_by_itself(home: Path, tmp_path: Path) -> None:
    assert audit(home, "verify").stdout.startswith("8 rows, all as they were sealed; head 8:")
    head = audit(home, "head").stdout.strip()
    file = tmp_path / "export"
    assert audit(home, "export", "--output", str(file)).exit_code == 0
    proof = audit(home, "verify", "--file", str(file), "--head", head)
    assert proof.exit_code == 0, proof.output
    lines = file.read_text("ascii").splitlines()
    assert len(lines) == 8
    file.write_text("\n".join(lines[:-1]), "ascii")
    assert "row 8 is missing" in audit(home, "verify", "--file", str(file), "--head", head).output
    # a part of it, behind what was noted
    file.write_text("\n".join(lines[5:]), "ascii")
    assert "--head must tell row 5" in audit(home, "verify", "--file", str(file)).output
    before = f"5:{json.loads(lines[4])['hash']}"
    assert audit(home, "verify", "--file", str(file), "--head", before).exit_code == 0
    file.write_text(lines[5].replace("Status", "Delete"), "ascii")
    proof = audit(home, "verify", "--file", str(file), "--head", before)
    assert "row 6 was changed" in proof.output
    file.write_text("{}", "ascii")
    assert "none that `gcf-am audit export` wrote" in audit(
        home, "verify", "--file", str(file)
    ).output  # fmt: skip


def test_a_part_of_the_time_is_exported(home: Path) -> None:
    lines = audit(home, "export", "--since", at(3), "--until", at(6)).stdout.splitlines()
    told = [json.loads(line) for line in lines]
    assert [(one["seq"], one["verb"]) for one in told] == [
        (2, "Delete"), (3, "Allocate"), (4, "Status"),
    ]  # fmt: skip


def test_what_does_not_fit_ends_with_status_1(home: Path) -> None:
    head = audit(home, "head").stdout.strip()
    change(home, "UPDATE events SET caller = 'urn:publicid:IDN+gcf.local+user+eve' WHERE seq = 3")
    proof = audit(home, "verify")
    assert proof.exit_code == 1
    assert "row 3 was changed" in proof.output
    change(home, "DELETE FROM events WHERE seq > 2")
    assert "row 3 is missing" in audit(home, "verify", "--head", head).output
    assert "is no head" in audit(home, "verify", "--head", "12").output


def test_rows_that_wait_are_told(home: Path) -> None:
    url = read_config(home).database_url
    with closing(open_store(url, authority="gcf.local")) as store, store.write() as unit:
        unit.record([Event(BEGIN, "r", BOB, "Status", "", kind=Kind.CALL)])
    assert "rows not sealed yet: 1" in audit(home, "verify").stdout


def test_a_user_is_forgotten_and_all_else_is_proved(home: Path) -> None:
    assert audit(home, "forget-user", ALICE).exit_code == 1  # nobody said yes
    done = audit(home, "forget-user", ALICE, "--yes")
    assert done.stdout == "erased from 2 rows\n"
    seal(home)
    assert "alice" not in audit(home, "export").stdout
    assert audit(home, "verify").stdout.startswith("9 rows")
    assert [one["caller"] for one in who(home, "pc1", "--at", at(2))] == [""]
    assert "nobody whom the log still knows" in audit(home, "who", "pc1", "--at", at(2)).stdout
    for name in ("alice", "urn:publicid:IDN+gcf.local+slice+alice"):
        assert audit(home, "forget-user", name, "--yes").exit_code == 1
