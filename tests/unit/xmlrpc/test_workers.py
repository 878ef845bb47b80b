import contextlib
import functools
import os
import signal
import ssl
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from gcf_am.errors import ConfigError
from gcf_am.xmlrpc.server import HttpLimits, Workers, bind
from tests.unit.xmlrpc.serving import PATIENCE, Federation, Loopback, until
from tests.unit.xmlrpc.workshop import die, make, make_nothing

ROOT = Path(__file__).parents[3]


@contextlib.contextmanager
def working(federation: Federation, diary: Path) -> Iterator[tuple[Workers, Loopback]]:
    with bind("127.0.0.1", 0) as listen:
        application = functools.partial(make, federation.material, diary)
        workers = Workers(application, listen, HttpLimits(), count=2)
        workers.start(PATIENCE * 3)
        try:
            yield workers, Loopback(workers, listen.getsockname()[1], federation)  # type: ignore[arg-type]
        finally:
            workers.stop(PATIENCE)


def alive(pid: int) -> bool:
    try:
        stat = Path(f"/proc/{pid}/stat").read_text("utf-8")
    except (FileNotFoundError, ProcessLookupError):
        return False
    # where nobody reaps orphans a dead one stays, as a zombie
    return stat.rpartition(")")[2].split()[0] != "Z"


def asked(loopback: Loopback, federation: Federation, body: bytes = b"who") -> int:
    with contextlib.suppress(ConnectionError, ssl.SSLError):
        return int(loopback.post(federation.alice, body)[1])
    return 0


def test_workers_share_a_socket_and_one_that_dies_is_replaced(
    federation: Federation, tmp_path: Path
) -> None:
    with working(federation, tmp_path) as (workers, loopback):
        first = set(workers.pids)
        assert len(first) == 2
        assert asked(loopback, federation) in first
        assert os.getpid() not in first

        asked(loopback, federation, b"die")
        until(lambda: len(set(workers.pids) - first) == 1)
        for pid in first & set(workers.pids):
            os.kill(pid, signal.SIGKILL)
        until(lambda: asked(loopback, federation) not in {0, *first})
        answered = asked(loopback, federation)
        assert answered in workers.pids
    # what was stopped let go of what it had; what died could not
    ended = {int(file.name) for file in tmp_path.iterdir()}
    assert answered in ended
    assert not ended & first
    assert not any(map(alive, first | ended))


def test_a_worker_that_cannot_start_says_why() -> None:
    with bind("127.0.0.1", 0) as listen:
        workers = Workers(make_nothing, listen, HttpLimits(), count=2)
        with pytest.raises(ConfigError, match=r"\[store\] is nowhere to be found"):
            workers.start(PATIENCE * 3)
        workers.stop(PATIENCE)


def test_a_worker_that_dies_at_its_start_is_told() -> None:
    with bind("127.0.0.1", 0) as listen:
        workers = Workers(die, listen, HttpLimits(), count=1)
        with pytest.raises(ConfigError, match="died at its start"):
            workers.start(PATIENCE * 3)
        workers.stop(PATIENCE)


def test_workers_do_not_outlive_their_parent(federation: Federation, tmp_path: Path) -> None:
    (tmp_path / "cert").write_bytes(federation.server.pem)
    (tmp_path / "key").write_bytes(federation.server.key_pem)
    command = [sys.executable, "-m", "tests.unit.xmlrpc.parent", str(tmp_path)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        pids = [int(word) for word in parent.stdout.readline().split()]
        assert len(pids) == 2
        parent.send_signal(signal.SIGKILL)
    until(lambda: not any(map(alive, pids)))
