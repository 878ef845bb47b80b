"""When to look for work, and who works on it."""

import itertools
import logging
import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from queue import SimpleQueue
from time import monotonic
from typing import Final

from gcf_am.errors import AmError
from gcf_am.manager.aggregate import Aggregate
from gcf_am.manager.expire import expire
from gcf_am.manager.outcome import Ended, Todo, begin, finish, not_now
from gcf_am.manager.ports import Lease
from gcf_am.model.sliver import Step
from gcf_am.reconciler.gathering import Gathering
from gcf_am.reconciler.pauses import Pauses
from gcf_am.reconciler.truth import compare
from gcf_am.reconciler.work import work
from gcf_am.urn import Urn

_log: Final = logging.getLogger(__name__)

# After a kill this long passes before another takes up the work; extended while a call runs.
LEASE: Final = timedelta(seconds=20)
EXTEND: Final = timedelta(seconds=5)
# Expiry is also lazy, in each verb; the sweep makes sure that what expired is torn down.
SWEEP: Final = timedelta(seconds=5)
# How many slivers' services run at a time, besides what the workers do: one may wait for another's.
SERVICES: Final = 256
# How soon steps that other processes set, and pauses that end, are noticed, in seconds.
POLL: Final = 0.25
# A lease, and what was to be done when it was taken.
_Job = tuple[Lease, Todo | None]


class _Every:
    """Tells when a period has passed; at first it has."""

    def __init__(self, period: timedelta) -> None:
        self._period = period
        self._last: datetime | None = None

    def due(self, now: datetime) -> bool:
        """Whether it is time again; if so the next period begins."""
        # a clock that was set back must not stop it
        if self._last is not None and self._last <= now < self._last + self._period:
            return False
        self._last = now
        return True


