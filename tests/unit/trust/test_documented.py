"""doc/trust.md is true: its keys are all keys, and its examples are accepted."""

import re
from dataclasses import MISSING, fields
from pathlib import Path

import pytest

from gcf_am.trust.speaks_for import STEPS
from gcf_am.trust.terms import CURRENT, REQUIRED, WARN, RootsFile, Source, Terms

TEXT = (Path(__file__).parents[3] / "doc" / "trust.md").read_text("utf-8")
EXAMPLES = re.findall(r"```toml\n(.*?)```", TEXT, re.DOTALL)
ROWS = dict(re.findall(r"^\| `(\w+)` \| (.*?) ?\|", TEXT, re.MULTILINE))


def test_every_key_has_its_row() -> None:
    keys = {one.name for kind in (Terms, Source) for one in fields(kind)}
    assert keys == ROWS.keys() - {"denied"}


def test_defaults_are_those_of_the_code() -> None:
    for kind in (Terms, Source):
        for one in fields(kind):
            if isinstance(one.default, bool | int):
                assert ROWS[one.name] == f"`{str(one.default).lower()}`"
            elif one.name == "crl":
                assert one.default is not MISSING
                assert ROWS["crl"] == f'`"{one.default}"`'
    for word in (WARN, CURRENT, REQUIRED):
        assert f"- `{word}`: " in TEXT
    assert len(STEPS) == 9
    assert "judged in nine steps" in TEXT


@pytest.mark.parametrize("example", EXAMPLES)
def test_examples_are_accepted(example: str) -> None:
    read = RootsFile.read(example.encode())
    assert read.terms or read.sources
