"""What calls and sweeps cost does not grow with what is around them, there or past.

It is counted in what SQLite does for a statement: steps of its machine, of which it takes some for
each row that it visits.
"""

import sqlite3
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

import pytest
from sqlalchemy import Engine, event

from gcf_am.errors import InsufficientNodes, TooBig
from gcf_am.manager.expire import expire
from gcf_am.manager.ports import Unit
from gcf_am.policy.rules import NO_RULES, NODE_HOURS, Rules
from gcf_am.rspec.inventory import read_site
from tests.filling import fill
from tests.functional.manager.conftest import Build
from tests.functional.manager.house import MANAGER, NOW, House, node
from tests.functional.manager.house import request as rspec
from tests.functional.manager.test_statements import EVERY_QUOTA, SITE, shared
from tests.unit.model.small import shared as host
from tests.unit.model.small import star

# Of the 200 that the site's shared hosts take; and in the past.
_LIVE: Final = 150
_PAST: Final = 3000
# Node hours are left out: they are those of each node that lived within the window.
GENEROUS: Final = replace(
    EVERY_QUOTA, quotas=tuple(one for one in EVERY_QUOTA.quotas if one.of != NODE_HOURS)
)
# Steps by which even the same statements differ: a row is found or made, a page is split.
_CHANCE: Final = 500


class Meter:
    """Counts steps of the statements that are run while it is on, by what they are run for."""

    def __init__(self) -> None:
        self.steps: Counter[str] = Counter()
        self._asked: set[sqlite3.Connection] = set()

    @contextmanager
    def on(self, name: str) -> Iterator[None]:
        """Count for this."""

        def step() -> None:
            self.steps[name] += 1

        def begin(_connection: Any, cursor: sqlite3.Cursor, *_: Any) -> None:
            # it stays, since rows are visited as they are fetched
            cursor.connection.set_progress_handler(step, 1)
            self._asked.add(cursor.connection)

        event.listen(Engine, "before_cursor_execute", begin)
        try:
            yield
        finally:
            event.remove(Engine, "before_cursor_execute", begin)
            for one in self._asked:
                one.set_progress_handler(None, 0)
            self._asked.clear()


def measured(house: House) -> Counter[str]:
    """The steps of each verb over a slice of ten slivers, and of each sweep."""
    meter = Meter()

    def step(name: str, call: Callable[[], object]) -> None:
        with meter.on(name):
            call()

    def sweep(name: str, job: Callable[[Unit], object]) -> None:
        with meter.on(name), house.am.store.write() as unit:
            job(unit)

    # the components' rows, and what this process knows of holds
    house.slice("first").allocate(shared(40))
    house.slice("first").delete()
    mine = house.slice("mine", authority="gcf.local:project")
    step("Allocate", lambda: mine.allocate(shared(10)))
    step("Status", mine.status)
    step("Describe", mine.describe)
    step("Renew", lambda: mine.renew(NOW + timedelta(hours=1)))
    step("Provision", mine.provision)
    house.work()
    step("PerformOperationalAction", lambda: mine.act("geni_start"))
    house.work()
    now, later = house.clock.now(), NOW + timedelta(days=1)
    step("expiry", lambda: expire(house.am, now))
    sweep("leases", lambda unit: unit.lease_work("me", now, later, 8, services=4))
    sweep("news", lambda unit: unit.news(1))
    sweep("retention", lambda unit: unit.remove_ended(NOW - timedelta(days=999), 200))
    sweep("observation", lambda unit: unit.settled("", 500))
    step("held", lambda: house.am.store.held_since(house.am.store.held_since(0)[0]))
    step("Delete", mine.delete)
    house.work()
    return meter.steps


@pytest.fixture(params=[NO_RULES, GENEROUS], ids=["no rules", "quotas"])
def rules(request: pytest.FixtureRequest) -> Rules:
    found: Rules = request.param
    return found


def test_what_is_around_costs_nothing(building: Build, tmp_path: Path, rules: Rules) -> None:
    site = read_site(SITE.read_bytes(), manager=MANAGER)
    alone = building().with_am(site=lambda: site, policy=lambda: rules)
    before = measured(alone)
    url = f"sqlite:///{tmp_path / 'store.sqlite'}"
    fill(url, site, live=_LIVE, past=_PAST, now=NOW)
    crowded = building().with_am(site=lambda: site, policy=lambda: rules)
    after = measured(crowded)
    assert before.keys() == after.keys()
    # who looks whether all that stands does stand looks at each, and at nothing past
    allowed = {"observation": 10 * _LIVE}
    grown = {
        name: (before[name], after[name])
        for name in before
        if after[name] > 1.25 * before[name] + _CHANCE + allowed.get(name, 0)
    }
    assert grown == {}


def test_a_large_site_is_searched_among_few_hosts_and_refuses_as_a_whole(house: House) -> None:
    site = star(*(host(f"h{number}", slots=1) for number in range(700)))
    large = house.with_am(site=lambda: site)
    mine = large.slice("mine")
    mine.allocate(shared(3))
    assert len(house.held()) == 3
    assert len({component for component, _ in house.held()}) == 3
    named = large.slice("named")
    named.allocate(rspec(node("n", host="h612")))
    assert house.held()["urn:publicid:IDN+gcf.local+node+h612", "slots"] == 1
    with pytest.raises(InsufficientNodes, match="697 wanted, 696 available"):
        large.slice("others").allocate(shared(697))
    with pytest.raises(TooBig, match="701 nodes wanted, room for 700"):
        large.slice("others").allocate(shared(701))
    large.slice("others").allocate(shared(696))
    assert len(house.held()) == 700
