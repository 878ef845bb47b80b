import fcntl
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from gcf_am.drivers.host.survey import survey

# Where nodes and links of the host driver are really made.
_REAL = "tests/functional/host/"
_REAL_CONTRACT = "tests/contract/driver/"


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--real-nodes", action="store_true", help="make real nodes and links; needs root and runc"
    )
    parser.addoption("--driver", help="tests/contract/driver: only the installed driver NAME")
    parser.addoption("--driver-settings", help="its TOML file, see doc/drivers.md")


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Real nodes are made on demand, by one process; where the machine cannot they are skipped.

    A gate that was killed wants its port back, so that two at once could take each other's.
    """
    real = [item for item in items if _makes_nodes(item)]
    lacks = [one.feature for one in survey() if one.needed and not one.how] if real else []
    for item in real:
        item.add_marker(pytest.mark.xdist_group("host"))
        if not (config.getoption("--real-nodes") or config.getoption("--driver") == "host"):
            item.add_marker(pytest.mark.skip(reason="real nodes are made by make test-host"))
        elif lacks:
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
