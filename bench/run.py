"""Measures all of it, or the named parts, and writes what came of it."""

import argparse
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from bench import (
    calls,
    databases,
    document,
    growth,
    lifecycle,
    others,
    sizes,
    starting,
    steps,
    tables,
    trust,
    workers,
)
from bench.figures import Figure, Part, Results
from bench.goals import judged
from bench.machine import machine, versions
from bench.others import Unmeasured
from bench.plan import NAMES, Plan, plan

HERE: Final = Path(__file__).resolve().parent
PARTS: Final[Mapping[str, Callable[[Plan], Iterator[Figure]]]] = {
    "calls": calls.measure,
    "sizes": sizes.measure,
    "starting": starting.measure,
    "growth": growth.measure,
    "lifecycle": lifecycle.measure,
    "workers": workers.measure,
    "trust": trust.measure,
    "steps": steps.measure,
    "mapper": others.mapper,
    "homing": others.homing,
    "host": others.host,
}


def main() -> None:
    """What `python -m bench` does."""
    parser = argparse.ArgumentParser(
        prog="bench", description="Measure the aggregate beside an XML-RPC echo."
    )
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"of {', '.join(PARTS)}; else all")
    parser.add_argument("--plan", choices=NAMES, default="full", help="how much (%(default)s)")
    parser.add_argument(
        "--output", type=Path, default=HERE, help="where results.json and results.md go"
    )
    given = parser.parse_args()
    if unknown := [one for one in given.parts if one not in PARTS]:
        parser.error(f"no such part: {unknown[0]}; there are {', '.join(PARTS)}")
    with tempfile.TemporaryDirectory(prefix="gcf_am-bench-") as directory:
        chosen = plan(given.plan, Path(directory), databases.there())
        run(chosen, given.parts or list(PARTS), given.output)


def run(chosen: Plan, parts: list[str], output: Path) -> None:
    """Measure parts, tell each figure as it comes, and write both files after each part.

    Parts that are not measured now stay as they were.
    """
    file = output / "results.json"
    results = Results.read(file)
    for name in parts:
        results.parts[name] = _measured(chosen, name)
        results.parts = {one: results.parts[one] for one in PARTS if one in results.parts}
        results.write(file, [asdict(one) for one in judged(results)])
        (output / "results.md").write_text(tables.whole(results), "utf-8")
    if output == HERE:
        document.write(results)
    _say(tables.goals(results))


def _measured(chosen: Plan, name: str) -> Part:
    date, begin = f"{datetime.now(UTC):%Y-%m-%d}", time.monotonic()
    on, of, note = machine(chosen.directory), versions(), ""
    figures: list[Figure] = []
    try:
        for one in PARTS[name](chosen):
            figures.append(one)
            _say(f"{name}: {one.what} {_listed(one.given)}: {_listed(one.measured)}\n")
    except Unmeasured as why:
        note = str(why)
        _say(f"{name}: not measured: {note}\n")
    seconds = round(time.monotonic() - begin, 1)
    return Part(name, date, seconds, chosen.quick, on, of, tuple(figures), note)


def _listed(told: Mapping[str, str | float]) -> str:
    return ", ".join(f"{key} {value}" for key, value in told.items())


def _say(text: str) -> None:
    sys.stdout.write(text)
    sys.stdout.flush()
