"""The life of a slice, with the simulated driver: Allocate, Provision, Status and Delete."""

from collections.abc import Iterator
from typing import Final

from bench.figures import Figure
from bench.house import House, furnished, served, slices
from bench.plan import Plan
from tests.functional.rspecs import example
from tests.functional.running import GENI3, Slice

LIFECYCLE: Final = "Allocate, Provision, Status, Delete"


def measure(plan: Plan) -> Iterator[Figure]:
    """Two nodes and a link, by so many clients at a time, each with a slice of its own."""
    for database in plan.databases:
        with furnished(plan.directory, database=database) as home, served(home) as house:
            made = slices(house, max(plan.clients), "life")
            for clients in plan.clients:
                for kept in (True, False):
                    turns = [life(house, one) for one in made[:clients]]
                    yield Figure(
                        LIFECYCLE,
                        {
                            "database": database,
                            "clients": clients,
                            "connection": "kept" if kept else "new",
                        },
                        house.race(turns, seconds=plan.seconds, kept=kept),
                    )


def life(house: House, made: Slice) -> list[bytes]:
    """The calls of a slice's life."""
    urns = [made.urn]
    return [
        house.request("Allocate", made.urn, made.creds, example("two-nodes"), {}),
        house.request("Provision", urns, made.creds, GENI3),
        house.request("Status", urns, made.creds, {}),
        house.request("Delete", urns, made.creds, {}),
    ]
