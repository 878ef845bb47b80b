"""The search: a quick attempt first, then with a plan of where all had best go, then everything."""

from collections.abc import Mapping
from typing import Final

from gcf_am.model.placement.attempt import Attempt, Fit
from gcf_am.model.placement.ledger import Key
from gcf_am.model.placement.plan import Plan
from gcf_am.model.placement.setting import Setting
from gcf_am.model.placement.shortage import Shortage
from gcf_am.model.placement.sketch import Sketch
from gcf_am.model.placement.terrain import Terrain
from gcf_am.model.site import Site

# These bound the work for a request that cannot be had. A step is some five microseconds; each
# decision has some for itself, so that a large request gets as far as a small one.
_QUICK: Final = 500
_QUICK_EACH: Final = 40
_SKETCHES: Final = 3
_MORE_SKETCHES: Final = 16
_LARGE: Final = 100
_ALL: Final = 60_000
_ALL_EACH: Final = 40


def search(
    plan: Plan, site: Site, held: Mapping[Key, int], *, afresh: bool = False
) -> Fit | Shortage:
    """Place a plan on what is left, or on the empty site (`afresh`, see Setting).

    1. What cannot be is seen without a search.
    2. Neighbours go together: mostly that does.
    3. Where ways are narrow, it is sketched where all nodes had best go.
    4. Everything is tried, as far as it is bounded.
    """
    setting = Setting(plan, site, held, afresh=afresh)
    shortage = setting.shortage()  # 1
    if shortage is not None:
        return shortage
    many = len(setting.decisions)
    few = _QUICK + _QUICK_EACH * many
    terrain = Terrain(setting, setting.ledger())
    sketches = (
        Sketch(setting, terrain, seed)
        for seed in range(_SKETCHES if many > _LARGE else _MORE_SKETCHES)
    )
    first = Sketch(setting, terrain, 0)
    first.grow()
    found = Attempt(setting, first.pools()).run(few)  # 2
    if isinstance(found, Fit) or found.proven:
        return found
    for sketch in sketches:  # 3
        if sketch.grow():
            sketch.better()
            better = Attempt(setting, sketch.told(), firm=True).run(few)
            if isinstance(better, Fit):
                return better
    return Attempt(setting).run(_ALL + _ALL_EACH * many)  # 4
