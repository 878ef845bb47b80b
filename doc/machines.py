"""The state machines as the code's tables have them; by hand is only where boxes stand.

A state without a place, or a place without a state, is an error.
"""

from collections.abc import Iterable, Mapping
from enum import Enum

from doc.svg import Arrow, Chart, Point
from gcf_am.model.states import ALLOCATION, LOST, OPERATIONAL, AllocationState, OperationalState
from gcf_am.surface.lifecycle import AUTOMATON, State

# Somebody asked, the aggregate's own work ended, or the driver found it so.
Step = tuple[str, str, str]


def allocation() -> Chart:
    """How far a sliver is promised."""
    steps = [(before, after, event.value) for (before, event), after in ALLOCATION.items()]
    places = {
        "geni_unallocated": (0.0, 0.0),
        "geni_allocated": (2.0, 0.0),
        "geni_updating": (0.0, 2.8),
        "geni_provisioned": (2.0, 2.8),
    }
    return _chart("Allocation states of a sliver", AllocationState, steps, places)


def operational() -> Chart:
    """What a sliver is doing; one table for nodes and links of every driver."""
    steps: list[Step] = []
    for state, row in OPERATIONAL.items():
        steps += [(state, after, action.value) for action, after in row.actions.items()]
        steps += [(state, after, outcome.value) for outcome, after in row.waits.items()]
    lost = [(before, after, "found gone") for before, after in LOST.items()]
    places = {
        "geni_pending_allocation": (0.25, 0.0),
        "geni_notready": (0.0, 1.0),
        "geni_stopping": (2.0, 1.0),
        "geni_failed": (1.0, 2.6),
        "geni_configuring": (0.0, 4.0),
        "geni_ready": (2.0, 4.0),
        "geni_updating_users": (1.3, 6.2),
    }
    return _chart("Operational states of a sliver", OperationalState, steps, places, lost)


def lifecycle() -> Chart:
    """What a client may count on, over releases."""
    new = "not there"
    steps = [
        (new if before is None else before.name.capitalize(), after.name.capitalize(), change.value)
        for (before, change), after in AUTOMATON.items()
    ]
    places = {
        new: (0.0, 0.0),
        "Prototype": (0.8, 1.4),
        "Published": (1.4, 0.0),
        "Deprecated": (2.4, 0.0),
        "Removed": (2.4, 1.4),
    }
    names = [new, *(state.name.capitalize() for state in State)]
    return _chart("Lifecycle of an element of the surface", names, steps, places)


def _chart(
    title: str,
    states: Iterable[str | Enum],
    steps: Iterable[Step],
    places: Mapping[str, Point],
    lost: Iterable[Step] = (),
) -> Chart:
    names = {str(one.value) if isinstance(one, Enum) else one for one in states}
    if names != set(places):
        raise ValueError(f"{title}: no place for {sorted(names ^ set(places))}")
    return Chart(title, places, [*_arrows(steps), *_arrows(lost, dashed=True)])


def _arrows(steps: Iterable[Step], *, dashed: bool = False) -> list[Arrow]:
    labels: dict[tuple[str, str], list[str]] = {}
    for before, after, label in steps:
        labels.setdefault((str(before), str(after)), []).append(label)
    return [
        Arrow(*ends, tuple(told), two_way=ends[::-1] in labels, dashed=dashed)
        for ends, told in labels.items()
    ]
