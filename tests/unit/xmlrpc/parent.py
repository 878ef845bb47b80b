"""A parent of workers, for the test that kills it: prints its workers' ids, then waits."""

import functools
import sys
import threading
from pathlib import Path

from gcf_am.xmlrpc.server import HttpLimits, TlsMaterial, Workers, bind
from tests.unit.xmlrpc.workshop import make


def main(folder: Path) -> None:
    material = TlsMaterial((folder / "cert").read_bytes(), (folder / "key").read_bytes(), ())
    with bind("127.0.0.1", 0) as listen:
        workers = Workers(functools.partial(make, material, folder), listen, HttpLimits(), count=2)
        workers.start(60)
        print(*workers.pids, flush=True)  # noqa: T201  (the test reads it)
        threading.Event().wait()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
