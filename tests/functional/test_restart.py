"""What a restart, and a kill without a word, leave as it was."""

import os
import signal
from collections.abc import Callable
from dataclasses import replace

import pytest

from tests.functional.rspecs import example, node, pair, request
from tests.functional.running import GENI3, Running, Slice, eventually, free
from tests.functional.test_expiry import pass_by, soon

pytestmark = pytest.mark.xdist_group("restart")


def at(server: Running, slice_: Slice) -> Slice:
    """The slice at the server that came after."""
    return replace(slice_, owner=server.person(slice_.owner.name))


def test_state_survives_a_restart(starting: Callable[..., Running]) -> None:
    # R226, R054
    server = starting(workers="1")
    mine = server.person("alice").new_slice()
    gone = mine.allocate(request(node("gone")))
    mine.done("Delete")
    made = mine.running(request(node("a", host="pc1"), node("b")))
    mine.done("Update", request(node("a", "x", host="pc2", sliver_id=made["a"])), urns=[made["a"]])
    made |= mine.allocate(request(node("c")))
    seen = [mine.done(one) for one in ("Describe", "Status")]
    was = mine.done("Describe", geni_cancelled=True)
    assert server.stop() == 0
    assert not server.answers()

    server = starting()
    mine = at(server, mine)
    assert [mine.done(one) for one in ("Describe", "Status")] == seen
    assert mine.done("Describe", geni_cancelled=True) == was
    theirs = server.person("bob").new_slice()
    for host in ("pc1", "pc2"):
        assert theirs.refused("Allocate", request(node("x", host=host))) == 26
    # what was pending can be cancelled, and what is there goes on
    mine.done("Cancel")
    mine.done("PerformOperationalAction", "geni_restart")
    mine.until("geni_ready")
    new = mine.allocate(request(node("gone")))
    assert not set(new.values()) & {*gone.values(), *made.values()}


def test_state_survives_a_kill_of_all_processes(starting: Callable[..., Running]) -> None:
    # R226; decisions 2 and 5
    server = starting(workers="1")
    alice = server.person("alice")
    mine = alice.new_slice()
    mine.running(pair())
    short = alice.new_slice()
    short.provisioned(request(node("short", host="pc3")))
    short.allocate(request(node("shorter", host="pc4")))
    half = alice.new_slice()
    half.allocate(example("lan"))
    seen = mine.done("Describe")
    moment = soon(short)
    # the driver's work is ordered, and nobody waits for it
    half.done("Provision")
    server.kill()
    eventually(lambda: not server.answers(), what="dead")
    pass_by(moment)

    server = starting()
    mine, short, half = (at(server, one) for one in (mine, short, half))
    # what expired while nobody was there is gone at the first look, and its machines are free
    assert short.states() == {}
    free(server.person("bob"), "pc3", "pc4")
    assert mine.done("Describe") == seen
    assert len(half.until("geni_notready")) == 4
    half.done("PerformOperationalAction", "geni_start")
    half.until("geni_ready")
    answer = server.person("alice").am("Delete", [mine.urn], mine.creds, GENI3)
    assert len(answer["value"]) == 3


def test_a_terminal_that_closes_stops_it_and_nothing_stays(
    starting: Callable[..., Running],
    tmp_path_factory: pytest.TempPathFactory,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # sockets have short names only
    short = tmp_path_factory.mktemp("t")
    monkeypatch.setenv("TMPDIR", str(short))
    server = starting()
    assert list(short.iterdir())
    # the whole group hears of it
    os.killpg(server.process.pid, signal.SIGHUP)
    assert server.wait() == 0, server.log()
    assert " died " not in server.log()
    assert not list(short.iterdir())
