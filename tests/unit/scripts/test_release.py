"""A release is cut in a copy of this tree; what it needs, what it does, and what holds afterwards."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Final

import pytest

ROOT: Final = Path(__file__).resolve().parents[3]
NUMBER: Final = re.search(
    r'Release\(\d+, "([\d.]+)"\)', (ROOT / "gcf_am/surface/releases.py").read_text("utf-8")
)
assert NUMBER is not None
OPEN: Final = NUMBER[1]
DAY: Final = "2030-01-31"
NEXT: Final = f"{OPEN}1"


def git(tree: Path, *words: str) -> str:
    mail = ("-c", "user.name=a test", "-c", "user.email=test@example.org")
    done = subprocess.run(
        ["git", *mail, *words], cwd=tree, capture_output=True, text=True, check=True
    )
    return done.stdout


def run(tree: Path, script: str, *words: str) -> tuple[int, str]:
    done = subprocess.run(
        [sys.executable, tree / "scripts" / script, *words],
        cwd="/",
        env={**os.environ, "PYTHONPATH": str(tree)},
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout + done.stderr


def cut(tree: Path, *words: str) -> tuple[int, str]:
    return run(tree, "release.py", OPEN, "--next", NEXT, "--date", DAY, "--tested", *words)


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """This tree, as a repository of its own."""
    if not (ROOT / ".git").exists():
        pytest.skip("this is no checkout")
    made = tmp_path_factory.mktemp("release") / "tree"
    names = git(ROOT, "ls-files", "-z", "-co", "--exclude-standard").split("\0")
    for name in filter(None, names):
        # what is deleted and not yet committed is still listed
        if (ROOT / name).is_file():
            (made / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, made / name)
    git(made, "init", "-q", "-b", "main")
    git(made, "add", "-A")
    git(made, "commit", "-q", "-m", "All of it")
    return made


def edit(file: Path, change: Callable[[str], str]) -> None:
    text = file.read_text("utf-8")
    assert change(text) != text
    file.write_text(change(text), "utf-8")


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (("9.9",), "is the open release, not 9.9"),
        (("one",), "'one' is no release: two numbers are expected"),
        ((OPEN, "--next", OPEN), f"{OPEN} does not come after {OPEN}"),
        ((OPEN, "--next", "next"), "'next' is no release"),
    ],
)
def test_only_the_open_release_comes_out(tree: Path, words: tuple[str, ...], why: str) -> None:
    status, told = run(tree, "release.py", *words, "--tested")
    assert status == 1
    assert told.startswith("no release: ")
    assert why in told
    assert git(tree, "status", "--porcelain") == ""


def test_only_a_clean_main_that_is_green_is_released(tree: Path) -> None:
    # checklist 88
    git(tree, "switch", "-q", "-c", "other")
    assert cut(tree) == (1, "no release: this is the branch other; releases come from main\n")
    git(tree, "switch", "-q", "main")
    (tree / "more").write_text("", "utf-8")
    assert cut(tree) == (1, "no release: the tree is not clean:\n?? more\n")
    (tree / "more").unlink()
    page = tree / "doc" / "api" / "reference" / "am-3.rst"
    edit(page, lambda text: text + "More.\n")
    git(tree, "commit", "-qam", "A page that nobody made")
    status, told = cut(tree)
    assert status == 1
    assert "doc/api/reference/am-3.rst is not what `make api` would write" in told
    git(tree, "reset", "-q", "--hard", "HEAD~")


def test_a_dry_run_changes_nothing(tree: Path) -> None:
    status, told = cut(tree, "--dry-run")
    assert status == 0, told
    assert f"would date {OPEN} {DAY} and open {NEXT}" in told
    assert git(tree, "status", "--porcelain") == ""


def test_a_misspelt_check_writes_nothing(tree: Path) -> None:
    edit(tree / "doc" / "api" / "index.rst", lambda text: text + "More.\n")
    status, told = run(tree, "make_api", "--chek")
    assert status == 2
    assert "No such option" in told
    assert git(tree, "status", "--porcelain") == " M doc/api/index.rst\n"
    git(tree, "checkout", "-q", ".")


def test_what_a_release_is_and_what_holds_after_it(tree: Path) -> None:
    # checklist 89, 90, 69, 70, 63 to 65
    surface = tree / "gcf_am" / "surface"
    specs = tree / "doc" / "specs" / OPEN
    approved = {one.name for one in (specs / "approved").glob("*.rst")}
    # 1. the cut
    status, told = cut(tree)
    assert status == 0, told
    assert f"done: date {OPEN}" in told
    assert (surface / "snapshots" / f"{OPEN}.json").is_file()
    assert not list(specs.glob("approved/*"))
    assert {one.name for one in specs.glob("implemented/*.rst")} >= approved
    assert f'"{OPEN}", date(2030, 1, 31))' in (surface / "releases.py").read_text("utf-8")
    assert f'__version__ = "{OPEN}.0"' in (tree / "gcf_am/__init__.py").read_text("utf-8")
    assert f"## {OPEN} ({DAY})" in (tree / "CHANGES.md").read_text("utf-8")
    notes = tree / "doc" / "api" / "release-notes"
    assert DAY in (notes / f"{OPEN}.rst").read_text("utf-8")
    assert "Nothing that a client could notice" in (notes / f"{NEXT}.rst").read_text("utf-8")
    git(tree, "add", "-A")
    git(tree, "commit", "-q", "-m", "A release")
    git(tree, "tag", f"v{OPEN}")
    # 2. once is enough
    assert cut(tree) == (0, f"{OPEN} is out already; nothing was changed\n")
    assert run(tree, "make_api", "--check") == (0, "")
    assert git(tree, "status", "--porcelain") == ""
    # 3. a prototype may come
    codes = surface / "codes.py"
    opened = f"R{NEXT.replace('.', '_')}"
    trial = (
        f"\n\nfrom dataclasses import replace\nfrom gcf_am.surface.lifecycle import *\n"
        f"from gcf_am.surface.releases import {opened}\n"
        f"ACTIONS = (*ACTIONS, replace(ACTIONS[0], name='gcfam_try', "
        f"life=Lifecycle(prototype({opened}, 'Try it.'))))\n"
    )
    edit(codes, lambda text: text + trial)
    assert run(tree, "make_api") == (0, "")
    assert run(tree, "make_api", "--check") == (0, "")
    assert "gcfam_try" in (notes / f"{NEXT}.rst").read_text("utf-8")
    # 4. and is designed first
    status, told = run(tree, "check_specs.py")
    assert status == 1
    assert f"no spec says that action/gcfam_try is prototype in {NEXT}" in told
    git(tree, "checkout", "-q", ".")
    # 5. nothing published goes
    edit(codes, lambda text: re.sub(r"(?m)^    _code\(17, .*\n", "", text))
    edit(surface / "am_v3.py", lambda text: text.replace('    "ALREADYEXISTS",\n', ""))
    assert run(tree, "make_api") == (0, "")
    status, told = run(tree, "make_api", "--check")
    assert status == 1
    assert "code/17 is gone: declare it, and mark it removed\n" in told
    git(tree, "checkout", "-q", ".")
    # 6. what is out stays as it was
    edit(surface / "snapshots" / f"{OPEN}.json", lambda text: text.replace("It was done.", "Yes."))
    status, told = run(tree, "make_api", "--check")
    assert (status, told) == (
        1, f"gcf_am/surface/snapshots/{OPEN}.json is not what came out with {OPEN}\n"
    )  # fmt: skip
    git(tree, "checkout", "-q", ".")
