"""The log over a database: sealed in order by one at a time, proved, let go of, erased from."""

import sqlite3
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from gcf_am.audit.chain import Head, Verdict, verify
from gcf_am.audit.event import Event, Kind, write_details
from gcf_am.audit.replay import Untold, replay
from gcf_am.manager.record import Author, Change, write
from gcf_am.model.states import AllocationState
from gcf_am.store import open_store, upgrade
from gcf_am.store.dropping import checkpoint, drop
from gcf_am.store.forgetting import forget
from gcf_am.store.log import SqlLog, open_log
from gcf_am.store.tables import METADATA
from gcf_am.urn import Urn
from tests.contract.store import conftest
from tests.contract.store.conftest import Place, look
from tests.contract.store.samples import (
    AUTHORITY,
    HOUR,
    NOW,
    event,
    host,
    node,
    slice_key,
    slice_urn,
    slots,
)

LEASE = timedelta(seconds=5)
SECOND = timedelta(seconds=1)
ALICE = Urn.of(AUTHORITY, "user", "alice")
BOB = Urn.of(AUTHORITY, "user", "bob")
TOOL = Urn.of(AUTHORITY, "tool", "portal")


@pytest.fixture
def log(place: Place) -> Iterator[SqlLog]:
    log = open_log(place.url, busy_seconds=30)
    yield log
    log.close()


def record(place: Place, *events: Event) -> None:
    with place.open().write() as unit:
        unit.record(events)


def seal(log: SqlLog, owner: str = "me") -> int:
    return log.seal(owner, NOW, NOW + LEASE)


def proved(log: SqlLog, *noted: Head) -> Verdict:
    with log.chain() as found:
        return verify(found.rows, base=found.base, end=found.end, noted=noted)


def change(place: Place, statement: str, **values: object) -> None:
    assert conftest.change(place.url, statement, **values) > 0


def call(who: Urn | None, at_second: int = 0, *, tool: Urn | None = None, peer: str = "") -> Event:
    return Event(
        NOW + at_second * SECOND,
        "r",
        who.text if who else "",
        "Status",
        slice_urn().text,
        tool=tool.text if tool else "",
        kind=Kind.CALL,
        fingerprint=peer or f"{who} {tool}",
        credentials=f"credential of {who}" if who else "",
        details=write_details({"code": 0}),
    )


def test_rows_are_numbered_in_the_order_in_which_they_were_written(
    place: Place, log: SqlLog
) -> None:
    assert seal(log) == 0
    record(place, event("first"), event("second"))
    record(place, event("third"))
    assert seal(log) == 3
    assert [(row.seq, row.event.subject) for row in log.rows()] == [
        (1, "first"),
        (2, "second"),
        (3, "third"),
    ]
    assert proved(log).proved == 3
    assert seal(log) == 0


def test_while_one_seals_another_does_not(place: Place, log: SqlLog) -> None:
    record(place, event("first"))
    assert seal(log) == 1
    record(place, event("second"))
    assert log.seal("other", NOW + SECOND, NOW + 2 * LEASE) == 0
    assert log.seal("other", NOW + LEASE, NOW + 2 * LEASE) == 1
    record(place, event("third"))
    assert seal(log) == 0


def test_sealers_that_meet_make_one_chain(place: Place) -> None:
    """Also when the clock tells each that the other's lease is over."""
    record(place, *(event(str(number)) for number in range(1600)))
    logs = [open_log(place.url, busy_seconds=30) for _ in range(4)]

    def work(number: int) -> int:
        sealed, moment = 0, NOW
        with closing(logs[number]) as log:
            for _ in range(40):
                moment += LEASE
                sealed += log.seal(str(number), moment, moment)
        return sealed

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(work, range(4))) == 1600
    with closing(open_log(place.url)) as log:
        assert proved(log).proved == 1600
        assert [row.event.subject for row in log.rows()] == list(map(str, range(1600)))


_PUT_IN = (
    "INSERT INTO events (at, request_id, caller, verb, subject, before, after, seq, hash)"
    " VALUES ('2030-01-31 12:00:00.000000', '', '', '', '', '', '', 5, '')"
)


