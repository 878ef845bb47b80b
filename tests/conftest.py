import pytest

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
    asked = pytest.mark.skip(reason="makes real nodes: run `make test-host` as root")
    for item in items:
        contract = item.nodeid.startswith(_REAL_CONTRACT) and "[host" in item.nodeid
        if not contract and not item.nodeid.startswith(_REAL):
            continue
        # A gate that was killed wants its port back, so that two of them at once could take each
        # other's: one process runs all of these.
        item.add_marker(pytest.mark.xdist_group("host"))
        if not config.getoption("--real-nodes"):
            item.add_marker(asked)
