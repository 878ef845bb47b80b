"""The solver's own process: it can be killed, and its work holds up nobody's answer.

Run as `python -m gcf_am.homing.service.solver FD`: questions come, and answers go, over the
socket of that number, which both ends made for nobody else.
"""

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from contextlib import suppress
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from typing import Final

from gcf_am.errors import GcfAmError
from gcf_am.homing.solution import Solution
from gcf_am.homing.stock import Stock
from gcf_am.homing.terms import Template

# What a solver is given beyond its budget before it is killed, and how often a stop is looked for.
_GRACE: Final = 5.0
_LOOK: Final = 0.1
_PARENT: Final = 1.0
_NICE: Final = 5


class SolverFailed(GcfAmError):
    """The solver was killed, or died, without an answer."""


@dataclass
class _Process:
    """One solver and our end of its socket."""

    process: "subprocess.Popen[bytes]"
    line: Connection

    @classmethod
    def start(cls) -> "_Process":
        mine, theirs = socket.socketpair()
        with theirs:
            number = theirs.fileno()
            command = [sys.executable, "-m", __name__, str(number)]
            process = subprocess.Popen(  # noqa: S603  (ourselves)
                command, pass_fds=[number], stdin=subprocess.DEVNULL
            )
        return cls(process, Connection(mine.detach()))

    def end(self) -> None:
        self.line.close()
        self.process.kill()
        self.process.wait()


@dataclass
class Solvers:
    """Solver processes, as many as are at work at once; those that wait are kept warm."""

    _idle: list[_Process] = field(default_factory=list, init=False, repr=False)
    _lock: threading.Lock = field(default_factory=threading.Lock, init=False, repr=False)
    _closed: bool = field(default=False, init=False, repr=False)

    def warm(self) -> None:
        """Have one ready."""
        self._keep(_Process.start())

    def solve(
        self,
        template: Template,
        stock: Stock,
        *,
        limit: int,
        seconds: float,
        stop: threading.Event,
    ) -> Solution:
        """What the solver answers; raises SolverFailed when it is out of time, or to stop."""
        with self._lock:
            process = self._idle.pop() if self._idle else None
        process = process or _Process.start()
        try:
            process.line.send((template, stock, limit, seconds))
            until = time.monotonic() + seconds + _GRACE
            while not process.line.poll(_LOOK):
                if stop.is_set():
                    raise SolverFailed("the search was stopped")
                if time.monotonic() > until:
                    raise SolverFailed("the search did not end in its time and was killed")
            answer = process.line.recv()
        except (OSError, EOFError) as error:
            process.end()
            raise SolverFailed("the solver's process died") from error
        except BaseException:
            process.end()
            raise
        self._keep(process)
        if isinstance(answer, Solution):
            return answer
        raise SolverFailed(str(answer))

    def close(self) -> None:
        """End those that wait; those at work end with their question."""
        with self._lock:
            self._closed = True
            idle, self._idle = self._idle, []
        for one in idle:
            one.end()

    def _keep(self, process: _Process) -> None:
        with self._lock:
            if not self._closed:
                self._idle.append(process)
                return
        process.end()


def main() -> None:
    """The process's whole life: until nobody asks any more."""
    from gcf_am.homing.solve.solving import solve

    # the server decides when we stop
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    os.nice(_NICE)
    threading.Thread(target=_outlive, args=(os.getppid(),), daemon=True).start()
    with Connection(int(sys.argv[1])) as line, suppress(EOFError, ConnectionError):
        while True:
            template, stock, limit, seconds = line.recv()
            try:
                answer: object = solve(template, stock, limit=limit, budget=seconds)
            except GcfAmError as error:
                answer = str(error)
            line.send(answer)


def _outlive(parent: int) -> None:
    """In a thread: a search ends with who asked for it, however that ended."""
    while os.getppid() == parent:
        time.sleep(_PARENT)
    os._exit(0)


if __name__ == "__main__":
    main()
