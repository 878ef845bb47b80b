"""What scripts of their own measure: the mapper, homing, and real nodes."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from statistics import median
from typing import Any, Final

from bench.figures import Figure
from bench.homing import service
from bench.plan import Plan
from bench.race import rounded
from gcf_am.errors import GcfAmError

_SCRIPTS: Final = Path(__file__).resolve().parent.parent / "scripts"
PLACING: Final = "placing a request"
# The smaller of the sites on which Emulab's assign was measured.
_SMALLER: Final = "525"
# Without what takes minutes, which who changes the host driver measures by itself.
_HOST: Final = ("aggregate", "one", "50", "capacity")


class Unmeasured(GcfAmError):
    """A part cannot be measured here, and why."""


def mapper(plan: Plan) -> Iterator[Figure]:
    """Seconds to place a request on an empty site, beside what Emulab's assign takes."""
    quick = ("--seeds", "1", "--most", _SMALLER) if plan.quick else ()
    for one in _told(plan, "bench_mapper", *quick):
        yield Figure(
            PLACING,
            {name: one[name] for name in ("hosts", "switches", "nodes", "links")},
            {
                "seconds": rounded(median(one["seconds"])),
                "assign, seconds": one["assign"],
                "wanted, seconds": one["goal"],
            },
        )


def homing(plan: Plan) -> Iterator[Figure]:
    """Templates, advertisements and solving, beside what the original takes; then the service."""
    told = _told(plan, "bench_homing", *(["--quick"] if plan.quick else []))
    yield from (Figure(**one) for one in told["figures"])
    yield from service(plan)


def host(plan: Plan) -> Iterator[Figure]:
    """Real nodes; raises Unmeasured where the machine cannot have any."""
    told = _told(plan, "bench_host", *(("--quick",) if plan.quick else _HOST))
    if note := told["note"]:
        raise Unmeasured(note)
    yield from (Figure(**one) for one in told["figures"])


def _told(plan: Plan, script: str, *options: str) -> Any:
    """What a script writes as JSON; what it prints is for who waits."""
    file = plan.directory / f"{script}.json"
    command = [sys.executable, str(_SCRIPTS / script), "--json", str(file), *options]
    subprocess.run(command, check=True, stdout=sys.stderr)
    return json.loads(file.read_text("utf-8"))
