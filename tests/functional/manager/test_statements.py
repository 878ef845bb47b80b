"""Each verb takes a fixed number of SQL statements, each of them served by an index."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

import pytest
from sqlalchemy import Engine, event

from gcf_am.model.share import SCOPES
from gcf_am.policy.rules import MEASURES, NO_RULES, Lifetimes, Quota, Restriction, Rules
from gcf_am.rspec.inventory import read_site
from tests.functional.manager.house import MANAGER, NOW, Caller, House, node
from tests.functional.manager.house import request as rspec

SITE: Final = Path(__file__).parents[3] / "rspecs" / "site.xml"


@contextmanager
def statements() -> Iterator[list[str]]:
    """The SQL statements that are run meanwhile; one with many rows of parameters counts once."""
    seen: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        seen.append(statement)

    event.listen(Engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(Engine, "before_cursor_execute", note)


def shared(count: int, *, first: int = 0) -> str:
    """A request for so many shared nodes."""
    return rspec(*(node(f"n{number}", exclusive=False) for number in range(first, first + count)))


def story(mine: Caller, count: int) -> dict[str, list[str]]:
    """What each verb ran, over a slice with so many slivers; Update doubles them."""
    ran: dict[str, list[str]] = {}

    def step(verb: str, call: Callable[[], object]) -> None:
        with statements() as seen:
            call()
        ran[verb] = list(seen)

    step("Allocate", lambda: mine.allocate(shared(count)))
    step("Status", mine.status)
    step("Describe", mine.describe)
    step("Renew", lambda: mine.renew(NOW + timedelta(hours=1)))
    step("Provision", mine.provision)
    mine.house.work()
    step("PerformOperationalAction", lambda: mine.act("geni_start"))
    mine.house.work()
    more = shared(count, first=count)
    grown = mine.describe().rspec.replace("</rspec>", more[more.index("<node") :])
    step("Update", lambda: mine.update(grown))
    step("Cancel", mine.cancel)
    step("Delete", mine.delete)
    mine.house.work()
    return ran


EVERY_QUOTA: Final = Rules(
    quotas=tuple(
        Quota(f"{of} per {per}", of=of, per=per, most=10**6) for of in MEASURES for per in SCOPES
    ),
    restrictions=(Restriction("r", components=("nothing",), only=("nobody.org",)),),
    lifetimes=(Lifetimes(total_hours=1000),),
)


@pytest.fixture(params=[NO_RULES, EVERY_QUOTA], ids=["no rules", "every quota"])
def big(house: House, request: pytest.FixtureRequest) -> House:
    """The house over the site that comes with the repository: room for 200 shared nodes."""
    site = read_site(SITE.read_bytes(), manager=MANAGER)
    return house.with_am(site=lambda: site, policy=lambda: request.param)


def test_the_number_of_statements_does_not_grow_with_the_slivers(big: House) -> None:
    # who comes first also makes the rows of the components that it locks and holds
    _, few, many = (
        story(big.slice(name, authority="gcf.local:project"), count)
        for name, count in (("first", 80), ("few", 2), ("many", 80))
    )
    counts = {verb: (len(few[verb]), len(many[verb])) for verb in few}
    assert {verb: count for verb, count in counts.items() if count[1] > count[0]} == {}


def test_each_statement_is_served_by_an_index(
    big: House, tmp_path: Path, empty_store: Path
) -> None:
    ran = {
        one for seen in story(big.slice(authority="gcf.local:project"), 2).values() for one in seen
    }
    asked = sorted(one for one in ran if one.startswith(("SELECT", "UPDATE", "DELETE")))
    assert asked
    with closing(sqlite3.connect(tmp_path / empty_store.name)) as database:
        scans = [
            (one, step)
            for one in asked
            for *_, step in database.execute(f"EXPLAIN QUERY PLAN {one}", (None,) * one.count("?"))
            if step.startswith("SCAN") and " USING " not in step
        ]
    assert scans == []
