"""Servers on PostgreSQL lose each other, their connections, the database, or its patience.

Calls are told so by a code, nothing is half done, and all goes on.
"""

from __future__ import annotations

import contextlib
import signal
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from tests.fault.test_whole_server import WRITES
from tests.functional.running import Slice, eventually
from tests.postgresql import FAST, Missing, Server, database, server
from tests.properties.verbs.documents import Item, write_request
from tests.properties.verbs.wishes import Node
from tests.racing.balancer import Balancer, Identity
from tests.racing.fleet import Fleet
from tests.racing.race import end, race, so_many
from tests.racing.upsets import kill

pytestmark = pytest.mark.xdist_group("rolling")

TIMED_OUT, DATABASE, BUSY = 8, 9, 14
# A commit that was answered survives the server's end, though not the machine's.
SOUND = {**FAST, "synchronous_commit": "on"}
LOOKS = (("Describe", ()), ("Status", ()))


@pytest.fixture(scope="module")
def postgres() -> Iterator[Server]:
    try:
        with server(SOUND) as running:
            yield running
    except Missing as error:
        pytest.skip(str(error))


def made(home: Path, url: str) -> Fleet:
    return Fleet.make(home, url, workers="1", busy_seconds="1.0")


@contextlib.contextmanager
def ended(fleet: Fleet) -> Iterator[Fleet]:
    try:
        yield fleet
    finally:
        fleet.kill()


def test_servers_and_the_database_are_killed_amid_a_race(postgres: Server, tmp_path: Path) -> None:
    with database(postgres) as url, ended(made(tmp_path / "home", url)) as fleet:
        up = fleet.start("up", balanced=False)
        other = fleet.elsewhere(tmp_path / "other")
        servers = [fleet.start("serve", "--no-reconciler", home=one) for one in (other, None)]
        reconciler = fleet.start("reconcile", balanced=False)

        def upsets() -> None:
            so_many(fleet, 60)
            with pytest.raises(AssertionError, match="slivers in this database stand elsewhere"):
                fleet.start("reconcile", home=other)
            kill(fleet, servers[0])
            so_many(fleet, 60)
            postgres.kill()
            postgres.start()
            so_many(fleet, 60)
            kill(fleet, reconciler)
            disconnect(postgres)
            so_many(fleet, 60)

        outcome = race(fleet, up, clients=6, until=upsets, may=frozenset({TIMED_OUT, DATABASE}))
        assert outcome.codes["Allocate", 0] > 0
        end(fleet, outcome)


def disconnect(postgres: Server) -> None:
    """All connections of aggregates are ended by the server."""
    with postgres.superuser() as connection:
        connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE application_name = 'gcf_am'"
        )


@pytest.fixture(scope="module")
def fleet(postgres: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Fleet]:
    home = tmp_path_factory.mktemp("fleet") / "home"
    with database(postgres) as url, ended(made(home, url)) as fleet:
        fleet.start("up")
        yield fleet


def prepared(fleet: Fleet) -> Slice:
    """A slice with a node that is built, and one that is reserved."""
    (up,) = fleet.members
    (mine,) = fleet.slices(up, 1)
    mine.done("Allocate", write_request([Item(Node("a"))]))
    mine.done("Provision")
    mine.until("geni_notready")
    mine.done("Allocate", write_request([Item(Node("b"))]))
    return mine


def all_at_once(mine: Slice) -> dict[str, int]:
    """Every verb at the same time; their codes."""
    calls = [*WRITES, *LOOKS]

    def call(method: str, arguments: tuple[object, ...]) -> int:
        options: dict[str, Any] = {"geni_rspec_version": {"type": "GENI", "version": "3"}}
        about: object = mine.urn if method == "Allocate" else [mine.urn]
        answer = mine.owner.am_alone(method, about, mine.creds, *arguments, options)
        code = answer["code"]["geni_code"]
        assert "postgres" not in answer["output"]
        return int(code)

    with ThreadPoolExecutor(len(calls)) as pool:
        codes = [pool.submit(partial(call, *one)) for one in calls]
        return {method: one.result() for (method, _), one in zip(calls, codes, strict=True)}


def is_ready(fleet: Fleet) -> bool:
    home = fleet.home / "certs"
    identity = Identity(home / "alice-cert.pem", home / "alice-key.pem", home / "ch-cert.pem")
    return Balancer(fleet.servers, identity).is_ready(fleet.members[0].urls[-1])


def test_a_database_that_is_late_is_waited_for_so_long(postgres: Server, fleet: Fleet) -> None:
    mine = prepared(fleet)
    before = mine.done("Describe")
    postgres.signal(signal.SIGSTOP)
    try:
        codes = all_at_once(mine)
        eventually(lambda: not is_ready(fleet), what="out of the balancer")
    finally:
        postgres.signal(signal.SIGCONT)
    # late, or no new connection could be had
    assert set(codes.values()) <= {TIMED_OUT, DATABASE}, codes
    assert mine.done("Describe") == before
    eventually(lambda: is_ready(fleet), what="ready")
    goes_on(mine)


def test_locks_that_others_keep_are_waited_for_so_long(postgres: Server, fleet: Fleet) -> None:
    mine = prepared(fleet)
    before = mine.done("Describe")
    name = fleet.config.store.url.partition("?")[0].rpartition("/")[2]
    with postgres.superuser(name) as stranger, stranger.transaction():
        stranger.execute("LOCK TABLE slivers IN ACCESS EXCLUSIVE MODE")
        codes = all_at_once(mine)
    assert set(codes.values()) == {BUSY}, codes
    assert mine.done("Describe") == before
    goes_on(mine)


def goes_on(mine: Slice) -> None:
    mine.done("Provision")
    mine.done("PerformOperationalAction", "geni_start")
    mine.done("Delete")
