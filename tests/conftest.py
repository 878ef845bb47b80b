import fcntl
import os
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from gcf_am.drivers.host.survey import survey
from tests.observing.judging import judged
from tests.observing.record import SIGHT
from tests.postgresql import Missing, Server, database, server

# Where nodes and links of the host driver are really made.
_REAL = "tests/functional/host/"
_REAL_CONTRACT = "tests/contract/driver/"
_WRONG = pytest.StashKey[list[str]]()


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--real-nodes",
        action="store_true",
        help="only tests that make real nodes and links; needs root and runc",
    )
    parser.addoption(
        "--whole-surface",
        action="store_true",
        help="fail unless all that is published was seen on the wire; for runs of all tests",
    )
    parser.addoption("--driver", help="tests/contract/driver: only the installed driver NAME")
    parser.addoption("--driver-settings", help="its TOML file, see doc/drivers.md")


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Real nodes are made by runs of their own, one process each; make test has both kinds.

    A gate that was killed wants its port back, so that two at once could take each other's.
    Where the machine cannot make nodes their tests are skipped, each with what it lacks.
    """
    real = [item for item in items if _makes_nodes(item)]
    if config.getoption("--driver") != "host":
        wanted = config.getoption("--real-nodes")
        config.hook.pytest_deselected(items=[one for one in items if (one in real) != wanted])
        items[:] = [one for one in items if (one in real) == wanted]
    lacks = [one.feature for one in survey() if one.needed and not one.how] if real else []
    for item in real if lacks else ():
        reason = f"gcf-am probe says no to {', '.join(lacks)}"
        item.add_marker(pytest.mark.skip(reason=reason))


def _makes_nodes(item: pytest.Item) -> bool:
    if item.nodeid.startswith(_REAL_CONTRACT):
        # asked by the parameter, since others may stand before it in the test's name
        return isinstance(item, pytest.Function) and _driver_of(item) == "host"
    return item.nodeid.startswith(_REAL)


def _driver_of(item: pytest.Function) -> object:
    callspec = getattr(item, "callspec", None)
    return None if callspec is None else callspec.params.get("again")


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any, error: object) -> None:
    """A worker of the tests has ended: what it saw on the wire is seen."""
    del error
    seen, strange = getattr(node, "workeroutput", {}).get("sight", ([], []))
    SIGHT.seen.update(seen)
    SIGHT.strange.update(strange)


def pytest_sessionfinish(session: pytest.Session) -> None:
    """What was seen is judged once, by the process that runs all others."""
    output = getattr(session.config, "workeroutput", None)
    if output is not None:
        output["sight"] = (sorted(SIGHT.seen), sorted(SIGHT.strange))
        return
    wrong = list(judged(SIGHT, whole=session.config.getoption("--whole-surface")))
    session.config.stash[_WRONG] = wrong
    if wrong and session.exitstatus == pytest.ExitCode.OK:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    """Tell of it."""
    wrong = config.stash.get(_WRONG, [])
    if wrong:
        terminalreporter.section("the surface, as it was seen on the wire", red=True)
        terminalreporter.write("".join(f"{one}\n" for one in wrong))


@pytest.fixture(scope="session")
def machine() -> Iterator[None]:
    """The machine's nodes for these tests alone, whoever else runs some."""
    place = Path(tempfile.gettempdir()) / "gcf_am-real-nodes.lock"
    lock = os.open(place, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
    finally:
        os.close(lock)


@pytest.fixture(scope="session")
def postgresql() -> Iterator[Server]:
    """A server for all tests of this process; nothing may have waited in a circle in the end."""
    with ExitStack() as stack:
        try:
            running = stack.enter_context(server())
        except Missing as error:
            pytest.skip(str(error))
        yield running
        assert running.deadlocks() == 0


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest) -> Iterator[str | None]:
    """A database for a home; None for its own file."""
    if request.param == "sqlite":
        yield None
        return
    with database(request.getfixturevalue("postgresql")) as made:
        yield made
