"""The usual calls on a small site: one client and many, connections kept and made anew."""

from collections.abc import Iterator, Mapping

from bench.figures import Figure
from bench.house import House, furnished, served
from bench.plan import Plan
from bench.requests import nodes
from tests.functional.running import GENI3, Slice

STATUS = "Status of 10 slivers"


def measure(plan: Plan) -> Iterator[Figure]:
    """On each database: each call, by so many clients, both ways to connect."""
    for database in plan.databases:
        with furnished(plan.directory, database=database) as home, served(home) as house:
            made = slice_of_ten(house)
            for what, call in _calls(house, made).items():
                for clients in plan.clients:
                    for kept in (True, False):
                        yield Figure(
                            what,
                            {
                                "database": database,
                                "clients": clients,
                                "connection": "kept" if kept else "new",
                            },
                            house.race([[call]] * clients, seconds=plan.seconds, kept=kept),
                        )


def _calls(house: House, made: Slice) -> Mapping[str, bytes]:
    packed = {**GENI3, "geni_compressed": True}
    return {
        "GetVersion": house.request("GetVersion"),
        "ListResources, compressed": house.request("ListResources", made.creds, packed),
        STATUS: status_of(house, made),
    }


def slice_of_ten(house: House, name: str = "ten") -> Slice:
    """A new slice of alice's with ten nodes, allocated."""
    made = house.alice.new_slice(name)
    made.done("Allocate", nodes(10))
    return made


def status_of(house: House, made: Slice) -> bytes:
    """Status of the whole slice."""
    return house.request("Status", [made.urn], made.creds, {})
