#!/usr/bin/env python
"""Brings a release out: `python scripts/release.py 1.0`, on main, when all of CI is green.

1. Refuses unless the tree is main's, clean, and the release is the open one.
2. Refuses unless `make lint`, `make check` and `make test` are green; with --tested, which says
   that CI was for this very commit, only `make check` is run again.
3. Freezes the surface's snapshot, gcf_am/surface/snapshots/RELEASE.json.
4. Dates the release in gcf_am/surface/releases.py, and opens the next one.
5. Moves the specs that were approved for it to implemented/.
6. Sets the version, and dates the section in CHANGES.md.
7. Writes doc/api anew, and runs `make check` on what became of all this.

With --dry-run it says what it would do, and changes nothing. Nothing is committed: the last
words tell how. A release that is out already is left as it is.
"""

import argparse
import os
import re
import subprocess
import sys
from collections.abc import Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Final, NoReturn

ROOT: Final = Path(__file__).resolve().parent.parent
RELEASES: Final = ROOT / "gcf_am" / "surface" / "releases.py"
SNAPSHOTS: Final = ROOT / "gcf_am" / "surface" / "snapshots"
VERSION: Final = ROOT / "gcf_am" / "__init__.py"
CHANGES: Final = ROOT / "CHANGES.md"
SPECS: Final = ROOT / "doc" / "specs"
_NUMBER: Final = re.compile(r"(\d+)\.(\d+)", re.ASCII)
_OPEN: Final = re.compile(r'(?m)^(R\w+): Final = Release\((\d+), "([\d.]+)"\)$')
_OUT: Final = re.compile(r'(?m)^R\w+: Final = Release\(\d+, "([\d.]+)", date\(\d+, \d+, \d+\)\)$')


def refuse(why: str) -> NoReturn:
    """End without having changed anything."""
    sys.exit(f"no release: {why}")


def run(*command: str) -> str:
    """What a command prints; refuses with its words when it fails."""
    # whatever is installed, this tree is the one that is judged
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        words = (done.stdout + done.stderr).strip()
        refuse(f"`{' '.join(command)}` failed:\n{words}")
    return done.stdout.strip()


def check() -> None:
    """`make check`, in this Python."""
    run(sys.executable, "scripts/make_api", "--check")
    run(sys.executable, "scripts/check_specs.py")


def following(number: str) -> str:
    """The release that comes after one, unless somebody says otherwise."""
    major, minor = number.split(".")
    return f"{major}.{int(minor) + 1}"


def open_release(number: str, next_number: str) -> re.Match[str] | None:
    """(1) The line of the open release; None where `number` is out already."""
    for one in (number, next_number):
        if not _NUMBER.fullmatch(one):
            refuse(f"{one!r} is no release: two numbers are expected, such as 1.0")
    text = RELEASES.read_text("utf-8")
    if number in {one[1] for one in _OUT.finditer(text)}:
        return None
    found = _OPEN.findall(text)
    line = _OPEN.search(text)
    if line is None or len(found) != 1:
        refuse(f"{RELEASES.name} has no open release in a line of its own")
    if line[3] != number:
        refuse(f"{line[3]} is the open release, not {number}")
    if _key(next_number) <= _key(number):
        refuse(f"{next_number} does not come after {number}")
    return line


def _key(number: str) -> tuple[int, ...]:
    return tuple(int(one) for one in number.split("."))


def check_tree() -> None:
    """(1) The tree is main's, and nothing in it waits to be committed."""
    branch = run("git", "rev-parse", "--abbrev-ref", "HEAD")
    if branch != "main":
        refuse(f"this is the branch {branch}; releases come from main")
    if waiting := run("git", "status", "--porcelain"):
        refuse(f"the tree is not clean:\n{waiting}")


def approved(number: str) -> list[Path]:
    """The specs that were approved for a release."""
    return sorted((SPECS / number / "approved").glob("*.rst"))


