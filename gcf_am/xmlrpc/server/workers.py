"""Several processes on one listening socket; one that dies is replaced."""

import gc
import logging
import multiprocessing
import os
import signal
import socket
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from multiprocessing import forkserver
from multiprocessing.connection import Connection, wait
from multiprocessing.context import ForkServerProcess
from multiprocessing.process import BaseProcess
from typing import Final

from gcf_am.errors import ConfigError, GcfAmError
from gcf_am.xmlrpc.server.application import Application
from gcf_am.xmlrpc.server.limits import HttpLimits
from gcf_am.xmlrpc.server.server import Server

_log: Final = logging.getLogger(__name__)
# A fork would copy the threads' locks of whatever else runs in the parent: workers are forked
# off a process that has no threads and does nothing else.
_context: Final = multiprocessing.get_context("forkserver")
_FIRST_PAUSE: Final = 0.5
_LONGEST_PAUSE: Final = 10.0
_STEADY_SECONDS: Final = 30.0
_LAST_MOMENT: Final = 2.0
# So many more objects than went are looked through for circles; Python's 700 are there in no time.
_GARBAGE: Final = 10_000


@dataclass(slots=True)
class _Worker:
    process: ForkServerProcess
    news: Connection
    since: float = field(default_factory=time.monotonic)


def load_for_workers(*modules: str) -> None:
    """Have these modules imported once, from now on, for all workers of this process.

    They must start no thread and open nothing that processes cannot share.
    """
    _context.set_forkserver_preload(list(modules))
    # A terminal that closes hangs up on the whole group; the parent decides when we stop. What is
    # blocked here stays so in what it starts, and in all workers.
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGHUP})
    try:
        forkserver.ensure_running()
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


class Workers:
    """`count` processes that each serve what `make` gives them, on one socket.

    `make` is called in each process and must be picklable (a module's function, or a
    functools.partial of one with picklable arguments). The parent only watches. Each leaves for
    `leave_seconds` before it stops (Server.leave).
    """

    def __init__(
        self,
        make: Callable[[], Application],
        listen: socket.socket,
        limits: HttpLimits,
        *,
        count: int,
        stop_seconds: float = 20,
        leave_seconds: float = 0,
    ) -> None:
        self._arguments = (make, listen, limits, stop_seconds, leave_seconds)
        self._leave_seconds = leave_seconds
        self._count = count
        self._workers: list[_Worker] = []
        self._wake_reader, self._wake_writer = _context.Pipe(duplex=False)
        self._stopping = False
        self._watcher = threading.Thread(target=self._watch, name="workers", daemon=True)

    @property
    def pids(self) -> tuple[int, ...]:
        """The process ids of those that are alive."""
        return tuple(one.process.pid or 0 for one in self._workers if one.process.is_alive())

    def start(self, timeout: float) -> None:
        """Start all; returns when each of them answers. Raises what `ready` does."""
        self.launch()
        self.ready(timeout)

    def launch(self) -> None:
        """Begin to start all, while the caller does something else; `ready` must follow."""
        self._workers = [self._spawn() for _ in range(self._count)]

    def ready(self, timeout: float) -> None:
        """Return when each of those that were launched answers.

        Raises ConfigError with a worker's own words when one of them cannot start.
        """
        until = time.monotonic() + timeout
        for one in self._workers:
            reason = _first_words(one, until - time.monotonic())
            if reason is not None:
                self._end(_LAST_MOMENT)
                raise ConfigError(reason)
        self._watcher.start()

    def stop(self, timeout: float) -> None:
        """Let each leave, finish its calls for at most `timeout` seconds, then end it."""
        self._stopping = True
        self._wake_writer.close()
        if self._watcher.is_alive():
            self._watcher.join()
        self._end(self._leave_seconds + timeout)
        self._wake_reader.close()

    def _spawn(self) -> _Worker:
        mine, theirs = _context.Pipe(duplex=False)
        process = _context.Process(
            target=_work, args=(*self._arguments, theirs), name="gcf-worker", daemon=True
        )
        process.start()
        theirs.close()
        return _Worker(process, mine)

    def _end(self, timeout: float) -> None:
        for one in self._workers:
            one.process.terminate()
        until = time.monotonic() + timeout + _LAST_MOMENT
        for one in self._workers:
            one.process.join(max(0.0, until - time.monotonic()))
            if one.process.is_alive():
                one.process.kill()
                one.process.join()
            one.news.close()
        self._workers = []

    def _watch(self) -> None:
        """In a thread: replace what dies, after a pause that grows while they die young."""
        pause = _FIRST_PAUSE
        while True:
            wait([self._wake_reader, *(one.process.sentinel for one in self._workers)])
            if self._stopping:
                return
            for place, one in enumerate(self._workers):
                if one.process.is_alive():
                    continue
                steady = time.monotonic() - one.since > _STEADY_SECONDS
                pause = _FIRST_PAUSE if steady else min(pause * 2, _LONGEST_PAUSE)
                _log.error(
                    "worker %s died (%s); another starts", one.process.pid, one.process.exitcode
                )
                if self._wake_reader.poll(pause):
                    return
                one.news.close()
                self._workers[place] = self._spawn()


def _first_words(one: _Worker, seconds: float) -> str | None:
    """None when the worker answers; else why it does not."""
    heard = wait([one.news, one.process.sentinel], max(0.0, seconds))
    if not heard:
        return "a server process did not start in time"
    if one.news in heard:
        try:
            said: str | None = one.news.recv()
            return said
        except EOFError:
            pass
    one.process.join(_LAST_MOMENT)
    return f"a server process died at its start (exit status {one.process.exitcode})"


def _work(
    make: Callable[[], Application],
    listen: socket.socket,
    limits: HttpLimits,
    stop_seconds: float,
    leave_seconds: float,
    news: Connection,
) -> None:
    """A worker's whole life."""
    stop = threading.Event()
    # Ctrl-C reaches the whole group; the parent decides when we stop.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, lambda _number, _frame: stop.set())
    try:
        application = make()
        server = Server(application, listen, limits)
        server.start()
    except (GcfAmError, OSError) as error:
        news.send(str(error))
        return
    # What is there now stays as long as the worker, and calls leave little that needs the collector.
    gc.freeze()
    gc.set_threshold(_GARBAGE)
    news.send(None)
    parent = multiprocessing.parent_process()
    if parent is not None:
        threading.Thread(target=_outlive, args=(parent, stop), daemon=True).start()
    stop.wait()
    if leave_seconds:
        server.leave()
        time.sleep(leave_seconds)
    server.stop(stop_seconds)
    logging.shutdown()
    # A call that hangs in a thread must not keep the process.
    os._exit(0)


def _outlive(parent: BaseProcess, stop: threading.Event) -> None:
    """In a thread: stop when the parent has died."""
    parent.join()
    stop.set()
