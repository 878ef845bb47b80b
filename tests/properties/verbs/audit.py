"""What the store says afterwards: nothing is held, and every event is a step of the tables."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path

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


def stories(file: Path) -> dict[str, list[tuple[str, str, str]]]:
    """For each sliver (verb, before, after), in the order in which they were written."""
    found: dict[str, list[tuple[str, str, str]]] = defaultdict(list)
    engine = create_engine(f"sqlite:///{file}")
    with engine.connect() as connection:
        for row in connection.execute(select(EVENTS).order_by(EVENTS.c.id)):
            if "+sliver+" in row.subject:
                found[row.subject].append((row.verb, row.before, row.after))
    engine.dispose()
    return found


def check_stories(told: dict[str, list[tuple[str, str, str]]]) -> None:
    """Each sliver began with nothing, went by the tables without a gap, and ended."""
    for sliver, story in told.items():
        place = ""
        for verb, before, after in story:
            assert before == place, (sliver, story)
            place = after
            check_step(verb, before, after)
        assert place.startswith(_GONE), (sliver, story)


def check_step(verb: str, before: str, after: str) -> None:
    now, operational = _states(after)
    if not before:
        assert verb in {"Allocate", "Update"}
        assert (now, operational) == ("geni_allocated", "geni_pending_allocation")
        return
    was, ran = _states(before)
    if was != now:
        assert (was, now) in ALLOCATIONS[verb], (verb, before, after)
    if now == _GONE:
        assert operational == "geni_pending_allocation"
    elif ran != operational:
        assert operational in OPERATIONALS[ran], (verb, before, after)


def _states(words: str) -> tuple[str, str]:
    states = words.split(maxsplit=1)[0].split("/")
    return states[0], states[1]
