"""A race of client processes for a site that is too small for them, and its verdict."""

from __future__ import annotations

import multiprocessing
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from time import monotonic

from tests.functional.running import Slice, eventually
from tests.racing.balancer import Identity
from tests.racing.client import Report, Task, run
from tests.racing.fleet import Fleet, Member
from tests.racing.verdict import Totals, check_accounts

_PROCESSES = multiprocessing.get_context("forkserver")
_PROCESSES.set_forkserver_preload(["tests.racing.client"])
# Whatever may be wrong in a race: names and slivers that are gone, halves, no room, busy.
REFUSALS = {1, 6, 7, 12, 13, 14, 24, 25, 26}


@dataclass(frozen=True)
class Outcome:
    """How a race went; with `lost` some answers did not come."""

    slices: Sequence[Slice]
    reports: Sequence[Report]
    seconds: float
    totals: Totals
    lost: bool

    @property
    def codes(self) -> Counter[tuple[str, int]]:
        return sum((one.codes for one in self.reports), Counter[tuple[str, int]]())

    @property
    def failures(self) -> list[str]:
        return [line for one in self.reports for line in one.failures]


def race(
    fleet: Fleet,
    up: Member,
    *,
    clients: int,
    until: Callable[[], object],
    may: frozenset[int] = frozenset(),
    pause: float = 0.0,
) -> Outcome:
    """Let so many processes race until `until` is done; then all accounts must agree.

    Each thinks for `pause` seconds before a call. Where `until` lets answers have codes of `may`,
    or lets them be lost, it says so by `may`. Afterwards nobody serves the home.
    """
    over = fleet.home / "over"
    over.unlink(missing_ok=True)
    # two clients share a slice; as many are of one owner as of the other
    slices = fleet.slices(up, 2 * max(1, (clients + 2) // 4))
    tasks = [
        Task(number, over, fleet.servers, _identity(slices[number % len(slices)]), _pair(slices, number), pause)
        for number in range(clients)
    ]  # fmt: skip
    started = [over.with_name(f"started-{number}") for number in range(clients)]
    for file in started:
        file.unlink(missing_ok=True)
    with ProcessPoolExecutor(clients, mp_context=_PROCESSES) as pool:
        going = [pool.submit(run, one) for one in tasks]
        try:
            eventually(lambda: all(one.exists() or going[0].done() for one in started), what="off")
            begin = monotonic()
            until()
        finally:
            over.touch()
        took = monotonic() - begin
        reports = [one.result() for one in going]
    for method, code in {key for one in reports for key in one.codes}:
        assert code == 0 or code in REFUSALS | may, (method, code)
    assert set(fleet.stop()) == {0}, fleet.log()
    totals = check_accounts(fleet.config, reports, lost=bool(may))
    return Outcome(slices, reports, took, totals, lost=bool(may))


def so_many(fleet: Fleet, events: int) -> None:
    """Wait until the log has so many rows more."""
    wanted = fleet.events() + events
    eventually(lambda: fleet.events() >= wanted, what=f"{events} events")


def end(fleet: Fleet, outcome: Outcome) -> None:
    """After a race: everything is deleted, nothing stays behind, and all accounts say so."""
    up = fleet.start("up")
    running = fleet.running(up)
    last = Report()
    for one in outcome.slices:
        answer = running.person(one.owner.name).am("Delete", [one.urn], one.creds, {})
        assert answer["code"]["geni_code"] in {0, 12}, answer
        if answer["code"]["geni_code"] == 0:
            last.tell("Delete", one.urn, answer["value"])
    eventually(lambda: not fleet.held(), what="free")
    assert set(fleet.stop()) == {0}, fleet.log()
    totals = check_accounts(fleet.config, [*outcome.reports, last], lost=outcome.lost)
    assert totals.live == 0


def _identity(slice_: Slice) -> Identity:
    owner = slice_.owner
    return Identity(owner.cert, owner.key, owner.at.home / "certs" / "ch-cert.pem")


def _pair(slices: Sequence[Slice], number: int) -> tuple[tuple[str, str], ...]:
    """A client's own slice, and one of the same owner that others have, too."""
    first, second = slices[number % len(slices)], slices[(number + 2) % len(slices)]
    return (first.urn, first.credential), (second.urn, second.credential)
