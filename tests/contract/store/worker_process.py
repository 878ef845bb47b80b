"""One of several processes that want the same slots; run by test_processes.

Arguments: database URL, name, capacity. Prints the URNs it got, of slivers and for nothing.
"""

import sys
from dataclasses import replace

from gcf_am.store import open_store
from tests.contract.store.samples import AUTHORITY, host, node, slice_key, slots


def main(url: str, name: str, capacity: int) -> None:
    store = open_store(url, authority=AUTHORITY, busy_seconds=30.0)
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    sys.stdin.readline()
    full = False
    while not full:
        with store.write() as unit:
            key = slice_key(unit, name)
            unit.lock_components([host("pc1")])
            full = unit.held().get((host("pc1"), "slots"), 0) >= capacity
            if not full:
                one = node(unit, key, name, slots("pc1"))
                unit.add([one])
                (shared,) = unit.slivers(slice_key(unit, "shared"))
                unit.save([replace(shared, generation=shared.generation + 1)])
        sys.stdout.write(f"{one.urn}\n" if not full else "")
    store.close()


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]))
