"""What one slice costs where many others are: Status with so many slivers around."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from bench.calls import STATUS, slice_of_ten, status_of
from bench.figures import Figure
from bench.house import furnished, served
from bench.plan import Plan
from gcf_am.app.aggregate import site_of
from gcf_am.config import read_config
from tests.filling import fill


def measure(plan: Plan) -> Iterator[Figure]:
    """Ten slivers in a slice of their own among ever more of others', on the largest site."""
    nodes = max(plan.nodes)
    for database in plan.databases:
        with furnished(plan.directory, database=database, nodes=nodes) as home:
            there = 0
            for around in plan.around:
                _fill(home, around - there)
                there = around
                with served(home) as house:
                    call = status_of(house, slice_of_ten(house, f"ten-{around}"))
                    yield Figure(
                        STATUS,
                        {"database": database, "nodes": nodes, "around": around},
                        house.race([[call]], seconds=2 * plan.seconds),
                    )


def _fill(home: Path, live: int) -> None:
    config = read_config(home)
    fill(config.database_url, site_of(config), live=live, past=0, now=datetime.now(UTC))
