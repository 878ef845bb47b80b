"""What a second server process adds, beside what it adds to the echo."""

from collections.abc import Iterator
from typing import Final

from bench.calls import STATUS, slice_of_ten, status_of
from bench.figures import Figure
from bench.house import furnished, served
from bench.plan import Plan

CLIENTS: Final = 8


def measure(plan: Plan) -> Iterator[Figure]:
    """Status by eight clients whose connections are kept, with one worker and with two."""
    for database in plan.databases:
        for workers in (1, 2):
            with (
                furnished(plan.directory, database=database, workers=workers) as home,
                served(home) as house,
            ):
                call = status_of(house, slice_of_ten(house))
                yield Figure(
                    STATUS,
                    {"database": database, "workers": workers, "clients": CLIENTS},
                    house.race([[call]] * CLIENTS, seconds=2 * plan.seconds),
                )
