"""Who held a component, an address or a VLAN, and when."""

import ipaddress
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from gcf_am.audit.replay import Begin, Standing
from gcf_am.audit.row import Row


@dataclass(frozen=True, slots=True)
class Tenure:
    """A sliver had something from `begin` until `end`; `end` is None when it still has it.

    `what` is how the log names it: component and dimension, or an address.
    """

    what: str
    sliver: Standing
    begin: datetime
    end: datetime | None = None

    def at(self, moment: datetime) -> bool:
        """Whether it was held then."""
        return self.begin <= moment and (self.end is None or moment < self.end)


def tenures(rows: Iterable[Row], begin: Begin, name: str) -> Iterator[Tenure]:
    """When whatever `name` means was held, in the order in which that ended; what still is, last.

    `name` is a component's URN or the end of it, `vlan:TAG`, an IP or MAC address, or host:port of
    a login. The rows are changes, behind `begin`.
    """
    state = begin.state
    still: dict[tuple[str, str], Tenure] = {}
    for one in state.slivers.values():
        still.update(
            ((one.urn, what), Tenure(what, one, begin.at or one.since)) for what in meant(one, name)
        )
    for row in rows:
        urn, at = row.event.subject, row.event.at
        before, after = state.apply(row)
        had = meant(before, name) if before is not None else set()
        has = meant(after, name) if after is not None else set()
        for what in sorted(had - has):
            yield replace(still.pop((urn, what)), end=at)
        if after is not None:
            still.update(((urn, what), Tenure(what, after, at)) for what in sorted(has - had))
    yield from still.values()


def meant(sliver: Standing, name: str) -> set[str]:
    """What of the things that the sliver has bears this name."""
    found = {
        f"{component} ({dimension})"
        for component, dimension, _ in sliver.holds
        if name in {component, component.rsplit("+", 1)[-1]}
    }
    found.update(one for one in sliver.told["addresses"] if _same(one, name))
    access = sliver.told["access"]
    if access and name in {access, access.rpartition(":")[0]}:
        found.add(access)
    return found


def _same(address: str, name: str) -> bool:
    if address.casefold() == name.casefold():
        return True
    try:
        return ipaddress.ip_address(address) == ipaddress.ip_address(name)
    except ValueError:
        return False