def dated_releases(line: re.Match[str], next_number: str, day: date) -> str:
    """(4) The releases, with this one dated and the next one opened."""
    text = RELEASES.read_text("utf-8")
    name, place, number = line[1], int(line[2]), line[3]
    opened = f"R{next_number.replace('.', '_')}"
    dated = (
        f'{name}: Final = Release({place}, "{number}", date({day.year}, {day.month}, {day.day}))\n'
        f'{opened}: Final = Release({place + 1}, "{next_number}")'
    )
    text = text.replace(line[0], dated, 1)
    text, count = re.subn(rf"in_order\((.*)\b{name}\)", rf"in_order(\g<1>{name}, {opened})", text)
    if count != 1:
        refuse(f"{RELEASES.name} does not end RELEASES with {name}")
    return text


def dated_version(number: str) -> str:
    """(6) The module that holds the version."""
    text = VERSION.read_text("utf-8")
    text, count = re.subn(r'(?m)^__version__ = ".*"$', f'__version__ = "{number}.0"', text)
    if count != 1:
        refuse("gcf_am/__init__.py has no line that sets __version__")
    return text


def dated_changes(number: str, next_number: str, day: date) -> str:
    """(6) CHANGES.md, with a section for the next release."""
    text = CHANGES.read_text("utf-8")
    heading = f"## {number} (not released)"
    if heading not in text:
        refuse(f"CHANGES.md has no section {heading!r}")
    dated = f"## {next_number} (not released)\n\n## {number} ({day.isoformat()})"
    return text.replace(heading, dated, 1)


def freeze(number: str) -> None:
    """(3) The snapshot, taken while the release is still open."""
    code = "from gcf_am.surface.snapshot import snapshot, write; print(write(snapshot()))"
    SNAPSHOTS.mkdir(exist_ok=True)
    (SNAPSHOTS / f"{number}.json").write_text(run(sys.executable, "-c", code) + "\n", "utf-8")


def move_specs(number: str) -> None:
    """(5) What was approved is implemented."""
    for file in approved(number):
        target = SPECS / number / "implemented" / file.name
        target.parent.mkdir(exist_ok=True)
        file.rename(target)


def main(words: Sequence[str]) -> int:
    """Bring it out."""
    parser = argparse.ArgumentParser(description="Bring a release out.")
    parser.add_argument("release", help="which, such as 1.0")
    parser.add_argument("--next", help="the release to open; else the next minor one")
    parser.add_argument("--date", type=date.fromisoformat, help="its date; else today's")
    parser.add_argument("--tested", action="store_true", help="CI was green for this commit")
    parser.add_argument("--dry-run", action="store_true", help="only say what would be done")
    asked = parser.parse_args(words)
    number, day = asked.release, asked.date or datetime.now(UTC).date()
    next_number = asked.next or (following(number) if _NUMBER.fullmatch(number) else "")
    # 1. the tree and the release
    line = open_release(number, next_number)
    if line is None:
        print(f"{number} is out already; nothing was changed")
        return 0
    check_tree()
    # 2. all green
    for target in () if asked.tested else ("lint", "test"):
        print(f"make {target} ...", flush=True)
        run("make", target)
    check()
    steps = [
        f"freeze gcf_am/surface/snapshots/{number}.json",
        f"date {number} {day.isoformat()} and open {next_number}",
        f"move {len(approved(number))} specs to doc/specs/{number}/implemented",
        f"set the version {number}.0 and date its section in CHANGES.md",
        "write doc/api anew and check all of it",
    ]
    if asked.dry_run:
        print("\n".join(f"would {one}" for one in steps))
        return 0
    # 3. to 7., once it is sure that all of it can be done
    texts = {
        RELEASES: dated_releases(line, next_number, day),
        VERSION: dated_version(number),
        CHANGES: dated_changes(number, next_number, day),
    }
    freeze(number)
    for file, text in texts.items():
        file.write_text(text, "utf-8")
    move_specs(number)
    run(sys.executable, "scripts/make_api")
    check()
    print("\n".join(f"done: {one}" for one in steps))
    print(
        f"Look at it, then:\n"
        f'  git add -A && git commit -m "Release {number}" && git tag -a v{number} -m {number}\n'
        f"Or take it back: git checkout -q . && git clean -fdq gcf_am/surface/snapshots doc"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
