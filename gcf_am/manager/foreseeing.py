"""What a request would meet now, seen without a lock and beside the unit that writes."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from gcf_am.manager import judging, standing
from gcf_am.manager.aggregate import Aggregate, Limits
from gcf_am.manager.draft import placed
from gcf_am.manager.judging import Court
from gcf_am.manager.parting import future
from gcf_am.manager.placing import Held
from gcf_am.manager.ports import Unit
from gcf_am.manager.selection import live_slivers
from gcf_am.model.placement import Wish
from gcf_am.model.site import Site
from gcf_am.model.sliver import Contents, Slice, Sliver
from gcf_am.model.topology import Topology
from gcf_am.policy.rules import Rules, Who
from gcf_am.trust.grant import Grant

# With more slivers than these the search for what cannot be had may take a second and more.
_LARGE: Final = 100
# No row has it: no call may have named the slice yet.
NO_SLICE: Final = 0


@dataclass(frozen=True, slots=True)
class Outlook:
    """The rules, the slice's live slivers, and all open holds: values only."""

    court: Court
    live: tuple[Sliver, ...]
    held: Held

    def placed(self, topology: Topology) -> list[Contents]:
        """Where all that is asked for would be put; raises what Allocate does for want of room."""
        return placed(
            self.court,
            topology,
            [Wish(one, None) for one in topology.resources],
            held=self.held,
            beside=[made for one in self.live if (made := future(one)) is not None],
        )


def look(
    unit: Unit,
    here: Slice | None,
    rules: Rules,
    limits: Limits,
    site: Site,
    who: Who,
    now: datetime,
) -> Outlook:
    """What a request of `who` in a slice, None for one that no call ever named, would meet."""
    key = NO_SLICE if here is None else here.key
    return Outlook(
        judging.open_court(rules, limits, unit, who, key, site, now),
        live_slivers(unit, here, now),
        unit.held(),
    )


def foresee(
    am: Aggregate,
    grant: Grant,
    topology: Topology,
    site: Site,
    *,
    allow: Callable[[Iterable[Sliver]], None],
) -> None:
    """Raise what reserving a large request would, as far as the site's room is concerned.

    So one that cannot be had keeps nobody waiting. What is found is not kept: who comes first
    has it.
    """
    if len(topology.resources) <= _LARGE:
        return
    who = Who(grant.subject, standing.slice_urn(grant))
    with am.store.read() as unit:
        here = standing.found(unit, grant)
        rules = am.policy().about(who)
        outlook = look(unit, here, rules, am.limits, site, who, grant.at)
    allow(outlook.live)
    outlook.placed(topology)
