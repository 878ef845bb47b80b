"""From the schema of every release, with something in it, to that of this one."""

from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from gcf_am.audit.chain import verify
from gcf_am.audit.replay import replay
from gcf_am.model.share import Usage
from gcf_am.model.sliver import Sliver
from gcf_am.model.states import AllocationState, OperationalState
from gcf_am.model.topology import Frame
from gcf_am.store import open_store
from gcf_am.store.engine import open_database
from gcf_am.store.log import open_log
from gcf_am.store.rows import write_contents, write_frame, write_logins
from gcf_am.store.tables import METADATA
from gcf_am.store.upgrade import _config, check, upgrade
from gcf_am.urn import Urn
from tests.contract.store.samples import AUTHORITY, HOUR, NOW, host, node_contents, slots
from tests.postgresql import database

VERSIONS = sorted(
    str(one.revision) for one in ScriptDirectory.from_config(_config()).walk_revisions()
)
USER = Urn.of(AUTHORITY, "user", "alice")
SLICE = Urn.of(f"{AUTHORITY}:p", "slice", "s")
LIVE, GONE = (Urn.of(AUTHORITY, "sliver", one) for one in ("1", "2"))
CONTENTS = node_contents("n", slots("pc1", 2), frame=Frame())


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'old.sqlite'}"
        return
    with database(request.getfixturevalue("postgresql"), migrated=False) as made:
        yield made


@dataclass
class Old:
    """A database of an older release; rows are written by the tables that it had."""

    connection: sa.Connection
    version: str

    def insert(self, name: str, *rows: dict[str, object]) -> None:
        table = sa.Table(name, sa.MetaData(), autoload_with=self.connection)
        self.connection.execute(sa.insert(table), list(rows))

    def since(self, version: str) -> bool:
        return self.version >= version


def fill(old: Old) -> None:
    """A slice with a sliver that is live and one that was; three events."""
    old.insert(
        "slices",
        {
            "urn": "+".join(SLICE.key),
            "uuid": "u",
            "spelling": SLICE.text,
            "shut_down": False,
            "version": 1,
        },
    )
    old.insert("frames", {"digest": "d", "body": write_frame(Frame())})
    states = {LIVE: AllocationState.ALLOCATED, GONE: AllocationState.UNALLOCATED}
    for urn, state in states.items():
        old.insert(
            "slivers",
            {
                "urn": "+".join(urn.key),
                "spelling": urn.text,
                "slice_key": 1,
                "kind": "node",
                "client_id": "n",
                "allocation": state.value,
                "operational": "geni_pending_allocation",
                "expires": moment(old, NOW + HOUR),
                "contents": write_contents(CONTENTS),
                "frame": "d",
                "error": "",
                "logins": write_logins(()),
                "touched": False,
                "generation": 3,
            },
        )
    key = "+".join(LIVE.key)
    held = {"component": host("pc1"), "dimension": "slots", "amount": 2}
    old.insert("holds", {"sliver": key, **held})
    old.insert("components", {"component": host("pc1"), "version": 4})
    old.connection.execute(sa.text("UPDATE counters SET value = 7 WHERE name = 'hold version'"))
    changes = ((LIVE, "", "geni_allocated/x"), (GONE, "", "geni_allocated/x"),
               (GONE, "geni_allocated/x", "geni_unallocated/x"))  # fmt: skip
    for urn, before, after in changes:
        old.insert(
            "events",
            {
                "at": moment(old, NOW),
                "request_id": "r",
                "caller": USER.text,
                "verb": "Allocate",
                "subject": urn.text,
                "before": before,
                "after": after,
            },
        )
    if old.since("0003"):
        whose = {
            "owner": "+".join(USER.key),
            "slice_key": 1,
            "project": f"{AUTHORITY}:p",
            "authority": AUTHORITY,
            "began": int(NOW.timestamp()),
            "until": int((NOW + HOUR).timestamp()),
            "types": '["container"]',
            "vlans": 0,
        }
        old.insert("shares", {"sliver": key, **whose, "live": True})
    if old.since("0005"):
        old.connection.execute(sa.text("UPDATE counters SET value = 3 WHERE name = 'told'"))
    if old.since("0007"):
        old.insert("held", {**held, "changed": 7})
    if old.since("0010"):
        tally = {"account": "1", "types": '["container"]', "slivers": 1, "vlans": 0}
        old.insert("tallies", {"scope": "slice", **tally})


def moment(old: Old, at: datetime) -> datetime:
    """SQLite's times are UTC, and do not say so."""
    return at if old.connection.dialect.name == "postgresql" else at.replace(tzinfo=None)


@pytest.mark.parametrize("version", VERSIONS)
def test_what_an_older_release_left_is_there(url: str, version: str) -> None:
    with (
        closing(open_database(url, busy_seconds=30, create=True)) as door,
        door.writing() as connection,
    ):
        command.upgrade(_config(connection), version)
        fill(Old(connection, version))
        connection.commit()
    upgrade(url)
    upgrade(url)
    check(url)
    # 1. the tables are those of a new database
    engine = sa.create_engine(url)
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, METADATA) == []
    engine.dispose()
    with (
        closing(open_store(url, authority=AUTHORITY)) as store,
        closing(open_log(url)) as log,
    ):
        # 2. slivers, holds, shares and versions are what they were
        live = Sliver(
            LIVE, 1, CONTENTS, AllocationState.ALLOCATED, OperationalState.PENDING_ALLOCATION,
            NOW + HOUR, generation=3,
        )  # fmt: skip
        with store.read() as unit:
            assert unit.named([LIVE])[LIVE] == live
            assert unit.slivers(1) == (live,)
            assert unit.kept("", 10) == (live,)
            assert unit.held() == {(host("pc1"), "slots"): 2}
            assert unit.usage("slice", ["1"]) == {"1": Usage({("container",): 1}, 0)}
        assert store.held_since(0)[0] == 7
        # 3. the record is sealed as it is, and tells what is there
        assert log.seal("me", NOW, NOW) == 4
        with log.chain() as found:
            assert verify(found.rows, base=found.base, end=found.end).proved == 4
        begin = log.begin()
        state = replay(log.changes(begin), begin.state)
        assert state.held == {(host("pc1"), "slots"): 2}
        assert list(state.slivers) == [LIVE.text]
        # 4. what was told is not told again, and what happens now is
        with store.read() as unit:
            assert not unit.news(10).makers
        with store.write() as unit:
            unit.lock_slice(SLICE, "u")
            [fresh] = unit.new_urns(1)
            assert fresh not in {LIVE, GONE}
            unit.save([live])
