"""The kit against real nodes: what makes, starts, stops, changes and ends them."""

from pathlib import Path

from tests.functional.running import Running
from tests.functional.test_conformance_all import every_check_passes

# Its nodes take many at a time, so that none can be seen to be free again
SHARED = ("cancel.frees", "delete.frees")
AREAS = ("provision.", "perform.", "logins.", "delete.", "cancel.")


def test_on_real_nodes(served: Running, tmp_path: Path) -> None:
    only = [word for area in AREAS for word in ("--only", area)]
    every_check_passes(served, tmp_path, "--profile", "all", *only, skipped=SHARED)
