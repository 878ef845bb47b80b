"""The life of a slice, with the simulated driver: Allocate, Provision, Status and Delete."""

from collections.abc import Iterator
from pathlib import Path
from time import monotonic, sleep
from typing import Final

from bench.client import Failed, request
from bench.figures import Figure
from bench.house import furnished, served, slices
from bench.plan import Plan
from gcf_am.config import read_config
from gcf_am.store import open_store
from tests.functional.rspecs import example
from tests.functional.running import GENI3

LIFECYCLE: Final = "Allocate, Provision, Status, Delete"
# Room enough for what was deleted, and is held until the driver has destroyed it.
_NODES: Final = 100
_PATIENCE: Final = 120.0
_PAUSE: Final = 0.05


def measure(plan: Plan) -> Iterator[Figure]:
    """Two nodes and a link, by so many clients at a time, each with a slice of its own."""
    for database in plan.databases:
        with (
            furnished(plan.directory, database=database, nodes=_NODES) as home,
            served(home) as house,
        ):
            made = slices(house, max(plan.clients), "life")
            for clients in plan.clients:
                for kept in (True, False):
                    turns = [life(house.client.url, one.urn, one.creds) for one in made[:clients]]
                    given: dict[str, str | int] = {
                        "database": database,
                        "clients": clients,
                        "connection": "kept" if kept else "new",
                    }
                    yield Figure(
                        LIFECYCLE, given, house.race(turns, seconds=plan.seconds, kept=kept)
                    )
                    _settle(home)


def _settle(home: Path) -> None:
    """Wait until all that was deleted is destroyed, and its room free."""
    config = read_config(home)
    store = open_store(config.database_url, authority=config.aggregate.authority)
    end = monotonic() + _PATIENCE
    try:
        while monotonic() < end:
            with store.read() as unit:
                if not unit.held():
                    return
            sleep(_PAUSE)
    finally:
        store.close()
    raise Failed("what was deleted is not destroyed in time")


def life(url: str, urn: str, creds: list[dict[str, str]]) -> list[bytes]:
    """The calls of a slice's life."""
    return [
        request(url, "Allocate", urn, creds, example("two-nodes"), {}),
        request(url, "Provision", [urn], creds, GENI3),
        request(url, "Status", [urn], creds, {}),
        request(url, "Delete", [urn], creds, {}),
    ]
