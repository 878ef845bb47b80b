"""Which checks catch which misbehaviour: `python -m tests.sabotage --help`."""

from __future__ import annotations

import argparse
import json
import logging
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path

from gcf_am.conformance import checks
from gcf_am.conformance.check import Check
from gcf_am.conformance.verdict import Result, Verdict
from tests.sabotage.board import Misbehaviour
from tests.sabotage.rows import AREAS, MISBEHAVIOURS
from tests.sabotage.trying import CAUGHT, Kit, kit


def area(check: Check) -> str:
    """The area of a check: its id up to the point."""
    return check.id.partition(".")[0]


def first_catch(sofar: list[Result], more: Iterable[Result]) -> list[Result]:
    """What is tried until one catches, if none has."""
    tried: list[Result] = []
    for result in () if any(each.verdict in CAUGHT for each in sofar) else more:
        tried.append(result)
        if result.verdict in CAUGHT:
            break
    return tried


def main() -> int:
    """Print who catches what; the exit status is 1 where a misbehaviour is caught by none."""
    parser = argparse.ArgumentParser(prog="tests.sabotage", description=__doc__)
    parser.add_argument("--misbehaviour", nargs="*", default=[], help="only these; default: all")
    parser.add_argument("--only", nargs="*", default=[], help="only checks whose ids begin so")
    parser.add_argument("--home", type=Path, help="a home to use, made if need be")
    parser.add_argument("--patience", type=float, default=5.0, help="seconds for nodes")
    parser.add_argument(
        "--cover",
        action="store_true",
        help="try a check that was seen to fail only where none else does",
    )
    parser.add_argument("--every", action="store_true", help="checks of all areas, too")
    parser.add_argument("--listed", action="store_true", help="only the checks that rows name")
    parser.add_argument("--json", type=Path, help="write who catches what here")
    given = parser.parse_args()
    if unknown := set(given.misbehaviour) - AREAS.keys():
        parser.error(f"there is no misbehaviour {', '.join(sorted(unknown))}")
    rows = [
        one for one in MISBEHAVIOURS if not given.misbehaviour or one.name in given.misbehaviour
    ]
    # the answers of checks are what is read here, not the server's log of every call
    logging.basicConfig(level=logging.WARNING)
    areas = {each for one in rows for each in AREAS[one.name]}
    chosen = [
        one
        for one in checks.ALL
        if (given.every or area(one) in areas)
        and (not given.only or one.id.startswith(tuple(given.only)))
    ]
    with tempfile.TemporaryDirectory() as scratch:
        home = given.home or Path(scratch) / "home"
        with kit(home, patience=given.patience) as one:
            caught = matrix(
                one, rows, chosen, cover=given.cover, listed=given.listed, every=given.every
            )
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
    cover: bool,
    listed: bool,
    every: bool,
) -> dict[str, list[str]]:
    """For each misbehaviour the checks that catch it."""
    sound = []
    for check in chosen:
        result = one.tried(check)
        if result.verdict is Verdict.PASS:
            sound.append(check)
        else:
            print(f"{check.id}: {result.verdict} without sabotage: {told(result)}")
    caught: dict[str, list[str]] = {}
    seen: set[str] = set()
    for row in rows:
        tried = [
            check
            for check in sound
            if (every or area(check) in AREAS[row.name])
            and (not listed or check.id in row.caught_by)
        ]
        fresh = [check for check in tried if not cover or check.id not in seen]
        results = [one.tried(check, row) for check in fresh]
        if cover:
            again = (one.tried(check, row) for check in tried if check.id in seen)
            results += first_catch(results, again)
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
