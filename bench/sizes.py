"""What depends on how large the site is: the advertisement, and finding places."""

from collections.abc import Iterator, Mapping
from statistics import median
from time import perf_counter
from typing import Final

from bench.figures import Figure
from bench.house import House, furnished, served
from bench.plan import Plan
from bench.race import rounded
from bench.requests import nodes
from tests.functional.running import GENI3, Person, credential

PLAIN: Final = "ListResources"
COMPRESSED: Final = "ListResources, compressed"
_TIMES: Final = 9


def measure(plan: Plan) -> Iterator[Figure]:
    """On each database and each size of the site, all by one client whose connection is kept."""
    for database in plan.databases:
        for size in plan.nodes:
            given: Mapping[str, str | int] = {"database": database, "nodes": size}
            with (
                furnished(plan.directory, database=database, nodes=size) as home,
                served(home) as house,
            ):
                for what, call in _calls(house, house.alice).items():
                    yield Figure(what, given, house.race([[call]], seconds=plan.seconds))
                for asked in plan.asked:
                    times = 1 if plan.tiny else _TIMES
                    yield Figure(
                        f"Allocate of {asked} nodes", given, _allocate(house, asked, times)
                    )


def _calls(house: House, alice: Person) -> Mapping[str, bytes]:
    creds = [credential(alice.user_credential)]
    packed = {**GENI3, "geni_compressed": True}
    return {
        "GetVersion": house.request("GetVersion"),
        PLAIN: house.request("ListResources", creds, GENI3),
        COMPRESSED: house.request("ListResources", creds, packed),
        "ListResources, available": house.request(
            "ListResources", creds, {**GENI3, "geni_available": True}
        ),
        "ListResources, available and compressed": house.request(
            "ListResources", creds, {**packed, "geni_available": True}
        ),
    }


def _allocate(house: House, count: int, times: int) -> dict[str, float]:
    """Allocate and, outside of what is measured, Delete; what is allocated is free at once."""
    made = house.alice.new_slice(f"of{count}")
    allocate = house.request("Allocate", made.urn, made.creds, nodes(count), {})
    delete = house.request("Delete", [made.urn], made.creds, {})
    taken = []
    with house.client.connect() as connection:
        for _ in range(times + 1):
            begin = perf_counter()
            connection.done(allocate)
            taken.append(perf_counter() - begin)
            connection.done(delete)
    return {"ms": rounded(median(taken[1:]) * 1000)}
