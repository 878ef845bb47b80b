"""Workers: each takes a plan, keeps its lease while it works, and lets go of it at the end."""

import logging
import os
import socket
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final
from uuid import uuid4

from gcf_am.errors import GcfAmError
from gcf_am.homing.plans.plan import Plan
from gcf_am.homing.service.stages import Parts, Stages

_log: Final = logging.getLogger(__name__)
_LEASE: Final = timedelta(seconds=30)
# How often a worker that has nothing to do looks for what others left behind.
_LOOK: Final = 1.0
_LONGEST_PAUSE: Final = 30.0
_CHORES: Final = 60.0


@dataclass
class Workers:
    """`count` threads that work on plans, and one that keeps their leases."""

    parts: Parts
    count: int = 2
    retain: timedelta = timedelta(days=30)
    lease: timedelta = _LEASE
    _work: threading.Semaphore = field(
        default_factory=lambda: threading.Semaphore(0), init=False, repr=False
    )
    _ending: threading.Event = field(default_factory=threading.Event, init=False, repr=False)
    _held: dict[str, tuple[Plan, threading.Event]] = field(
        default_factory=dict, init=False, repr=False
    )
    _threads: list[threading.Thread] = field(default_factory=list, init=False, repr=False)

    def start(self) -> None:
        """Begin to work."""
        host = f"{socket.gethostname()}:{os.getpid()}"
        jobs: list[tuple[str, Callable[[], None]]] = [("homing leases", self._keep_leases)]
        for number in range(self.count):
            name = f"{host}:{number}:{uuid4().hex[:8]}"
            jobs.append((f"homing {number}", lambda name=name: self._live(name)))  # type: ignore[misc]
        for name, job in jobs:
            thread = threading.Thread(target=job, name=name, daemon=True)
            thread.start()
            self._threads.append(thread)

    def wake(self) -> None:
        """There is something to do."""
        self._work.release()

    def stop(self, timeout: float) -> None:
        """Let go of plans, which another takes over, and end."""
        self._ending.set()
        for _, event in list(self._held.values()):
            event.set()
        for _ in self._threads:
            self._work.release()
        for thread in self._threads:
            thread.join(timeout)

    def _live(self, name: str) -> None:
        """In a thread: one worker's life."""
        pause = _LOOK
        while not self._ending.is_set():
            try:
                now = self.parts.clock.now()
                plan = self.parts.plans.claim(name, now, self.lease)
                if plan is not None:
                    self._work_on(plan, name)
                pause = _LOOK
            except GcfAmError as error:
                _log.error("a worker cannot go on now: %s", error)
                plan, pause = None, min(pause * 2, _LONGEST_PAUSE)
            if plan is None:
                self._work.acquire(timeout=pause)

    def _work_on(self, plan: Plan, name: str) -> None:
        stop = threading.Event()
        self._held[name] = (plan, stop)
        try:
            Stages(self.parts, name, stop).run(plan)
        finally:
            del self._held[name]

    def _keep_leases(self) -> None:
        """In a thread: renew what is worked on; who has lost a plan, or is to give it up, stops."""
        rest = self.lease.total_seconds() / 10
        due = 0.0
        while not self._ending.wait(rest):
            for name, (plan, stop) in list(self._held.items()):
                try:
                    now = self.parts.clock.now()
                    if not self.parts.plans.renew(plan.id, name, now, self.lease):
                        stop.set()
                except GcfAmError as error:
                    _log.error("the lease of %s was not renewed: %s", plan.in_log, error)
            if time.monotonic() >= due:
                self._chores()
                due = time.monotonic() + _CHORES

    def _chores(self) -> None:
        """What nobody waits for."""
        now = self.parts.clock.now()
        try:
            self.parts.plans.drop_credentials(now)
            self.parts.plans.purge(now - self.retain)
        except GcfAmError as error:
            _log.error("old plans were not purged: %s", error)
