"""CONTRIBUTING.md names what there is."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "CONTRIBUTING.md").read_text("utf-8")
# an extension's name, and what a reader would write
NOT_FILES = {"delay/1", "schemas/NAME.rnc"}
_PATH = re.compile(r"(?<=[ `])((?:[a-z_0-9.]+/)+[\w.]*|\w+\.(?:py|cfg|txt|md))(?=[` \n])")


@pytest.mark.parametrize("path", sorted(set(_PATH.findall(TEXT)) - NOT_FILES))
def test_a_path_is_there(path: str) -> None:
    """From the repository or the package, or from a room of it that was named before."""
    rooms = (ROOT, ROOT / "gcf_am", ROOT / "tests/functional", ROOT / "gcf_am/xmlrpc/server")
    assert any((room / path).exists() for room in rooms), path


def test_each_command_of_make_is_one() -> None:
    makefile = (ROOT / "Makefile").read_text("utf-8")
    targets = set(re.findall(r"(?m)^([a-z-]+):", makefile))
    assert set(re.findall(r"`make ([a-z-]+)", TEXT)) <= targets
    told = set(re.findall(r"(?m)^\| `make ([a-z]+)`", TEXT))
    assert told == {"lint", "test", "check", "doc", "bench", "fuzz"}
