"""Expiry: the aggregate itself ends slivers whose time is up."""

from datetime import datetime
from typing import Final

from gcf_am.manager import parting, record
from gcf_am.manager.aggregate import Aggregate
from gcf_am.manager.ending import ended
from gcf_am.manager.record import Author, Change
from gcf_am.model.states import AllocationEvent

_AT_ONCE: Final = 200


def expire(am: Aggregate, now: datetime) -> int:
    """End all slivers whose time is up at that moment, and answer how many there were.

    Called before capacity is taken and by the reconciler again and again. An updating sliver
    does not go back to what it was (Change Set C). Slivers of slices that were shut down stay
    for the operator. Source: AM API v3, sliver expiration; R222, R244.
    """
    ended_so_far = 0
    while True:
        with am.store.read() as unit:
            found = unit.expired(now, _AT_ONCE)
        if not found:
            break
        for key in sorted({one.slice_key for one in found}):
            ended_so_far += _expire_slice(am, key, now)
    if ended_so_far:
        am.wake()
    return ended_so_far


def _expire_slice(am: Aggregate, key: int, now: datetime) -> int:
    site = am.site()
    with am.store.write() as unit:
        here = unit.slice_of(key)
        here = unit.lock_slice(here.urn, here.uuid)
        if here.shut_down:
            return 0
        live = unit.slivers(key)
        changes = [
            Change(one, ended(one, AllocationEvent.EXPIRE)) for one in live if one.expired(now)
        ]
        author = Author.itself(am, AllocationEvent.EXPIRE, now)
        record.write(unit, author, parting.followed(changes, live, site))
    return len(changes)
