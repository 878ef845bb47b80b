"""Who works on slivers is where they stand; elsewhere all of them would seem to be gone."""

from datetime import timedelta
from typing import Final

from gcf_am.errors import ConfigError
from gcf_am.manager.aggregate import Aggregate
from gcf_am.manager.imaging import Imaging
from gcf_am.manager.placed import Placed
from gcf_am.manager.ports import Duty

# By how much clocks may differ: little beside how long the shortest lease lasts.
_MOST: Final = timedelta(seconds=2)


def settle(am: Aggregate, *, move: bool = False) -> None:
    """Work on slivers here, at the place of the driver; raises ConfigError.

    Leases end by each machine's clock, so one that is wrong is refused.

    The first who works on a database's slivers says by this where they stand. Another place is
    refused as long as there are any, unless with `move`: what stands elsewhere is then given up.
    """
    ahead = am.store.ahead(am.clock)
    if abs(ahead) > _MOST:
        raise ConfigError(
            f"the clock here is {abs(ahead.total_seconds()):.0f} s"
            f" {'ahead of' if ahead > timedelta() else 'behind'} the database server's, and leases"
            " end by it: set both by NTP"
        )
    if not isinstance(am.driver, Placed):
        return
    place = am.driver.place()
    with am.store.write() as unit:
        if unit.take(Duty.PLACE, place, am.clock.now()):
            return
        before = unit.holder(Duty.PLACE)
        if before is not None and (move or not unit.kept("", 1)):
            unit.leave(Duty.PLACE, before)
            unit.take(Duty.PLACE, place, am.clock.now())
            return
    raise ConfigError(
        f"the slivers in this database stand elsewhere, not where the driver {am.driver.name} works"
        " here: serve calls only (`gcf-am serve --no-reconciler`), or give them up and begin anew"
        " (`gcf-am reconcile --move`)"
    )


def check_place(am: Aggregate) -> None:
    """Raise ConfigError where calls cannot be answered: what the driver offers is elsewhere."""
    if not isinstance(am.driver, Placed) or not isinstance(am.driver, Imaging):
        return
    with am.store.read() as unit:
        place = unit.holder(Duty.PLACE)
    if place not in {None, am.driver.place()}:
        raise ConfigError(
            f"the driver {am.driver.name} offers what is on the machine where it makes slivers, and"
            " that is another one: serve calls there"
        )
