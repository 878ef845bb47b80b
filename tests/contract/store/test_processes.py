"""Several processes on one database."""

import subprocess
import sys
from pathlib import Path

from tests.contract.store.conftest import Place
from tests.contract.store.samples import host, node, slice_key

ROOT = Path(__file__).parents[3]
CAPACITY = 60


def started(place: Place, name: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [
            sys.executable,
            "-m",
            "tests.contract.store.worker_process",
            place.url,
            name,
            str(CAPACITY),
        ],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def test_processes_neither_hold_twice_nor_lose_nor_reuse(place: Place) -> None:
    store = place.open()
    with store.write() as unit:
        shared = node(unit, slice_key(unit, "shared"))
        unit.add([shared])
    version = store.held_since(0)[0]
    workers = [started(place, name) for name in ("s1", "s2", "s3")]
    for worker in workers:
        assert worker.stdout is not None
        assert worker.stdout.readline() == "ready\n"
    told = [worker.communicate("go\n", timeout=60)[0].split() for worker in workers]
    assert [worker.returncode for worker in workers] == [0, 0, 0]
    urns = [urn for of_one in told for urn in of_one]
    assert len(urns) == len(set(urns)) == CAPACITY
    assert shared.urn.text not in urns
    with store.read() as unit:
        assert unit.held() == {(host("pc1"), "slots"): CAPACITY}
        assert unit.named([shared.urn])[shared.urn].generation == CAPACITY
    assert store.held_since(0)[0] != version
