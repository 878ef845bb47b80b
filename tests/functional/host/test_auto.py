"""The driver `auto` ends at real nodes where they can be made, and says why where not."""

import subprocess
import sys
from pathlib import Path

from gcf_am.cli.home import make_home
from tests.functional.rspecs import example
from tests.functional.running import Running, Slice, start

ROOT = Path(__file__).parents[3]


def test_a_new_home_has_real_nodes(served: Running, slice_: Slice) -> None:
    assert served.told == "driver: host, since nothing is lacking for it\n"
    # what README's five minutes ask for
    for request in ("two-nodes", "one-node"):
        slice_.allocate(example(request))
        slice_.done("Delete")


def test_it_is_accepted(served: Running) -> None:
    config = str(served.home / "omni_config")
    accept = [sys.executable, str(ROOT / "scripts" / "accept"), "-c", config]
    done = subprocess.run(accept, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_a_home_keeps_its_inventory_and_is_told_what_that_means(tmp_path: Path) -> None:
    home = tmp_path / "home"
    make_home(home, {("driver", "name"): "auto"})
    site = (ROOT / "rspecs" / "site.xml").read_text("utf-8")
    (home / "site.xml").write_text(site, "utf-8")
    running = start(home)
    assert running.stop() == 0, running.log()
    assert running.told.startswith("driver: simulated, since host does not serve here: ")
    assert "sliver type" in running.told
    assert (home / "site.xml").read_text("utf-8") == site
