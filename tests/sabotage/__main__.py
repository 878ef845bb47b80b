"""Which checks catch which misbehaviour: `python -m tests.sabotage --help`."""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path

from gcf_am.cli.home import make_home
from gcf_am.conformance import checks
from gcf_am.conformance.check import Check
from gcf_am.conformance.verdict import Result, Verdict
from tests.sabotage.board import Misbehaviour
from tests.sabotage.rows import MISBEHAVIOURS
from tests.sabotage.trying import CAUGHT, Kit, kit


def concerned(one: Misbehaviour, called: dict[str, set[str]], all_: Iterable[Check]) -> list[Check]:
    """The checks that the misbehaviour can have to do with: that call a method that it is about."""
    about = one.bend.methods if one.bend is not None else frozenset()
    return [each for each in all_ if not about or about & called.get(each.id, set())]


def called_by(result: Result) -> set[str]:
    """The methods that a check calls when all is well."""
    return {one.sent.partition("(")[0].strip() for one in result.exchanges}


def main() -> int:
    """Print who catches what; the exit status is 1 where a misbehaviour is caught by none."""
    parser = argparse.ArgumentParser(prog="tests.sabotage", description=__doc__)
    parser.add_argument("--misbehaviour", nargs="*", default=[], help="only these; default: all")
    parser.add_argument("--only", nargs="*", default=[], help="only checks whose ids begin so")
    parser.add_argument("--home", type=Path, help="a home to use, made if need be")
    parser.add_argument("--patience", type=float, default=5.0, help="seconds for nodes")
    parser.add_argument(
        "--cover", action="store_true", help="try a check no more once it was seen to fail"
    )
    parser.add_argument("--listed", action="store_true", help="only the checks that rows name")
    parser.add_argument("--json", type=Path, help="write who catches what here")
    given = parser.parse_args()
    chosen = [one for one in checks.ALL if not given.only or one.id.startswith(tuple(given.only))]
    rows = [
        one for one in MISBEHAVIOURS if not given.misbehaviour or one.name in given.misbehaviour
    ]
    with tempfile.TemporaryDirectory() as scratch:
        home = given.home or Path(scratch) / "home"
        make_home(home, {("driver", "name"): "simulated", ("listen", "refusals"): 0})
        with kit(home, patience=given.patience) as one:
            caught = matrix(one, rows, chosen, cover=given.cover, listed=given.listed)
    if given.json:
        given.json.write_text(json.dumps(caught, indent=1), "utf-8")
    uncaught = [name for name, by in caught.items() if not by]
    seen = {each for by in caught.values() for each in by}
    never = [one.id for one in chosen if one.id not in seen]
    print(f"\n{len(uncaught)} misbehaviours that no check catches:", *uncaught, sep="\n  ")
    print(f"\n{len(never)} checks that no misbehaviour makes fail:", *never, sep="\n  ")
    return int(bool(uncaught))


def matrix(
    one: Kit,
    rows: Iterable[Misbehaviour],
    chosen: list[Check],
    *,
    cover: bool = False,
    listed: bool = False,
) -> dict[str, list[str]]:
    """For each misbehaviour the checks that catch it."""
    called: dict[str, set[str]] = {}
    sound = []
    for check in chosen:
        result = one.tried(check)
        called[check.id] = called_by(result)
        if result.verdict is Verdict.PASS:
            sound.append(check)
        else:
            print(f"{check.id}: {result.verdict} without sabotage: {told(result)}")
    caught: dict[str, list[str]] = {}
    seen: set[str] = set()
    for row in rows:
        tried = [
            check
            for check in concerned(row, called, sound)
            if not (cover and check.id in seen) and (not listed or check.id in row.caught_by)
        ]
        results = [one.tried(check, row) for check in tried]
        caught[row.name] = [each.check.id for each in results if each.verdict in CAUGHT]
        seen.update(caught[row.name])
        print(f"{row.name}: {' '.join(caught[row.name]) or '-'}")
        for result in results:
            if result.verdict is Verdict.CANNOT_TELL and "kit itself" in result.reason:
                print(f"    {result.check.id}: {result.reason}")
        for broken in one.server.board.broken:
            print(f"    sabotage failed: {broken}")
        one.server.board.broken.clear()
        sys.stdout.flush()
    return caught


def told(result: Result) -> str:
    """Why, in a line."""
    return result.reason or f"expected {result.expected}; got {result.got}"


if __name__ == "__main__":
    sys.exit(main())
