from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from gcf_am.cli.home import make_home
from tests.functional.federation import HomePki
from tests.functional.running import Person, Running, Slice, configure, copied, start

# Nodes with these names fail for good where the name says so.
FAULTS = """faults = [
  { method = "prepare", match = "unpreparable*", lasting = true, text = "the disk is broken" },
  { method = "start", match = "unstartable*", lasting = true, text = "the fan is broken" },
]
"""


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home that was made once; tests that start servers of their own copy it."""
    home = tmp_path_factory.mktemp("template") / "home"
    make_home(home, {("driver", "name"): "simulated"})
    file = home / "gcf_am.toml"
    table = "[driver.settings]\n"
    file.write_text(file.read_text("utf-8").replace(table, table + FAULTS), "utf-8")
    # the tests are refused more often than anybody who means well
    configure(home, refusals="0")
    return home


@pytest.fixture(scope="session")
def running(template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """One installation that tests share: each works in slices of its own."""
    server = start(copied(template, tmp_path_factory.mktemp("running") / "home"))
    yield server
    assert server.stop() == 0, server.log()


@pytest.fixture
def starting(template: Path, tmp_path: Path) -> Iterator[Callable[..., Running]]:
    """Start an installation of the test's own, with keys of its configuration changed."""
    servers: list[Running] = []

    def begin(*options: str, **changes: str) -> Running:
        home = tmp_path / "home"
        if not home.exists():
            copied(template, home)
        configure(home, **changes)
        servers.append(start(home, *options, own_group=True))
        return servers[-1]

    yield begin
    for server in servers:
        if server.process.poll() is None:
            server.stop()


@pytest.fixture(scope="session")
def pki(running: Running) -> HomePki:
    """The authorities that the shared installation trusts, with their keys."""
    return HomePki(running.home)


@pytest.fixture(scope="session")
def alice(running: Running) -> Person:
    return running.person("alice")


@pytest.fixture(scope="session")
def bob(running: Running) -> Person:
    return running.person("bob")


@pytest.fixture(scope="session")
def carol(running: Running) -> Person:
    return running.person("carol")


@pytest.fixture
def slice_(alice: Person) -> Iterator[Slice]:
    """A slice of alice's, emptied afterwards."""
    made = alice.new_slice()
    yield made
    made.call("Delete")


@pytest.fixture
def bobs(bob: Person) -> Iterator[Slice]:
    """A slice of bob's, emptied afterwards."""
    made = bob.new_slice()
    yield made
    made.call("Delete")
