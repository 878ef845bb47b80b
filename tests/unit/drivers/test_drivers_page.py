"""doc/drivers.md is true: its methods are those of the port, and its example is a file."""

import re
import tomllib
from pathlib import Path

from gcf_am.drivers.choose import GROUP
from gcf_am.manager.inspection import Inspection
from gcf_am.manager.ports import Driver

TEXT = (Path(__file__).parents[3] / "doc" / "drivers.md").read_text("utf-8")


def members(protocol: type) -> set[str]:
    return {name for name in vars(protocol) if not name.startswith("_")}


def test_every_method_has_its_row_and_every_value_is_named() -> None:
    rows = re.findall(r"^\| (`.*?) +\|", TEXT, re.MULTILINE)
    named = {name for row in rows for name in re.findall(r"`(\w+)`", row)}
    assert named == members(Driver)
    assert all(f"`{value}`" in TEXT for value in Driver.__annotations__)
    assert all(f"`{name}`" in TEXT for name in members(Inspection))


def test_examples_are_read() -> None:
    package, settings = re.findall(r"```toml\n(.*?)```", TEXT, re.DOTALL)
    assert GROUP in tomllib.loads(package)["project"]["entry-points"]
    assert tomllib.loads(settings).keys() == {"settings", "names"}
