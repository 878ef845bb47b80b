"""doc/security.md lists what is tried, and nothing that is not."""

import re
from pathlib import Path

from tests.security.xml.test_attacks import WANTED
from tests.security.xml.test_fixed_run import RUNS

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "doc" / "security.md").read_text("utf-8")
LISTED = re.findall(r"^`(tests/security/\S+\.py)`: .+\n\n((?:- .+\n)+)", PAGE, re.MULTILINE)
AGAIN = "run scripts/attacks, which writes the list anew"


def test_every_attack_that_is_listed_is_tried() -> None:
    assert len(LISTED) > 20
    for place, names in LISTED:
        text = (ROOT / place).read_text("utf-8")
        for line in names.splitlines():
            name = "test_" + line.removeprefix("- ").replace(" ", "_")
            assert f"def {name}(" in text, f"{place} has no {name}: {AGAIN}"


def test_every_room_of_attacks_is_listed() -> None:
    files = (ROOT / "tests" / "security").rglob("test_*.py")
    there = {one.relative_to(ROOT).as_posix() for one in files}
    assert {place for place, _ in LISTED} == there, AGAIN


def test_the_counts_are_those_of_the_tests() -> None:
    assert f"{len(WANTED)} documents" in PAGE
    assert f"{sum(RUNS.values()):,} inputs" in PAGE
