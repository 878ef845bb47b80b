"""`gcf-am doctor` and its fellows on a home without a server: what they find wrong, and say."""

import os
import shutil
import socket
import time
from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from gcf_am.cli.am import main
from gcf_am.cli.home import make_home
from gcf_am.cli.machines import _after
from gcf_am.cli.served import Served, is_served, last_served, note_served, only_one
from gcf_am.config import FILE
from gcf_am.drivers import simulated
from tests.contract.driver.orders import node
from tests.functional.running import configure

NONE_RUNS = "server: none runs: `gcf-am up --home "


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("doctor") / "home"
    make_home(home, {("driver", "name"): "simulated"})
    # nobody else's on whatever machine this is
    configure(home, port="0")
    file = home / FILE
    file.write_text(file.read_text("utf-8").replace("port = 8000", "port = 0"), "utf-8")
    return home


@pytest.fixture
def home(made: Path, tmp_path: Path) -> Path:
    return shutil.copytree(made, tmp_path / "home")


def run(*words: str | Path) -> Result:
    return CliRunner().invoke(main, [str(one) for one in words])


def wrong(home: Path) -> list[str]:
    """What is found wrong, without its number."""
    result = run("doctor", "--home", home)
    assert result.exception is None or isinstance(result.exception, SystemExit)
    lines = result.stdout.splitlines()
    assert [int(line[:2]) for line in lines] == list(range(1, len(lines) + 1))
    found = [line[10:] for line in lines if line[3:8] == "wrong"]
    assert result.exit_code == (1 if found else 0)
    return found


def test_a_new_home_lacks_a_server(home: Path) -> None:
    (found,) = wrong(home)
    assert found.startswith(NONE_RUNS)


def test_a_server_that_answers_is_well_and_one_that_does_not_is_told(home: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening, only_one(home):
        url = f"https://127.0.0.1:{listening.getsockname()[1]}/"
        note_served(home, Served("simulated", (url,)))
        assert wrong(home) == []
        listening.close()
        (found,) = wrong(home)
    assert found.startswith(f"server: {url}: it runs and does not answer")


def test_another_program_in_its_place_is_told(home: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
        configure(home, port=str(port))
        (found,) = wrong(home)
    assert found.startswith(f"server: another program listens at 127.0.0.1 port {port}")


def test_a_broken_configuration_is_all_that_is_told(home: Path) -> None:
    (home / FILE).write_text("port = ")
    (found,) = wrong(home)
    assert found.startswith("configuration: ")


def test_certificates_that_end_soon_are_named(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gcf_am.cli.doctor._SOON", timedelta(days=36500))
    found, _ = wrong(home)
    assert found.startswith("certificates' ends: ")
    assert "alice-cert.pem ends at " in found
    assert f"`gcf-am init --home {home}`" in found


def test_a_clock_that_was_set_back_is_told(home: Path) -> None:
    later = time.time() + 86400
    os.utime(home / "gcf_am.sqlite", (later, later))
    found, _ = wrong(home)
    assert found.startswith("clock: ")
    assert "set the clock" in found


def test_a_full_disk_is_told(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gcf_am.cli.doctor._ROOM_MB", 1 << 40)
    found, _ = wrong(home)
    assert found.startswith("room on the disk: ")
    assert "MB left" in found


def test_what_stands_and_is_nobodys_is_told_and_listed(home: Path) -> None:
    driver = simulated.make({"directory": str(home / "simulated")})
    driver.prepare(node("stray"))
    driver.start(node("stray"))
    _, found = wrong(home)
    assert found.startswith("nodes that nobody holds: stray of urn:publicid:IDN+ch.test+slice+mine")
    shown = run("nodes", "--home", home).stdout
    assert "stray" in shown
    assert "nobody's" in shown
    told = run("console", "stray", "--home", home).stdout
    assert told == "stray is simulated: it runs and prints nothing\n"


def test_a_node_is_meant_by_one_of_its_names(home: Path) -> None:
    assert run("nodes", "--home", home).stdout == "no nodes\n"
    driver = simulated.make({"directory": str(home / "simulated")})
    for name in ("a", "b"):
        driver.prepare(node(name))
    order = node("b")
    assert run("console", "b", "--home", home).exit_code == 0
    assert run("console", order.sliver.text, "--home", home, "--slice", "mine").exit_code == 0
    refused = run("console", "c", "--home", home)
    assert refused.exit_code == 1
    assert "there is no node 'c'; the nodes that stand: a, b" in refused.output
    assert run("console", "b", "--home", home, "--slice", "other").exit_code == 1


def test_a_driver_that_is_gone_is_told(home: Path) -> None:
    note_served(home, Served("metal", ()))
    for command in ("nodes", "doctor"):
        result = run(command, "--home", home)
        assert result.exit_code == 1
        assert "no driver 'metal' is installed" in result.output


def test_whether_a_home_is_served_is_seen_without_taking_it(home: Path) -> None:
    assert not is_served(home)
    assert last_served(home) is None
    with only_one(home):
        assert is_served(home)
        assert is_served(home)
    assert not is_served(home)
    (home / ".served").write_text('{"driver": 1}')
    assert last_served(home) is None


def test_a_followed_console_tells_what_is_new_though_its_beginning_was_dropped() -> None:
    assert _after("", "a\n") == "a\n"
    assert _after("a\n", "a\nb\n") == "b\n"
    assert _after("a\nb\nc\n", "b\nc\nd\n") == "b\nc\nd\n"
    long = "".join(f"{number}\n" for number in range(5000))
    assert _after(long, long[10000:] + "new\n") == "new\n"
