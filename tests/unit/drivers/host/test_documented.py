"""doc/host-driver.md is true: its keys are all keys, and its examples are accepted."""

import re
import tomllib
from dataclasses import fields
from pathlib import Path

import pytest

from gcf_am.drivers.host.bundle import Container, config
from gcf_am.drivers.host.driver import HostDriver
from gcf_am.drivers.host.gate import _MOST
from gcf_am.drivers.host.keeper import MOST
from gcf_am.drivers.host.network import Ids, Namespaces
from gcf_am.drivers.host.settings import Limits, Settings, read_settings

TEXT = (Path(__file__).parents[4] / "doc" / "host-driver.md").read_text("utf-8")
EXAMPLES = re.findall(r"```toml\n(.*?)```", TEXT, re.DOTALL)
ROWS = dict(re.findall(r"^\| `(\w+)` +\|.*\| +(\S.*?) +\|$", TEXT, re.MULTILINE))


def test_every_key_has_its_row() -> None:
    assert sorted(ROWS) == sorted(one.name for one in (*fields(Settings), *fields(Limits)))


def test_defaults_are_those_of_the_code(tmp_path: Path) -> None:
    read = read_settings({"directory": tmp_path})
    for key in ("address", "ids", "image", "boot_seconds", "run_seconds"):
        assert ROWS[key].strip("`") == str(getattr(read, key)).removesuffix(".0")
    assert ROWS["ports"] == f"`[{read.ports[0]}, {read.ports[-1]}]`"
    assert f"are the types {' and '.join(f'`{one}`' for one in read.sliver_types)}, with" in TEXT
    for key in ("memory_mb", "disk_mb", "processes", "cpu_shares"):
        assert ROWS[key] == str(getattr(Limits(), key))


@pytest.mark.parametrize("example", EXAMPLES)
def test_examples_are_accepted(example: str, tmp_path: Path) -> None:
    settings = tomllib.loads(example)["driver"]["settings"]
    assert settings
    read_settings({"directory": tmp_path, **settings})


def test_numbers_are_those_of_the_code() -> None:
    nowhere = Path("/nowhere")
    place = Namespaces(nowhere, nowhere)
    node = Container("left", place, Ids(first=1, count=2), Limits(), "left", nowhere, ())
    held = config(node)["process"]["capabilities"]["bounding"]
    assert f"- {len(held)} capabilities" in TEXT
    assert f"{MOST >> 10} KiB" in TEXT
    assert f"At most {_MOST} connections" in TEXT
    assert HostDriver.look_every < 5
