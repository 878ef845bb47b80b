"""doc/simulated-driver.md is true: its keys are all keys, and its examples are accepted."""

import re
import tomllib
from dataclasses import fields
from pathlib import Path

import pytest

from gcf_am.drivers.faults import METHODS, Kind, Rule
from gcf_am.drivers.settings import Settings, read_settings
from gcf_am.drivers.simulated import SimulatedDriver
from gcf_am.reconciler import pauses

TEXT = (Path(__file__).parents[3] / "doc" / "simulated-driver.md").read_text("utf-8")
EXAMPLES = re.findall(r"```toml\n(.*?)```", TEXT, re.DOTALL)


def test_every_key_and_method_has_its_row() -> None:
    rows = re.findall(r"^\| `(\w+)`", TEXT, re.MULTILINE)
    documented = [one.name for one in (*fields(Settings), *fields(Rule))]
    assert sorted(rows) == sorted([*documented, *METHODS])
    assert all(f"`{kind}`" in TEXT for kind in Kind)


@pytest.mark.parametrize("example", EXAMPLES)
def test_examples_are_accepted(example: str, tmp_path: Path) -> None:
    settings = tomllib.loads(example)["driver"]["settings"]
    read = read_settings({"directory": tmp_path, **settings})
    assert any(read.delay.values()) or read.faults.rules


def test_times_are_those_of_the_reconciler() -> None:
    assert SimulatedDriver.look_every == 5 * 60
    assert pauses.SHORTEST.total_seconds() == 1
    assert pauses.ATTEMPTS == 4
    assert pauses.LONGEST.total_seconds() == 10 * 60
