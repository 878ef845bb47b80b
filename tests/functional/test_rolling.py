"""Servers are stopped and started one after another under load, and no call fails.

One is followed by another at another port, as behind a balancer; one by its next generation at the
same port, as with a socket of systemd.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from gcf_am.xmlrpc.server import bind
from tests.functional.running import BIN
from tests.racing.fleet import Fleet
from tests.racing.race import race

pytestmark = pytest.mark.xdist_group("rolling")

# What a balancer, and who keeps a connection, are given to notice.
LEAVE = "10"
# The third descriptor is the socket's, the process's number is its own (sd_listen_fds(3)).
GIVEN = 'exec 3<&{} && LISTEN_PID=$$ LISTEN_FDS=1 exec "{}" serve --home "{}"'


@pytest.fixture
def fleet(tmp_path: Path) -> Iterator[Fleet]:
    fleet = Fleet.make(tmp_path / "home", workers="1", leave_seconds=LEAVE)
    yield fleet
    fleet.kill()


def test_no_call_fails_while_servers_are_restarted(fleet: Fleet) -> None:
    up = fleet.start("up", balanced=False)
    with bind("127.0.0.1", 0) as listen:
        command = GIVEN.format(listen.fileno(), BIN / "gcf-am", fleet.home)

        def at_its_own_port() -> None:
            fleet.start("serve", "--no-reconciler")

        def at_the_one_port() -> None:
            fleet.launched(["/bin/bash", "-c", command], descriptors=(listen.fileno(),))

        def restarts() -> None:
            for old, start in ((first, at_its_own_port), (second, at_the_one_port)):
                start()
                assert old.stop() == 0, fleet.log()
                fleet.gone(old)

        at_its_own_port()
        at_the_one_port()
        first, second = fleet.members[1:]
        outcome = race(fleet, up, clients=4, until=restarts, pause=0.05)
    assert not outcome.failures
    assert outcome.codes.total() > 0
