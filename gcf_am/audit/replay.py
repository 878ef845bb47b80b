"""The state as the log tells it: what was there after some row of it."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Final

from gcf_am.audit.row import Row
from gcf_am.clock import format_time
from gcf_am.errors import GcfAmError

_GONE: Final = "geni_unallocated"
SHUT_DOWN: Final = "shut_down"


class Untold(GcfAmError):
    """The log does not tell it: it lies before what is kept, or before there was a log."""


@dataclass(frozen=True, slots=True)
class Standing:
    """A sliver that is live, or that a driver still has to destroy.

    `slice` is its URN and UUID; `holds` are (component, dimension, amount). `since` is when it was
    allocated; `caller` and `tool` are who did that, as far as the log still tells.
    """

    urn: str
    slice: tuple[str, str]
    allocation: str
    operational: str
    error: str
    since: datetime
    told: Mapping[str, Any]
    caller: str = ""
    tool: str = ""

    @property
    def holds(self) -> tuple[tuple[str, str, int], ...]:
        """What it takes of which component."""
        return tuple((name, dimension, amount) for name, dimension, amount in self.told["holds"])

    @property
    def there(self) -> bool:
        """False once it is over and owes its driver nothing."""
        return self.allocation != _GONE or bool(self.told["step"])


@dataclass(slots=True)
class State:
    """Slivers by URN, and the slices (URN, UUID) that are shut down."""

    slivers: dict[str, Standing] = field(default_factory=dict)
    shut: set[tuple[str, str]] = field(default_factory=set)

    def apply(self, row: Row) -> tuple[Standing | None, Standing | None]:
        """Let a change have happened; answers the sliver it was about before and afterwards.

        Raises Untold when the log does not say what the sliver was.
        """
        event = row.event
        told = event.told
        if SHUT_DOWN in told:
            change = self.shut.add if told[SHUT_DOWN] else self.shut.discard
            change((event.slice, event.uuid))
            return None, None
        before = self.slivers.get(event.subject)
        if before is None and "holds" not in told:
            raise Untold(f"the log tells of {event.subject}, and not how it came to be there")
        states, _, error = event.after.partition(" ")
        allocation, _, operational = states.partition("/")
        if before is None:
            at = Standing(event.subject, (event.slice, event.uuid), "", "", "", event.at, told)
            at = replace(at, caller=event.caller, tool=event.tool)
        else:
            at = replace(before, told={**before.told, **told})
        after = replace(at, allocation=allocation, operational=operational, error=error)
        if after.there:
            self.slivers[event.subject] = after
            return before, after
        self.slivers.pop(event.subject, None)
        return before, None

    @property
    def held(self) -> dict[tuple[str, str], int]:
        """Sums of holds by component and dimension."""
        sums: dict[tuple[str, str], int] = {}
        for one in self.slivers.values():
            for component, dimension, amount in one.holds:
                sums[component, dimension] = sums.get((component, dimension), 0) + amount
        return sums

    def write(self) -> dict[str, object]:
        """The state as JSON values, without people: a checkpoint outlasts what is forgotten."""
        return {
            "slivers": [
                [one.urn, *one.slice, one.allocation, one.operational, one.error,
                 one.since.isoformat(), one.told]
                for one in self.slivers.values()
            ],
            "shut": sorted(map(list, self.shut)),
        }  # fmt: skip

    @classmethod
    def read(cls, written: Mapping[str, Any]) -> "State":
        """What `write` wrote."""
        return cls(
            {
                urn: Standing(
                    urn, (slice_, uuid), allocation, operational, error,
                    datetime.fromisoformat(since), told,
                )
                for urn, slice_, uuid, allocation, operational, error, since, told
                in written["slivers"]
            },
            {(urn, uuid) for urn, uuid in written["shut"]},
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Begin:
    """Where the log begins to tell: `state` is what was there behind row `seq`, at `at`.

    `at` is None where there was nothing before.
    """

    seq: int = 0
    at: datetime | None = None
    state: State = field(default_factory=State)

    def check(self, moment: datetime) -> None:
        """Raise Untold for a time that the log does not tell of any more, or not yet."""
        if self.at is not None and moment < self.at:
            raise Untold(f"the log tells of what was there from {format_time(self.at)} on")


def until(rows: Iterable[Row], moment: datetime) -> Iterator[Row]:
    """The rows to the first change that is later: so what is replayed is a state that was.

    Rows stand in the order in which they were committed, and are dated when their call was judged.
    """
    for row in rows:
        if row.event.at > moment:
            return
        yield row


def replay(rows: Iterable[Row], state: State) -> State:
    """The state after these changes, which are behind `state`; raises Untold."""
    for row in rows:
        state.apply(row)
    return state
