"""Calls and an echo of the same size by turns, in rounds: what is measured, beside its limit."""

import threading
import time
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from statistics import median
from typing import Final

from bench.client import Client, Connection, Failed

_PATIENCE: Final = 120.0


@dataclass(frozen=True, slots=True)
class Load:
    """What clients do: each has a turn of calls of its own, which it repeats.

    `kept` ones go on with one connection, others make one for each call. Those of an aggregate are
    `checked`: a call that fails ends the measure.
    """

    client: Client
    turns: Sequence[Sequence[bytes]]
    kept: bool = True
    checked: bool = True


@dataclass(slots=True)
class _Count:
    """What the clients of a round did: how long each turn took, and how long all of it."""

    turns: list[float]
    seconds: float

    @property
    def per_second(self) -> float:
        return len(self.turns) / self.seconds

    @property
    def ms(self) -> float:
        return median(self.turns) * 1000


def race(load: Load, echo: Load, *, seconds: float, rounds: int = 3) -> dict[str, float]:
    """Measure both, `seconds` each in all, by turns; the medians of the rounds (see Figure)."""
    run(load, 0), run(echo, 0)  # what is made at the first call is no part of it
    pairs = [(run(load, seconds / rounds), run(echo, seconds / rounds)) for _ in range(rounds)]
    return {
        "ms": rounded(median(one.ms for one, _ in pairs)),
        "per_second": rounded(median(one.per_second for one, _ in pairs)),
        "echo_ms": rounded(median(one.ms for _, one in pairs)),
        "echo_per_second": rounded(median(one.per_second for _, one in pairs)),
        "ratio": rounded(median(one.ms / other.ms for one, other in pairs)),
    }


def run(load: Load, seconds: float) -> _Count:
    """Let all clients work for so long, each at least one turn; raises Failed when one fails."""
    taken: list[float] = []
    failed: list[Exception] = []
    # all have connected before the first one calls
    ready = threading.Barrier(len(load.turns) + 1)
    begin = 0.0

    def work(turn: Sequence[bytes]) -> None:
        with ExitStack() as open_:
            try:
                kept = open_.enter_context(load.client.connect()) if load.kept else None
            except OSError as error:
                failed.append(error)
                kept = None
            ready.wait(_PATIENCE)
            while not failed:
                before = time.perf_counter()
                try:
                    for one in turn:
                        _call(load, kept, one)
                except (OSError, Failed) as error:
                    failed.append(error)
                    return
                now = time.perf_counter()
                taken.append(now - before)
                if now - begin >= seconds:
                    return

    threads = [threading.Thread(target=work, args=(turn,), daemon=True) for turn in load.turns]
    for one in threads:
        one.start()
    begin = time.perf_counter()
    ready.wait(_PATIENCE)
    begin = time.perf_counter()
    for one in threads:
        one.join()
    if failed:
        raise Failed(str(failed[0])) from failed[0]
    return _Count(taken, time.perf_counter() - begin)


def _call(load: Load, kept: Connection | None, request: bytes) -> None:
    if kept is None:
        with load.client.connect() as connection:
            _call(load, connection, request)
    elif load.checked:
        kept.done(request)
    else:
        kept.post(request)


def rounded(value: float) -> float:
    """Three digits: no figure here is better than that."""
    return float(f"{value:.3g}") if value < 1000 else float(round(value))
