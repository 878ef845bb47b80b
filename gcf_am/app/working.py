"""What works without a caller: slivers are made true, the record is kept, authorities are told."""

import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from gcf_am.app.announcing import Announcer
from gcf_am.app.keeping import Keeper
from gcf_am.app.settling import settle
from gcf_am.config import Config
from gcf_am.manager.aggregate import Aggregate
from gcf_am.reconciler import Reconciler

# What telling an authority that is under way is given to end.
_LAST_MOMENT: Final = 1.0


@contextmanager
def at_work(config: Config, aggregate: Aggregate, *, move: bool = False) -> Iterator[Reconciler]:
    """Work, beside any number of other processes on the database; raises what settle() does.

    Leases keep them apart, by the owner's name: of a sliver one reconciler's driver is at work, of
    the record one keeper, and one tells of slivers.
    """
    settle(aggregate, move=move)
    owner = f"{socket.gethostname()}:{os.getpid()}"
    reconciler = Reconciler(aggregate, workers=config.driver.workers, owner=owner)
    keeper = Keeper(config, aggregate.store, owner=owner)
    announcer = Announcer(config, aggregate.store, owner=owner)
    try:
        reconciler.start()
        keeper.start()
        announcer.start()
        yield reconciler
    finally:
        reconciler.stop(config.listen.stop_seconds)
        announcer.stop(_LAST_MOMENT)
        # last of all, as all others write to the log
        keeper.stop(config.listen.stop_seconds)
