"""Whether all accounts of a race agree: the store's, the log's, and what the clients were told."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from gcf_am.app.keeping import LEASE
from gcf_am.audit.chain import verify
from gcf_am.audit.event import Kind
from gcf_am.audit.replay import State
from gcf_am.config import Config
from gcf_am.manager.ports import Unit, holding, holds_of
from gcf_am.model.sliver import Sliver
from gcf_am.store import open_store
from gcf_am.store.log import SqlLog, open_log
from tests.properties.verbs.audit import Step, allocation, check_step
from tests.properties.verbs.ground import short
from tests.properties.verbs.wishes import SITE
from tests.racing.client import Report

# What is told of once for each change, and what may tell of slivers that stay as they are.
_EACH = {"Allocate", "Delete"}
_SOME = {"Provision", "Cancel"}


@dataclass(frozen=True)
class Totals:
    """What was compared."""

    slivers: int
    live: int
    rows: int


def check_accounts(config: Config, reports: Iterable[Report], *, lost: bool = False) -> Totals:
    """While nobody works on the database: hold all accounts against each other.

    (1) The chain of the log holds.
    (2) What the log tells is what the store has: slivers, states, ends, and what they hold.
    (3) The holds are those of the slivers, and at no moment were they more than there is.
    (4) Each sliver's story goes by the tables, without a gap.
    (5) Every change that a client was told is in the log once, of its slice and sliver, and no
        other is. With `lost` some answers did not come: the log may know more.
    """
    with (
        closing(open_log(config.database_url)) as log,
        closing(open_store(config.database_url, authority="gcf.local")) as store,
        store.read() as unit,
    ):
        # (1) the chain; who sealed it may have been killed, and keeps the right to for a moment
        later = datetime.now(UTC) + LEASE
        while log.seal("verdict", later, later + LEASE):
            pass
        with log.chain() as chain:
            verdict = verify(chain.rows, base=chain.base, end=chain.end)
            assert verdict.seq is None, verdict
            assert not chain.unsealed
        # (2) log and store
        state = _replayed(log)
        there = {one.urn.text: one for one in _kept(unit)}
        assert told_by_log(state) == {urn: told_by_store(one) for urn, one in there.items()}
        # (3) holds
        held = dict(unit.held())
        assert held == state.held == _sums(there.values())
        # (4) stories
        stories = _stories(log)
        for urn, story in stories.items():
            place = ""
            for _, step in story:
                assert step.before == place, (urn, story)
                place = step.after
                check_step(step)
            assert (allocation(place) == "geni_unallocated") == (
                urn not in there or there[urn].allocation.value == "geni_unallocated"
            ), (urn, story)
    # (5) clients
    _check_told(stories, reports, lost=lost)
    rows = sum(map(len, stories.values()))
    return Totals(len(stories), len(there), rows)


def _replayed(log: SqlLog) -> State:
    """The state as the log tells it; what is held is looked at after each change."""
    begin = log.begin()
    state, held = begin.state, Counter(begin.state.held)
    with closing(log.changes(begin)) as rows:
        for row in rows:
            before, after = state.apply(row)
            for component, dimension, amount in before.holds if before else ():
                held[component, dimension] -= amount
            for component, dimension, amount in after.holds if after else ():
                held[component, dimension] += amount
                key = short(component), dimension
                if dimension == "vlan" or key in SITE:
                    assert held[component, dimension] <= SITE.get(key, 1), (key, row)
    return state


def _check_told(
    stories: dict[str, list[tuple[str, Step]]], reports: Iterable[Report], *, lost: bool
) -> None:
    told = [one for report in reports for one in report.told]
    answers = Counter(
        (one.method, one.slice, one.sliver, one.state)
        for one in told
        if one.method in _EACH | _SOME
    )
    events = Counter(
        (step.verb, slice_, urn, allocation(step.after))
        for urn, story in stories.items()
        for slice_, step in story
        if step.verb in _EACH | _SOME and allocation(step.before) != allocation(step.after)
    )
    for key, number in answers.items():
        if key[0] in _EACH:
            assert events[key] == number, (key, number, events[key])
    if not lost:
        assert events.keys() <= answers.keys(), events.keys() - answers.keys()
    # whatever was told of a sliver was told in its own slice
    owners = {urn: story[0][0] for urn, story in stories.items()}
    for one in told:
        assert owners[one.sliver] == one.slice, one


def told_by_log(state: State) -> dict[str, tuple[Any, ...]]:
    return {
        urn: (
            one.allocation,
            one.operational,
            datetime.fromisoformat(one.told["expires"]),
            sorted(one.holds),
        )
        for urn, one in state.slivers.items()
    }


def told_by_store(sliver: Sliver) -> tuple[Any, ...]:
    return (
        sliver.allocation.value,
        sliver.operational.value,
        sliver.expires,
        sorted((one.component, one.dimension, one.amount) for one in holds_of(sliver)),
    )


def _kept(unit: Unit) -> Iterator[Sliver]:
    after = ""
    while page := unit.kept(after, 500):
        yield from page
        after = page[-1].urn.text


def _sums(slivers: Iterable[Sliver]) -> dict[tuple[str, str], int]:
    sums: Counter[tuple[str, str]] = Counter()
    for sliver in slivers:
        if holding(sliver):
            for one in holds_of(sliver):
                sums[one.component, one.dimension] += one.amount
    return dict(sums)


def _stories(log: SqlLog) -> dict[str, list[tuple[str, Step]]]:
    """What happened to each sliver in the order of the chain, and in which slice."""
    found: dict[str, list[tuple[str, Step]]] = defaultdict(list)
    with closing(log.rows()) as rows:
        for row in rows:
            event = row.event
            if event.kind is Kind.CHANGE and "+sliver+" in event.subject:
                step = Step(event.verb, event.caller, event.before, event.after)
                found[event.subject].append((event.slice, step))
    return found