@pytest.mark.parametrize(
    ("statement", "seq"),
    [
        ("UPDATE events SET caller = 'urn:publicid:IDN+x+user+mallory' WHERE seq = 2", 2),
        ("UPDATE events SET details = '{}' WHERE seq = 3", 3),
        ("UPDATE events SET hash = upper(hash) WHERE seq = 4", 4),
        ("DELETE FROM events WHERE seq = 2", 2),
        ("DELETE FROM events WHERE seq > 3", 4),
        ("UPDATE events SET subject = 'x' WHERE seq = 1", 1),
        ("UPDATE events SET seq = CASE seq WHEN 2 THEN -3 ELSE -2 END WHERE seq IN (2, 3)", 2),
        ("UPDATE audit SET seq = 3", 4),
        (_PUT_IN, 5),
    ],
)
def test_who_changes_the_table_is_found_out(
    place: Place, log: SqlLog, statement: str, seq: int
) -> None:
    record(place, *(call(ALICE, number) for number in range(4)))
    seal(log)
    change(place, statement)
    if "CASE" in statement:
        change(place, "UPDATE events SET seq = -seq WHERE seq < 0")
    assert proved(log).seq == seq


def test_a_tail_that_is_cut_off_with_its_head_is_seen_by_a_head_that_was_noted(
    place: Place, log: SqlLog
) -> None:
    record(place, *(call(ALICE, number) for number in range(4)))
    seal(log)
    with log.chain() as found:
        noted, third = found.end, [row.hash for row in found.rows][2]
    change(place, "DELETE FROM events WHERE seq > 3")
    change(place, "UPDATE audit SET seq = 3, hash = :third", third=third)
    assert proved(log).seq is None
    assert proved(log, noted).seq == 4


def test_a_user_is_forgotten_and_the_chain_holds(place: Place, log: SqlLog) -> None:
    spoken = call(ALICE, 2, tool=TOOL, peer="the tool's")
    record(place, call(ALICE), call(BOB, 1), spoken, call(None, 3, peer=f"{ALICE} None"))
    assert seal(log) == 4
    record(place, call(Urn.of(AUTHORITY, "user", "ALICE"), 4), call(None, 5, peer="a stranger"))
    assert forget(log, ALICE, NOW) == 4
    seal(log)
    kept = [look(place.url, f"SELECT * FROM {one}") for one in METADATA.tables]
    assert "bob" in str(kept).lower()
    assert "alice" not in str(kept).lower()
    rows = [(row.event.caller, row.event.tool, row.event.fingerprint) for row in log.rows()]
    assert rows == [
        ("", "", ""),
        (BOB.text, "", f"{BOB} None"),
        ("", TOOL.text, "the tool's"),
        ("", "", ""),
        ("", "", ""),
        ("", "", "a stranger"),
        ("", "", ""),
    ]
    assert proved(log).proved == 7
    assert forget(log, ALICE, NOW) == 0


def test_forgetting_while_another_seals_breaks_no_row(place: Place, log: SqlLog) -> None:
    record(place, *(call(ALICE, number) for number in range(800)))

    def forgotten() -> int:
        with closing(open_log(place.url, busy_seconds=30)) as other:
            return forget(other, ALICE, NOW)

    with ThreadPoolExecutor(1) as pool:
        erasing = pool.submit(forgotten)
        while not erasing.done():
            seal(log)
        assert erasing.result(timeout=60) == 800
    while seal(log):
        pass
    assert {row.event.caller for row in log.rows()} == {""}
    assert proved(log).proved == 801


def test_forgetting_a_tool_leaves_who_it_spoke_for(place: Place, log: SqlLog) -> None:
    record(place, call(ALICE, tool=TOOL))
    seal(log)
    assert forget(log, TOOL, NOW) == 1
    [row, *_] = log.rows()
    assert (row.event.caller, row.event.tool, row.event.fingerprint) == (ALICE.text, "", "")
    assert row.event.credentials
    seal(log)
    assert proved(log).seq is None


