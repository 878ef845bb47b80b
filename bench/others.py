"""What scripts of their own measure: the mapper, and real nodes."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from bench.figures import Figure
from bench.plan import Plan
from gcf_am.errors import GcfAmError

_SCRIPTS: Final = Path(__file__).resolve().parent.parent / "scripts"


class Unmeasured(GcfAmError):
    """A part cannot be measured here, and why."""


def measure(script: str, plan: Plan) -> Iterator[Figure]:
    """Run a script that writes its figures to a file; raises Unmeasured where it says it cannot.

    It is called with `--json FILE`, and `--quick` where little is to be measured. The file holds
    `figures`, each with `what`, `given` and `measured`; or `note`, a sentence that says why there
    are none.
    """
    program, file = _SCRIPTS / script, plan.directory / f"{script}.json"
    if not program.exists():
        raise Unmeasured(f"there is no scripts/{script}")
    command = [
        sys.executable,
        str(program),
        "--json",
        str(file),
        *(["--quick"] if plan.quick else []),
    ]
    subprocess.run(command, check=True, stdout=sys.stderr)
    told = json.loads(file.read_text("utf-8"))
    if note := told.get("note"):
        raise Unmeasured(note)
    yield from (Figure(**one) for one in told["figures"])
