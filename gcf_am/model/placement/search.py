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
_FEW: Final = 500
_ALL: Final = 20_000
_EACH: Final = 8
# A small request is sketched more often: it costs little, and chance decides more.
_SKETCHES: Final = 3
_SKETCHES_SMALL: Final = 16
_SMALL: Final = 100
# A large one is sketched once where ways are overloaded by more than this part of all it wants.
_LARGE: Final = 1000
_HOPELESS: Final = 0.05
# Of the ways of each end of a link so many are tried first: mostly another node is at fault.
_WAYS: Final = 2


def search(
    plan: Plan,
    site: Site,
    held: Mapping[Key, int],
    *,
    afresh: bool = False,
    quick: bool = False,
) -> Fit | Shortage:
    """Place a plan on what is left, or on the empty site (`afresh`, see Setting).

    A `quick` search tries less and proves nothing; what it finds is as good.

    1. What cannot be is seen without a search.
    2. Neighbours go together: mostly that does. Who has no neighbour goes where it likes.
    3. Where ways are narrow, it is sketched where all nodes had best go.
    4. Everything is tried, as far as it is bounded.
    """
    setting = Setting(plan, site, held, afresh=afresh)
    shortage = setting.shortage()  # 1
    if shortage is not None:
        return shortage
    many = len(setting.decisions)
    few, all_ = _FEW + _EACH * many, _ALL + _EACH * many
    if not any(nodes for nodes, _ in setting.neighbours):
        return Attempt(setting).run(all_)
    terrain = Terrain(setting, setting.ledger())
    first = Sketch(setting, terrain, 0)
    first.grow()
    found = Attempt(setting, first.pools(), ways=_WAYS).run(few)  # 2
    if isinstance(found, Fit) or found.proven:
        return found
    sketches = 1 if quick else _SKETCHES_SMALL if many < _SMALL else _SKETCHES
    for seed in range(sketches):  # 3
        sketch = Sketch(setting, terrain, seed)
        if sketch.grow():
            sketch.better()
            better = Attempt(setting, sketch.told(), firm=True, ways=_WAYS).run(few)
            if isinstance(better, Fit):
                return better
            if many > _LARGE and sketch.excess > _HOPELESS:
                break
    for ways in () if quick else (1, _WAYS, None):  # 4
        found = Attempt(setting, ways=ways).run(all_)
        if isinstance(found, Fit) or found.proven:
            return found
    return found
