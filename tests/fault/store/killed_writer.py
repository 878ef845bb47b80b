"""Lives each unit of the story again and again, killed one moment later each time.

Run by test_killed. Argument: where `copies` finds a database `before_N` for each unit N. Leaves
one for each death there and prints a line for each: unit, moment, and whether it was told to be
done. The last one of each unit lived.

The moments: before a transaction, before its commit, and after that, before anybody is told.
"""

import os
import signal
import sys
from itertools import count

from sqlalchemy import Engine, event
from sqlalchemy.pool import Pool

from gcf_am.store import SqlStore
from gcf_am.store.engine import open_database
from tests.contract.store.samples import AUTHORITY
from tests.fault.store.copies import Copies, copies_at
from tests.fault.store.story import STORY


def live(url: str, number: int, deadly: int, told: int) -> None:
    store = SqlStore(open_database(url, busy_seconds=5), authority=AUTHORITY)
    moments = count()

    def moment(*_: object) -> None:
        if next(moments) == deadly:
            os.kill(os.getpid(), signal.SIGKILL)

    event.listen(Engine, "begin", moment)
    event.listen(Engine, "commit", moment)
    event.listen(Pool, "checkin", moment)
    STORY[number](store)
    os.write(told, b".")


def die(copies: Copies, number: int, deadly: int) -> bool:
    """Let a child die; answers whether it did."""
    url = copies.copy(f"before_{number}", f"death_{number}_{deadly}")
    reading, writing = os.pipe()
    child = os.fork()
    if not child:
        live(url, number, deadly, writing)
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading, "rb") as told:
        sys.stdout.write(f"{number} {deadly} {len(told.read())}\n")
    sys.stdout.flush()
    return os.waitpid(child, 0)[1] != 0


def main(place: str) -> None:
    for number in range(len(STORY)):
        moments = count()
        while die(copies_at(place), number, next(moments)):
            pass


if __name__ == "__main__":
    main(sys.argv[1])
