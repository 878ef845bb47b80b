"""The life of a slice, with the simulated driver: Allocate, Provision, Status and Delete."""

from collections.abc import Iterator
from typing import Final

from bench.client import request
from bench.figures import Figure
from bench.house import furnished, served, slices
from bench.plan import Plan
from tests.functional.rspecs import example
from tests.functional.running import GENI3

LIFECYCLE: Final = "Allocate, Provision, Status, Delete"


def measure(plan: Plan) -> Iterator[Figure]:
    """Two nodes and a link, by so many clients at a time, each with a slice of its own."""
    for database in plan.databases:
        with furnished(plan.directory, database=database) as home, served(home) as house:
            made = slices(house, max(plan.clients), "life")
            for clients in plan.clients:
                for kept in (True, False):
                    turns = [life(house.client.url, one.urn, one.creds) for one in made[:clients]]
                    yield Figure(
                        LIFECYCLE,
                        {
                            "database": database,
                            "clients": clients,
                            "connection": "kept" if kept else "new",
                        },
                        house.race(turns, seconds=plan.seconds, kept=kept),
                    )


def life(url: str, urn: str, creds: list[dict[str, str]]) -> list[bytes]:
    """The calls of a slice's life."""
    return [
        request(url, "Allocate", urn, creds, example("two-nodes"), {}),
        request(url, "Provision", [urn], creds, GENI3),
        request(url, "Status", [urn], creds, {}),
        request(url, "Delete", [urn], creds, {}),
    ]
