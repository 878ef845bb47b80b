"""A large request, looked at before its turn: one that cannot be had keeps nobody waiting."""

from collections.abc import Callable, Iterable
from typing import Final

from gcf_am.manager import judging, standing
from gcf_am.manager.aggregate import Aggregate
from gcf_am.manager.draft import placed
from gcf_am.manager.parting import future
from gcf_am.manager.selection import live_slivers
from gcf_am.model.placement import Wish
from gcf_am.model.site import Site
from gcf_am.model.sliver import Sliver
from gcf_am.model.topology import Topology
from gcf_am.policy.rules import Who
from gcf_am.trust.grant import Grant

# With more slivers than these the search for what cannot be had may take a second and more.
_LARGE: Final = 100
# No row has it: no call may have named the slice yet.
_NO_SLICE: Final = 0


def foresee(
    am: Aggregate,
    grant: Grant,
    topology: Topology,
    site: Site,
    *,
    allow: Callable[[Iterable[Sliver]], None],
) -> None:
    """Raise what reserving a large request would, as far as the site's room is concerned.

    It is done beside the unit that writes, which others wait for. What is found is not kept: who
    comes first has it.
    """
    if len(topology.resources) <= _LARGE:
        return
    with am.store.read() as unit:
        here = standing.found(unit, grant)
        live = live_slivers(unit, here, grant.at)
        allow(live)
        who = Who(grant.subject, standing.slice_urn(grant))
        key = _NO_SLICE if here is None else here.key
        rules = am.policy().about(who)
        court = judging.open_court(rules, am.limits, unit, who, key, site, grant.at)
        held = unit.held()
    placed(
        court,
        topology,
        [Wish(one, None) for one in topology.resources],
        held=held,
        beside=[made for one in live if (made := future(one)) is not None],
    )