def test_what_is_old_goes_behind_a_sealed_checkpoint(place: Place, log: SqlLog) -> None:
    author = Author("Allocate", ALICE.text, "r", NOW)
    with place.open().write() as unit:
        mine = node(unit, slice_key(unit), "alpha", slots("pc1", 2))
        write(unit, author, [Change(None, mine)])
        unit.record(call(BOB, number) for number in range(1, 1200))
    while seal(log):
        pass
    noted = proved(log).head
    late = NOW + 1150 * SECOND
    assert checkpoint(log, NOW, NOW + HOUR) is False
    assert checkpoint(log, late, NOW + HOUR) is True
    # not before it is sealed
    assert drop(log) == 0
    assert seal(log) == 1
    # half of it
    assert drop(log) == 500
    assert proved(log, noted).seq is None
    while drop(log):
        pass
    rows = list(log.rows())
    assert (rows[0].seq, len(rows)) == (1151, 51)
    assert proved(log, noted) == Verdict(51, Head(rows[-1].seq or 0, rows[-1].hash))
    begin = log.begin()
    with pytest.raises(Untold, match="2030-01-31T12:19:09Z on"):
        begin.check(NOW)
    state = replay(log.changes(begin), begin.state)
    assert state.held == {(host("pc1"), "slots"): 2}
    [sliver] = state.slivers.values()
    # people are not in a checkpoint, which outlasts what is forgotten
    assert (sliver.urn, sliver.since, sliver.caller) == (mine.urn.text, NOW, "")
    assert ALICE.text not in rows[-1].event.details
    # and what is older than the next one goes with the last
    assert checkpoint(log, NOW + 2 * HOUR, NOW + 2 * HOUR) is True
    seal(log)
    drop(log)
    [row] = log.rows()
    assert row.event.kind is Kind.CHECKPOINT
    assert log.begin().state.held == {(host("pc1"), "slots"): 2}
    assert proved(log).proved == 1


def test_without_its_checkpoint_what_was_dropped_is_missing(place: Place, log: SqlLog) -> None:
    record(place, *(call(BOB, number) for number in range(10)))
    seal(log)
    checkpoint(log, NOW + 5 * SECOND, NOW)
    seal(log)
    drop(log)
    assert proved(log).seq is None
    change(place, "UPDATE events SET kind = 'call' WHERE kind = 'checkpoint'")
    assert (proved(log).seq, proved(log).what) == (1, "is missing: it was removed")


def test_a_store_that_is_older_than_its_log_begins_it_with_what_is_there(tmp_path: Path) -> None:
    """What was recorded before is chained as it is, and the state is told."""
    url = f"sqlite:///{tmp_path / 'old.sqlite'}"
    place = Place(url)
    upgrade.upgrade(url)
    with place.open().write() as unit:
        key = slice_key(unit)
        live = node(unit, key, "alpha", slots("pc1", 2))
        gone = node(unit, key, "beta", allocation=AllocationState.UNALLOCATED)
        unit.add([live, gone])
        unit.shut_down(key, on=True)
    place.opened[0].close()
    _downgrade(url)
    change(
        place,
        "INSERT INTO events (at, request_id, caller, verb, subject, before, after, tool)"
        " VALUES ('2030-01-31 12:00:00.000000', 'r', :caller, 'Allocate', :sliver, '',"
        " 'geni_allocated/x', '')",
        caller=ALICE.text,
        sliver=live.urn.text,
    )
    upgrade.upgrade(url)
    upgrade.upgrade(url)
    with closing(open_log(url)) as log, closing(open_store(url, authority=AUTHORITY)) as store:
        with pytest.raises(Untold, match="only just begun"):
            log.begin()
        assert seal(log) == 2
        assert proved(log).proved == 2
        begin = log.begin()
        assert begin.state.held == {(host("pc1"), "slots"): 2}
        assert begin.state.shut == {(slice_urn().text, "uuid of lovelace")}
        with store.write() as unit:
            assert unit.held() == begin.state.held
            after = Author("Renew", ALICE.text, "r", NOW)
            here = unit.named([live.urn])[live.urn]
            write(unit, after, [Change(here, here)])
        state = replay(log.changes(begin), begin.state)
        assert list(state.slivers) == [live.urn.text]
        with pytest.raises(Untold):
            begin.check(NOW.replace(year=2000))


def _downgrade(url: str) -> None:
    """Back to the tables of the release before, with what is in them."""
    with closing(sqlite3.connect(url.removeprefix("sqlite:///"))) as database:
        for name in ("events_seq_ix", "events_kind_seq_ix", "events_unsealed_ix",
                     "slivers_frame_ix", "slivers_pending_frame_ix", "slivers_kept_ix",
                     "slivers_freeze_ix", "slivers_services_ix", "slivers_expires_ix"):  # fmt: skip
            database.execute(f"DROP INDEX {name}")
        database.execute("DROP TABLE held")
        database.execute("CREATE INDEX holds_sum_ix ON holds (component, dimension, amount)")
        for name in ("kind", "slice", "uuid", "fingerprint", "credentials", "details", "seq",
                     "hash", "salts", "forgotten"):  # fmt: skip
            database.execute(f"ALTER TABLE events DROP COLUMN {name}")
        for name in ("audit", "duties", "tallies"):
            database.execute(f"DROP TABLE {name}")
        database.execute("DELETE FROM counters WHERE name = 'told'")
        database.execute("UPDATE alembic_version SET version_num = '0003'")
        database.commit()
