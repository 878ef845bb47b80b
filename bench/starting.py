"""What a large site costs a server: its start, its memory, and its advertisement after a change."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Final

from bench.figures import Figure
from bench.house import House, furnished, served
from bench.plan import Plan
from bench.race import rounded
from bench.requests import nodes
from tests.functional.running import GENI3, credential, start

START: Final = "start, the inventory read before"
MEMORY: Final = "memory of a worker after all forms of ListResources"
_DIGEST: Final = ".site.xml.digest"
_TIMES: Final = 8


def measure(plan: Plan) -> Iterator[Figure]:
    """On SQLite, for each size of the site: clearinghouse and aggregate with two workers."""
    for size in plan.nodes:
        given: Mapping[str, str | int] = {"database": "sqlite", "nodes": size}
        with furnished(plan.directory, database="sqlite", nodes=size) as home:
            if not plan.tiny:
                (home / _DIGEST).unlink(missing_ok=True)
                yield Figure("start, the inventory new", given, {"seconds": _start(home)})
                yield Figure(START, given, {"seconds": _start(home)})
            with served(home) as house:
                workers = _workers(house)
                yield Figure("memory of a worker at its start", given, {"MiB": _memory(workers)})
                yield Figure(
                    "ListResources, compressed, after an Allocate", given, {"ms": _changed(house)}
                )
                _all_forms(house)
                yield Figure(MEMORY, given, {"MiB": _memory(workers)})


def _start(home: Path) -> float:
    """Seconds until it tells that it is ready, which is when every worker answers."""
    begin = perf_counter()
    running = start(home)
    taken = perf_counter() - begin
    running.stop()
    return rounded(taken)


def _changed(house: House) -> float:
    """Milliseconds of the first answer after a change of holds, by the worker that knew it."""
    made = house.alice.new_slice("changing")
    listed = house.request("ListResources", made.creds, {**GENI3, "geni_compressed": True})
    delete = house.request("Delete", [made.urn], made.creds, {})
    taken = []
    with house.client.connect() as connection:
        connection.done(listed)
        for _ in range(_TIMES):
            connection.done(house.request("Allocate", made.urn, made.creds, nodes(1), {}))
            begin = perf_counter()
            connection.done(listed)
            taken.append(perf_counter() - begin)
            connection.done(delete)
    return rounded(median(taken) * 1000)


def _all_forms(house: House) -> None:
    """Ask for every form so often, on connections of their own, that each worker has told it."""
    creds = [credential(house.alice.user_credential)]
    for options in (
        {"geni_compressed": compressed, "geni_available": available}
        for compressed in (True, False)
        for available in (True, False)
        for _ in range(_TIMES)
    ):
        with house.client.connect() as connection:
            connection.done(house.request("ListResources", creds, {**GENI3, **options}))


def _workers(house: House) -> list[int]:
    """The aggregate's processes that answer calls: those that hold the socket it listens on."""
    port = int(house.client.url.rstrip("/").rpartition(":")[2])
    listening = next(
        words[9]
        for words in map(str.split, Path("/proc/net/tcp").read_text("ascii").splitlines())
        if words[3] == "0A" and words[1].endswith(f":{port:04X}")
    )
    ours = house.running.process.pid
    return [
        int(one.name)
        for one in Path("/proc").iterdir()
        if one.name.isdigit() and int(one.name) != ours and _holds(one, f"socket:[{listening}]")
    ]


def _holds(process: Path, name: str) -> bool:
    try:
        return any(str(one.readlink()) == name for one in (process / "fd").iterdir())
    except OSError:
        return False


def _memory(workers: list[int]) -> float:
    """Of the largest, MiB: what it has alone, and its share of what it has with others (PSS)."""
    sizes = []
    for pid in workers:
        told = Path(f"/proc/{pid}/smaps_rollup").read_text("ascii")
        [size] = [one.split()[1] for one in told.splitlines() if one.startswith("Pss:")]
        sizes.append(int(size) / 1024)
    return rounded(max(sizes))
