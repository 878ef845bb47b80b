import pytest

# Where nodes of the host driver are really made. A gate that was killed wants its port back, so
# that two of them at once could take each other's: one process runs all of these.
_REAL_NODES = ("tests/functional/host/", "tests/contract/driver/")


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.nodeid.startswith(_REAL_NODES):
            item.add_marker(pytest.mark.xdist_group("host"))