class Reconciler:
    """Works off what the store says is owed, sweeps what expired, and looks at what is there.

    `workers` bounds how many slivers are worked on at a time; `owner` names this reconciler
    among all of the store's. A driver call that hangs keeps one worker, and nobody else's
    slivers wait. What runs in nodes, which mostly waits, keeps no worker: it has threads of its
    own. Either start() and stop() it, or call run_once().
    """

    def __init__(self, aggregate: Aggregate, *, workers: int, owner: str) -> None:
        self._am = aggregate
        self._workers = workers
        self._owner = owner
        self._pauses = Pauses()
        self._extend, self._sweep = _Every(EXTEND), _Every(SWEEP)
        self._observe = _Every(timedelta(seconds=aggregate.driver.look_every))
        self._woken = threading.Event()
        self._stopping = threading.Event()
        self._jobs: SimpleQueue[_Job | None] = SimpleQueue()
        self._outcomes = Gathering(self._finish)
        # whether there may be more to do than there were workers for
        self._more = False
        self._lock = threading.Lock()
        self._leases: dict[tuple[Urn, str], Lease] = {}
        self._count = itertools.count()
        self._threads: list[threading.Thread] = []
        self._apart: list[threading.Thread] = []
        # leases that others have by now
        self._lost: set[tuple[Urn, str]] = set()

    def run_once(self) -> bool:
        """Sweep, work off one lot of leases, compare if it is time; whether anything was done.

        In the caller's thread; what the store raises comes through.
        """
        now = self._am.clock.now()
        done = expire(self._am, now) > 0
        if self._observe.due(now):
            done = compare(self._am) > 0 or done
        ended: dict[int, list[Ended]] = {}
        for lease, found in self._take(self._workers, SERVICES):
            todo = found or not_now(self._am, lease)
            if todo is not None:
                one = work(self._am, lease, todo, self._pauses, lambda: True)
                ended.setdefault(lease.sliver.slice_key, []).append(one)
        for lot in ended.values():
            finish(self._am, lot)
        return done or bool(ended)

    def start(self) -> None:
        """Begin, in threads of its own."""
        names = [f"reconciler-{number}" for number in range(self._workers)]
        # daemons: a driver call that hangs must not keep the process from ending
        self._threads = [
            threading.Thread(target=self._loop, name="reconciler", daemon=True),
            threading.Thread(target=self._look, name="reconciler-observer", daemon=True),
            *(threading.Thread(target=self._serve, name=name, daemon=True) for name in names),
        ]
        for thread in self._threads:
            thread.start()

    def wake(self) -> None:
        """Look for work now: a step was set."""
        self._woken.set()

    def stop(self, timeout: float = 20.0) -> bool:
        """Take no more work and wait so many seconds for the calls under way.

        Whether all ended; what did not is done again by others when its lease has lapsed.
        """
        end = monotonic() + timeout
        self._stopping.set()
        self._woken.set()
        for _ in range(self._workers):
            self._jobs.put(None)
        for thread in self._threads:
            thread.join(max(0.0, end - monotonic()))
        for thread in self._apart:
            thread.join(max(0.0, end - monotonic()))
        return not any(thread.is_alive() for thread in (*self._threads, *self._apart))

    def _loop(self) -> None:
        while not self._stopping.is_set():
            self._woken.clear()
            self._guarded(self._round)
            self._woken.wait(POLL)

    def _look(self) -> None:
        while not self._stopping.is_set():
            self._guarded(partial(compare, self._am))
            self._stopping.wait(self._am.driver.look_every)

    def _round(self) -> None:
        now = self._am.clock.now()
        if self._extend.due(now):
            self._keep_leases(now)
        if self._sweep.due(now):
            expire(self._am, now)
        with self._lock:
            served = sum(_is_of_services(one) for one in self._leases.values())
            free = self._workers + served - len(self._leases)
        jobs = self._take(max(0, free), SERVICES - served)
        self._more = len(jobs) >= free
        with self._lock:
            self._leases.update({(lease.sliver.urn, lease.owner): lease for lease, _ in jobs})
        for lease, _ in jobs:
            self._outcomes.begin(lease.sliver.slice_key)
        for job in jobs:
            if _is_of_services(job[0]):
                self._work_apart(job)
            else:
                self._jobs.put(job)

    def _take(self, limit: int, services: int) -> list[_Job]:
        """Lease what is owed, and ask what is to be done; each time as another owner.

        So a call that outlived its lease cannot give back, or extend, the lease of its successor
        in this process.
        """
        now = self._am.clock.now()
        with self._am.store.read() as unit:
            if not unit.owed(now):
                return []
        owner = f"{self._owner}#{next(self._count)}"
        with self._am.store.write() as unit:
            leases = unit.lease_work(owner, now, now + LEASE, limit, services=services)
            return list(zip(leases, begin(unit, leases), strict=True))

    def _keep_leases(self, now: datetime) -> None:
        """Extend the leases of calls under way; one that was lost is noticed at its end.

        What may take long is told at once.
        """
        with self._lock:
            leases = dict(self._leases)
        if not leases:
            return
        lost = set()
        for key, lease in leases.items():
            # each by itself: who waits for one sliver keeps nobody from another
            with self._am.store.write() as unit:
                if not unit.extend(lease, now + LEASE):
                    lost.add(key)
        with self._lock:
            self._lost |= lost & self._leases.keys()

    def _serve(self) -> None:
        while (job := self._jobs.get()) is not None:
            self._work(job)

    def _work_apart(self, job: _Job) -> None:
        """Work in a thread of its own; called by the loop alone."""
        thread = threading.Thread(
            target=self._work, args=(job,), name="reconciler-services", daemon=True
        )
        thread.start()
        self._apart = [*(one for one in self._apart if one.is_alive()), thread]

    def _work(self, job: _Job) -> None:
        lease = job[0]
        ended: Ended | None = None

        def do() -> None:
            nonlocal ended
            ended = self._done(*job)

        self._guarded(do)
        if ended is None:
            self._let_go(lease)
        self._outcomes.end(lease.sliver.slice_key, ended)

    def _done(self, lease: Lease, todo: Todo | None) -> Ended | None:
        """How what is to be done with the sliver ended; None where nothing is."""
        key = lease.sliver.urn, lease.owner

        def wanted() -> bool:
            return key not in self._lost and not self._stopping.is_set()

        todo = todo or not_now(self._am, lease)
        return None if todo is None else work(self._am, lease, todo, self._pauses, wanted)

    def _finish(self, ended: list[Ended]) -> None:
        if not self._guarded(partial(finish, self._am, ended)) and len(ended) > 1:
            # one that cannot be written keeps none of the others
            for one in ended:
                self._guarded(partial(finish, self._am, [one]))
        self._let_go(*(one.lease for one in ended))

    def _let_go(self, *leases: Lease) -> None:
        """Nobody is at work on these any more."""
        with self._lock:
            for one in leases:
                key = one.sliver.urn, one.owner
                del self._leases[key]
                self._lost.discard(key)
        if self._more:
            self._woken.set()

    def _guarded(self, job: Callable[[], object]) -> bool:
        """Whatever goes wrong in one job, or round, is logged, and the next one has its turn.

        Answers whether it went well.
        """
        try:
            job()
        except AmError as error:
            _log.warning("reconciler: %s", error)
        except Exception:  # noqa: BLE001 - it is logged whole, and the others must go on
            _log.exception("reconciler")
        else:
            return True
        return False


def _is_of_services(lease: Lease) -> bool:
    return lease.sliver.step is Step.SERVICES
