"""What slivers take of quotas: written, summed, kept when they are gone, made anew by an upgrade."""

from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic import command

from gcf_am.model.share import Kept, Share, Usage, share
from gcf_am.model.sliver import Amount, Contents
from gcf_am.model.topology import Frame
from gcf_am.store import SqlStore, open_store
from gcf_am.store.engine import open_database
from gcf_am.store.rows import write_contents, write_frame, write_logins
from gcf_am.store.upgrade import _config, upgrade
from gcf_am.urn import Urn
from tests.contract.store.conftest import Place
from tests.contract.store.samples import AUTHORITY, link_contents, node, node_contents, slice_key

NOW = datetime(2030, 1, 31, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
ALICE, BOB = (Urn.of(AUTHORITY, "user", one) for one in ("alice", "bob"))


@pytest.fixture
def store(place: Place) -> Iterator[SqlStore]:
    made = place.open()
    yield made
    made.close()


def opened(store: SqlStore, owner: Urn, began: datetime, *shares: Share, name: str = "s") -> int:
    """Make slivers with these shares in a slice; answers the slice's key."""
    with store.write() as unit:
        key = slice_key(unit, name)
        slivers = [node(unit, key) for _ in shares]
        unit.add(slivers)
        made = {sliver.urn: one for sliver, one in zip(slivers, shares, strict=True)}
        unit.open_shares(owner, began, key, made)
    return key


def test_what_an_account_has(store: SqlStore) -> None:
    vm, wire = Share(True, NOW + HOUR, ("vm",), 0), Share(True, NOW + HOUR, (), 2)
    both = Share(True, NOW + HOUR, ("vm", "raw"), 0)
    key = opened(store, ALICE, NOW, vm, vm, wire, both)
    opened(store, BOB, NOW, vm, name="t")
    all_ = Usage({("vm",): 2, (): 1, ("vm", "raw"): 1}, 2)
    with store.read() as unit:
        assert unit.usage("slice", [str(key)]) == {str(key): all_}
        assert unit.usage("user", ["gcf.local+user+alice", "gcf.local+user+bob", "x"]) == {
            "gcf.local+user+alice": all_,
            "gcf.local+user+bob": Usage({("vm",): 1}, 0),
            "x": Usage(),
        }
        [together] = unit.usage("authority", ["gcf.local"]).values()
        assert together.slivers == {("vm",): 3, (): 1, ("vm", "raw"): 1}
        # its slices are of no project
        assert unit.usage("project", ["gcf.local"]) == {"gcf.local": Usage()}
        assert set(unit.keepers(key).values()) == {Kept("gcf.local+user+alice", NOW)}


def test_what_many_take_at_once_adds_up(place: Place) -> None:
    """What a unit takes counts in itself, and for others once it ends well."""
    vm, wire = Share(True, NOW + HOUR, ("vm",), 0), Share(True, NOW + HOUR, (), 2)
    stores = [place.open() for _ in range(4)]

    def take(number: int) -> None:
        store = stores[number % 4]
        opened(store, (ALICE, BOB)[number % 2], NOW, vm, wire, name=f"s{number}")
        with store.write() as unit:
            key = slice_key(unit, f"s{number}")
            one = min(unit.keepers(key), key=lambda urn: int(urn.name))
            longer = replace(vm, until=NOW + 2 * HOUR)
            unit.set_shares({one: (vm, longer)})
            unit.set_shares({one: (longer, replace(longer, live=False))})
            [mine] = unit.usage("slice", [str(key)]).values()
            assert mine == Usage({(): 1}, 2)
            if number == 0:
                raise ZeroDivisionError

    with ThreadPoolExecutor(4) as pool:
        done = [pool.submit(take, number) for number in range(16)]
    assert [type(one.exception()) for one in done].count(ZeroDivisionError) == 1
    with stores[0].read() as unit:
        [together] = unit.usage("authority", ["gcf.local"]).values()
        assert together == Usage({("vm",): 1, (): 16}, 32)
        users = unit.usage("user", ["gcf.local+user+alice", "gcf.local+user+bob"])
        assert [one.slivers[()] for one in users.values()] == [8, 8]


def test_what_ended_counts_in_hours_only(store: SqlStore) -> None:
    key = opened(
        store,
        ALICE,
        NOW - 4 * HOUR,
        Share(True, NOW + HOUR, ("vm",), 0),
        Share(True, NOW + HOUR, (), 1),
    )
    with store.write() as unit:
        seconds = unit.node_seconds("slice", [str(key), "99"], NOW - 10 * HOUR)
        assert seconds == {str(key): 5 * 3600, "99": 0}
        [here] = [urn for urn in unit.keepers(key) if unit.named([urn])[urn].kind == "node"][:1]
        ended = Share(False, NOW - HOUR, ("vm",), 0)
        was = Share(True, NOW + HOUR, ("vm",), 0)
        unit.set_shares(dict.fromkeys(unit.keepers(key), (was, ended)))
        assert here not in unit.keepers(key)
        assert unit.usage("slice", [str(key)]) == {str(key): Usage()}
        # both are nodes now
        assert unit.node_seconds("slice", [str(key)], NOW - 10 * HOUR) == {str(key): 6 * 3600}
        # as far as they lie in the window
        assert unit.node_seconds("slice", [str(key)], NOW - 2 * HOUR) == {str(key): 2 * 3600}
        assert unit.node_seconds("slice", [str(key)], NOW) == {str(key): 0}


def test_what_was_live_before_quotas_counts_after_the_upgrade(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'old.sqlite'}"
    tag = Amount("vlan:101", "vlan", 1)
    contents = {
        "n": (node_contents("n"), "geni_allocated"),
        "l": (link_contents("l", tag), "geni_provisioned"),
        "gone": (node_contents("gone"), "geni_unallocated"),
    }
    old = open_database(url, busy_seconds=30, create=True)
    with old.writing() as connection:
        command.upgrade(_config(connection), "0002")
        for statement, rows in _old_rows(contents):
            connection.execute(sa.text(statement), rows)
        connection.commit()
    old.close()
    upgrade(url)
    store = open_store(url, authority=AUTHORITY)
    with store.read() as unit:
        assert unit.keepers(1) == {
            Urn.of(AUTHORITY, "sliver", one): Kept("gcf.local+user+alice", NOW) for one in "nl"
        }
        told = {"project": "gcf.local:p", "authority": "gcf.local", "slice": "1"}
        for scope, key in told.items():
            [usage] = unit.usage(scope, [key]).values()
            assert usage == Usage({("container",): 1, (): 1}, 1)
        for urn, sliver in unit.named(list(unit.keepers(1))).items():
            assert share(sliver, NOW).until == NOW + HOUR, urn
        [seconds] = unit.node_seconds("slice", ["1"], NOW).values()
        assert seconds == 3600
    store.close()


_SLICE = "INSERT INTO slices VALUES (1, :urn, 'u', :spelling, 0, 1)"
_FRAME = "INSERT INTO frames VALUES ('d', :body)"
_SLIVER = (
    "INSERT INTO slivers (key, urn, spelling, slice_key, kind, client_id, allocation, operational,"
    " expires, contents, frame, error, logins, touched, generation)"
    " VALUES (:key, :urn, :spelling, 1, 'node', :key, :allocation, 'geni_pending_allocation',"
    " :expires, :contents, 'd', '', :logins, 0, 0)"
)
_EVENT = (
    "INSERT INTO events (at, request_id, caller, verb, subject, before, after)"
    " VALUES (:at, 'r', :caller, :verb, :subject, '', '')"
)


def _old_rows(
    contents: Mapping[str, tuple[Contents, str]],
) -> Iterator[tuple[str, dict[str, object]]]:
    """Rows as they were before there were shares."""
    urn = Urn.of(f"{AUTHORITY}:p", "slice", "s")
    yield _SLICE, {"urn": "+".join(urn.key), "spelling": urn.text}
    yield _FRAME, {"body": write_frame(Frame())}
    for number, (name, (made, allocation)) in enumerate(contents.items(), start=1):
        urn = Urn.of(AUTHORITY, "sliver", name)
        yield (
            _SLIVER,
            {
                "key": number,
                "urn": "+".join(urn.key),
                "spelling": urn.text,
                "allocation": allocation,
                "expires": _text(NOW + HOUR),
                "contents": write_contents(made),
                "logins": write_logins(()),
            },
        )
        for verb, caller in (("Allocate", "Alice"), ("Provision", "bob")):
            whose = Urn.of(AUTHORITY, "user", caller).text
            yield _EVENT, {"at": _text(NOW), "caller": whose, "verb": verb, "subject": urn.text}


def _text(moment: datetime) -> str:
    return moment.replace(tzinfo=None).isoformat(" ")
