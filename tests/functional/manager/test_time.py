"""No verb asks for the time: all that a call does happens when it was judged."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from tests.functional.manager.house import NOW, Caller, Clock, House, node, pair, request


class Watched(Clock):
    """A clock that counts who looks."""

    looks = 0

    def now(self) -> datetime:
        self.looks += 1
        return super().now()


@pytest.mark.parametrize(
    "call",
    [
        lambda mine: mine.allocate(request(node("more"))),
        lambda mine: mine.update(request(node("more"))),
        Caller.cancel,
        Caller.provision,
        lambda mine: mine.renew(NOW + timedelta(hours=1)),
        Caller.status,
        Caller.describe,
        lambda mine: mine.act("geni_start"),
        Caller.delete,
        Caller.shutdown,
    ],
    ids=[
        "Allocate",
        "Update",
        "Cancel",
        "Provision",
        "Renew",
        "Status",
        "Describe",
        "PerformOperationalAction",
        "Delete",
        "Shutdown",
    ],
)
def test_the_time_is_the_grants(house: House, call: Callable[[Caller], object]) -> None:
    house.slice().provisioned(pair())
    clock = Watched()
    watched = house.with_am(clock=clock)
    # an expired sliver elsewhere makes verbs that take capacity expire it first
    house.slice("other").allocate(request(node("old")), end_time=NOW + timedelta(minutes=1))
    clock.time = NOW + timedelta(minutes=2)
    call(watched.slice())
    assert clock.looks == 0
