"""driver.settings of the host driver: what is wrong is named."""

from pathlib import Path

import pytest

from gcf_am.drivers.host.settings import Limits, read_settings
from gcf_am.errors import ConfigError


def test_only_the_directory_is_needed(tmp_path: Path) -> None:
    read = read_settings({"directory": str(tmp_path)})
    assert read.directory == tmp_path
    assert (read.address, read.hostname) == ("127.0.0.1", "127.0.0.1")
    assert read.ports == range(22001, 24001)
    assert read.limits("container") == Limits()
    assert read.limits("raw-pc") is None


def test_types_have_limits_of_their_own(tmp_path: Path) -> None:
    types = {"small": {"memory_mb": 64, "processes": 32}, "vm-*": {"cpus": 0.5}}
    read = read_settings({"directory": str(tmp_path), "sliver_types": types})
    assert read.limits("small") == Limits(memory_mb=64, processes=32)
    assert read.limits("vm-2") == Limits(cpus=0.5)
    assert read.limits("container") is None


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("colour", "red"),
        ("directory", ""),
        ("directory", 5),
        ("address", "localhost"),
        ("hostname", ""),
        ("ports", [1]),
        ("ports", [5, 4]),
        ("ports", [0, 4]),
        ("ports", "22001-24000"),
        ("ids", 0),
        ("ids", 1.5),
        ("ids", True),
        ("image", ""),
        ("images", "host"),
        ("images", {"a": 5}),
        ("sliver_types", ["container"]),
        ("sliver_types", {"a": 5}),
        ("sliver_types", {"a": {"colour": 1}}),
        ("sliver_types", {"a": {"memory_mb": 1}}),
        ("sliver_types", {"a": {"cpus": 0}}),
        ("boot_seconds", 0),
        ("boot_seconds", "60"),
        ("fetch", "global"),
        ("fetch", ["everything"]),
        ("fetch", [5]),
        ("fetch_mb", 0),
    ],
)
def test_what_is_wrong_is_named(tmp_path: Path, key: str, value: object) -> None:
    with pytest.raises(ConfigError, match=rf"driver\.settings\.{key}"):
        read_settings({"directory": str(tmp_path), key: value})
