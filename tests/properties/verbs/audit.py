"""What the store says afterwards: nothing is held, and every event is a step of the tables."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from sqlalchemy import create_engine, select

from gcf_am.store.tables import EVENTS

_LIVE = frozenset({"geni_allocated", "geni_provisioned", "geni_updating"})
_GONE = "geni_unallocated"
# seed 002: what each verb may do to a sliver that is
ALLOCATIONS = {
    "Update": {
        ("geni_allocated", "geni_allocated"),
        ("geni_allocated", _GONE),
        ("geni_provisioned", "geni_updating"),
        ("geni_updating", "geni_updating"),
    },
    "Provision": {
        ("geni_allocated", "geni_provisioned"),
        ("geni_updating", "geni_provisioned"),
        ("geni_updating", _GONE),
    },
    "Cancel": {("geni_allocated", _GONE), ("geni_updating", "geni_provisioned")},
    "Delete": {(one, _GONE) for one in _LIVE},
    "expiry": {(one, _GONE) for one in _LIVE},
}
# AM API v3, operational states: where each may lead, by an action or by itself
OPERATIONALS = {
    "geni_pending_allocation": {"geni_notready", "geni_failed"},
    "geni_notready": {"geni_configuring", "geni_pending_allocation", "geni_failed"},
    "geni_configuring": {"geni_ready", "geni_failed"},
    "geni_ready": {"geni_configuring", "geni_stopping", "geni_updating_users", "geni_failed"},
    "geni_updating_users": {"geni_ready", "geni_configuring", "geni_failed"},
    "geni_stopping": {"geni_notready", "geni_failed"},
    "geni_failed": {"geni_configuring", "geni_stopping", "geni_pending_allocation"},
}


class Step(NamedTuple):
    """One event row of a sliver: the states in words, as `allocation/operational`."""

    verb: str
    caller: str
    before: str
    after: str


def stories(url: str) -> dict[str, list[Step]]:
    """What happened to each sliver, in the order in which it was written to the database."""
    found: dict[str, list[Step]] = defaultdict(list)
    engine = create_engine(url)
    with engine.connect() as connection:
        for row in connection.execute(select(EVENTS).order_by(EVENTS.c.id)):
            if "+sliver+" in row.subject:
                found[row.subject].append(Step(row.verb, row.caller, row.before, row.after))
    engine.dispose()
    return found


def check_stories(told: Mapping[str, Sequence[Step]]) -> None:
    """Each sliver began with nothing, went by the tables without a gap, and ended."""
    for sliver, story in told.items():
        place = ""
        for step in story:
            assert step.before == place, (sliver, story)
            place = step.after
            check_step(step)
        assert allocation(place) == _GONE, (sliver, story)


def allocation(words: str) -> str:
    """The allocation state in an event's words; empty where there was nothing."""
    return words.split("/", 1)[0]


def check_step(step: Step) -> None:
    now, operational = _states(step.after)
    if not step.before:
        assert step.verb in {"Allocate", "Update"}
        assert (now, operational) == ("geni_allocated", "geni_pending_allocation")
        return
    was, ran = _states(step.before)
    if was != now:
        assert (was, now) in ALLOCATIONS[step.verb], step
    if now == _GONE:
        assert operational == "geni_pending_allocation"
    elif ran != operational:
        assert operational in OPERATIONALS[ran], step


def _states(words: str) -> tuple[str, str]:
    states = words.split(maxsplit=1)[0].split("/")
    return states[0], states[1]
