"""Our own aggregate passes all of the kit's checks, whatever its database is."""

import json
import subprocess
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Final

import pytest

from gcf_am.clearinghouse.places import Places
from gcf_am.cli.home import make_home
from tests.functional.running import BIN, Running, config_of, let_speak, start
from tests.postgresql import Server

# Seconds for a run on a machine that does much else
_LONG: Final = 1800
# What does not apply to an aggregate like this one; each says why in its report.
SKIPPED = {
    "allocate.again-single",
    "cancel.part-under-single",
    "describe.part-under-single",
    "update.part-under-single",
    "request.disjoint",
    # it is served at an address without a name
    "fed4fire.advised-port",
    "fed4fire.login-answers",
    "fed4fire.named-host",
    "fed4fire.urls-named",
    "fed4fire.urn-dns",
}


def every_check_passes(
    running: Running,
    scratch: Path,
    *options: str,
    skipped: Collection[str] = frozenset(),
    lacking: Collection[str] = frozenset(),
) -> None:
    """All that applies to the aggregate passes, and nothing is left behind.

    `skipped` need not pass; `lacking` are reasons for which others may be skipped.
    """
    places = Places(running.home)
    report = scratch / "report.json"
    command: list[str | Path] = [
        BIN / "gcf-conform",
        "run",
        "--am",
        running.am_url,
        "-c",
        running.home / "omni_config",
        "--second",
        config_of(running.home, "bob"),
        "--operator",
        config_of(running.home, "carol"),
        "--certificate",
        f"authority={places.certs / 'ch-cert.pem'},{places.inner / 'ca-key.pem'}",
        "--report",
        f"json={report}",
        *options,
    ]
    done = subprocess.run(command, capture_output=True, text=True, timeout=_LONG, check=False)
    assert report.exists(), done.stderr
    told = json.loads(report.read_text("utf-8"))["checks"]
    odd = {
        one["id"]: (one["verdict"], one["expected"], one["got"], one["reason"])
        for one in told
        if one["verdict"] != "pass"
        and one["id"] not in {*SKIPPED, *skipped}
        and not (one["verdict"] == "skip" and one["reason"] in lacking)
    }
    assert odd == {}, done.stderr
    assert done.returncode == 0, done.stderr
    # which is what the operator's configuration was given for
    assert all("stays shut down" in line for line in done.stderr.splitlines()), done.stderr


@pytest.fixture
def schemas() -> Path:
    """Our own schemas, in the place of others'."""
    return Path(__file__).parents[2] / "schemas" / "xsd"


@pytest.fixture
def on_sqlite(tmp_path: Path) -> Iterator[Running]:
    home = tmp_path / "home"
    make_home(home, {("driver", "name"): "simulated", ("listen", "refusals"): 0})
    let_speak(home)
    server = start(home)
    yield server
    assert server.stop() == 0, server.log()


@pytest.fixture
def on_postgresql(postgresql: Server, tmp_path: Path) -> Iterator[Running]:
    name = postgresql.make()
    home = tmp_path / "home"
    url = postgresql.url_by_tcp(name)
    values = {
        ("driver", "name"): "simulated",
        ("listen", "refusals"): 0,
        ("store", "url"): url,
    }
    make_home(home, values)
    let_speak(home)
    server = start(home)
    yield server
    assert server.stop() == 0, server.log()
    postgresql.drop(name)


def test_on_sqlite(on_sqlite: Running, tmp_path: Path, schemas: Path) -> None:
    every_check_passes(on_sqlite, tmp_path, "--profile", "all", "--schemas", str(schemas))


def test_on_postgresql(on_postgresql: Running, tmp_path: Path, schemas: Path) -> None:
    every_check_passes(on_postgresql, tmp_path, "--profile", "all", "--schemas", str(schemas))
