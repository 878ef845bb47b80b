"""`gcf-ch serve` as a process: it stops politely, and what it said survives being killed."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from gcf_am.client.clearinghouse import Clearinghouse
from gcf_am.client.transport import Endpoint, Identity
from tests.functional.clearinghouse.serving import AUTHORITY
from tests.unit.clearinghouse.homes import copied

PROGRAM = Path(sys.executable).parent / "gcf-ch"
ONE = f"{AUTHORITY}slice+one"


@contextmanager
def serving(home: Path) -> Iterator[tuple[subprocess.Popen[str], Clearinghouse]]:
    command = [str(PROGRAM), "serve", "--home", str(home), "--port", "0"]
    with (
        (home.parent / "log").open("a") as log,
        subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log, text=True) as process,
    ):
        assert process.stdout is not None
        url = process.stdout.readline().removeprefix("ready: ").strip()
        certs = home / "certs"
        endpoint = Endpoint(
            url,
            Identity(certs / "alice-cert.pem", certs / "alice-key.pem", certs / "ch-cert.pem"),
            30,
        )
        yield process, Clearinghouse(endpoint)
        endpoint.close()
        process.kill()


@pytest.mark.parametrize("stop", [signal.SIGTERM, signal.SIGINT])
def test_it_stops_politely(ch_template: Path, tmp_path: Path, stop: signal.Signals) -> None:
    with serving(copied(ch_template, tmp_path / "home")) as (process, clearinghouse):
        assert clearinghouse.get_version() == {"gcf-ch_api": 1}
        process.send_signal(stop)
        assert process.wait(30) == 0


def test_what_it_said_survives_a_kill(ch_template: Path, tmp_path: Path) -> None:
    home = copied(ch_template, tmp_path / "home")
    with serving(home) as (process, clearinghouse):
        before = clearinghouse.create_slice(ONE)
        process.kill()
        process.wait(30)
    with serving(home) as (_, clearinghouse):
        assert clearinghouse.list_my_slices(f"{AUTHORITY}user+alice") == (ONE,)
        assert clearinghouse.create_slice(ONE).expires == before.expires


def test_its_log_is_one_that_stats_can_read(ch_template: Path, tmp_path: Path) -> None:
    home = copied(ch_template, tmp_path / "home")
    with serving(home) as (process, clearinghouse):
        at = clearinghouse.endpoint
        registry = Endpoint(f"{at.url}SR", at.identity, 30)
        registry.call("get_trust_roots")
        registry.close()
        process.send_signal(signal.SIGTERM)
        assert process.wait(30) == 0
    line = r" INFO gcf_am\.clearinghouse\.federation: \S+ \S+ get_trust_roots code=0$"
    assert re.search(line, (tmp_path / "log").read_text("utf-8"), re.MULTILINE)
