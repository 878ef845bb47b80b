"""Ended slivers go when they are old, and frames with the last that pointed to them."""

from dataclasses import replace

import pytest

from gcf_am.manager.record import Author, Change, write
from gcf_am.model.sliver import Step
from gcf_am.model.states import AllocationState
from gcf_am.store import SqlStore
from tests.contract.store.conftest import Place, look
from tests.contract.store.samples import (
    HOUR,
    NOW,
    OTHER_FRAME,
    link_contents,
    node,
    slice_key,
    slots,
)

ENDED = AllocationState.UNALLOCATED
CALLER = "urn:publicid:IDN+gcf.local+user+alice"


def count(place: Place, table: str) -> int:
    [[found]] = look(place.url, f"SELECT count(*) FROM {table}")
    return int(str(found))


def sweep(store: SqlStore, *, limit: int = 100) -> list[int]:
    """What each transaction removed, until one finds nothing."""
    gone: list[int] = []
    while not gone or gone[-1]:
        with store.write() as unit:
            gone.append(unit.remove_ended(NOW, limit))
    at: str | None = ""
    while at is not None:
        with store.write() as unit:
            at = unit.remove_frames(at, limit)
    return gone


def test_only_what_is_over_and_old_goes(place: Place, store: SqlStore) -> None:
    with store.write() as unit:
        key = slice_key(unit)
        old = NOW - HOUR
        over = node(unit, key, "over", allocation=ENDED, expires=old, frame=OTHER_FRAME)
        kept = [
            node(unit, key, "young", allocation=ENDED, expires=NOW),
            node(unit, key, "owed", slots("pc1"), allocation=ENDED, expires=old, step=Step.DESTROY),
            node(unit, key, "expired", expires=old),
        ]
        author = Author("Allocate", CALLER, "r", NOW)
        write(unit, author, [Change(None, one) for one in (over, *kept)])
    events = count(place, "events")
    assert sweep(store) == [1, 0]
    with store.read() as unit:
        assert unit.named([over.urn, *(one.urn for one in kept)]) == {one.urn: one for one in kept}
        assert unit.held()
    assert (count(place, "shares"), count(place, "frames")) == (3, 1)
    assert count(place, "events") == events
    assert sweep(store) == [0]


@pytest.mark.parametrize("limit", [1, 3])
def test_many_go_in_batches_and_their_names_are_not_used_again(
    place: Place, store: SqlStore, limit: int
) -> None:
    with store.write() as unit:
        key = slice_key(unit)
        made = [node(unit, key, str(n), allocation=ENDED, expires=NOW - HOUR) for n in range(7)]
        unit.add(made)
    assert sum(sweep(store, limit=limit)) == 7
    assert (count(place, "slivers"), count(place, "frames")) == (0, 0)
    with store.write() as unit:
        new = unit.new_urns(1)[0]
    assert new not in {one.urn for one in made}
    assert int(new.name) > max(int(one.urn.name) for one in made)


def test_a_frame_that_is_only_to_come_stays(place: Place, store: SqlStore) -> None:
    with store.write() as unit:
        one = node(unit, slice_key(unit), allocation=AllocationState.UPDATING)
        unit.add([replace(one, pending=link_contents("l", frame=OTHER_FRAME))])
    sweep(store)
    assert count(place, "frames") == 2
    with store.write() as unit:
        unit.save([one])
    sweep(store)
    assert count(place, "frames") == 1
    # what was removed is written anew where it is met again
    with store.write() as unit:
        unit.save([replace(one, pending=link_contents("l", frame=OTHER_FRAME))])
    assert count(place, "frames") == 2
