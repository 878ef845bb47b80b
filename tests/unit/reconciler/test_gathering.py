"""What ends together is written together, and nobody waits for what takes its time."""

import threading
from concurrent.futures import ThreadPoolExecutor

from gcf_am.manager.outcome import Ended
from gcf_am.manager.ports import Lease
from gcf_am.model.sliver import Sliver, Step
from gcf_am.model.states import AllocationState, OperationalState
from gcf_am.reconciler.gathering import Gathering
from gcf_am.urn import Urn
from tests.contract.store.samples import AUTHORITY, NOW, node_contents

PATIENCE = 60.0


def ended(key: int, number: int) -> Ended:
    sliver = Sliver(
        Urn.of(AUTHORITY, "sliver", str(number)),
        key,
        node_contents(f"n{number}"),
        AllocationState.PROVISIONED,
        OperationalState.CONFIGURING,
        NOW,
    )
    return Ended(Lease(sliver, "me", NOW), Step.PREPARE)


class Written:
    """Takes what is written; the first time it can be held up."""

    def __init__(self) -> None:
        self.lots: list[list[Ended]] = []
        self.begun, self.go_on = threading.Event(), threading.Event()
        self.go_on.set()

    def __call__(self, lot: list[Ended]) -> None:
        self.lots.append(lot)
        self.begun.set()
        assert self.go_on.wait(PATIENCE)


def test_what_is_brought_while_another_is_written_is_written_with_one_more() -> None:
    written = Written()
    written.go_on.clear()
    gathering = Gathering(written)
    first, *others = (ended(1, number) for number in range(4))
    for _ in range(4):
        gathering.begin(1)
    with ThreadPoolExecutor(1) as pool:
        writer = pool.submit(gathering.end, 1, first)
        assert written.begun.wait(PATIENCE)
        for one in others:
            gathering.end(1, one)  # returns, as somebody is at it
        written.go_on.set()
        writer.result(PATIENCE)
    assert written.lots == [[first], others]


def test_one_that_takes_its_time_keeps_nobody() -> None:
    written = Written()
    gathering = Gathering(written)
    gathering.begin(1)
    gathering.begin(1)
    quick, slow = ended(1, 1), ended(1, 2)
    gathering.end(1, quick)
    assert written.lots == [[quick]]
    gathering.end(1, slow)
    assert written.lots == [[quick], [slow]]


def test_slices_do_not_wait_for_each_other() -> None:
    written = Written()
    written.go_on.clear()
    gathering = Gathering(written)
    gathering.begin(1)
    gathering.begin(2)
    one, other = ended(1, 1), ended(2, 1)
    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(gathering.end, 1, one)
        assert written.begun.wait(PATIENCE)
        written.begun.clear()
        second = pool.submit(gathering.end, 2, other)
        assert written.begun.wait(PATIENCE)
        written.go_on.set()
        first.result(PATIENCE)
        second.result(PATIENCE)
    assert written.lots == [[one], [other]]


def test_nothing_done_is_nothing_written() -> None:
    written = Written()
    gathering = Gathering(written)
    gathering.begin(1)
    gathering.end(1, None)
    assert written.lots == []
