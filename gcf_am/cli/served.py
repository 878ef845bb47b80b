"""Whether a home is being served, by what, and where.

Any number of processes serve it side by side; one has its clearinghouse; and who makes it anew, or
upgrades its database, is alone.
"""

import fcntl
import json
import os
import struct
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO, Final

from gcf_am.errors import ConfigError

_LOCK: Final = ".lock"
_NOTE: Final = ".served"
# Locks of bytes, of which none is ever written (fcntl(2), struct flock): the first is everybody's
# or one's who is alone, the second is his who has the clearinghouse.
_FLOCK: Final = "hhqqi4x"
_ALONE: Final = struct.pack(_FLOCK, fcntl.F_WRLCK, os.SEEK_SET, 0, 1, 0)
_SHARED: Final = struct.pack(_FLOCK, fcntl.F_RDLCK, os.SEEK_SET, 0, 1, 0)
# How long who makes a home, or upgrades its database, is waited for, in seconds.
_PATIENCE: Final = 60.0
_PAUSE: Final = 0.1
_CLEARINGHOUSE: Final = struct.pack(_FLOCK, fcntl.F_WRLCK, os.SEEK_SET, 1, 1, 0)


@dataclass(frozen=True, slots=True)
class Served:
    """How a home is served, or was last: the driver's name, and the servers' URLs."""

    driver: str
    urls: tuple[str, ...]


@contextmanager
def only_one(home: Path) -> Iterator[None]:
    """Hold the home against all who serve it, making its directory if need be.

    Raises ConfigError when anybody serves it, or when there can be no such directory.
    """
    with _opened(home) as lock:
        if not _had(lock, _ALONE):
            raise ConfigError(
                f"{home} is being served already; stop that server, or choose another --home"
            )
        yield


@contextmanager
def only_up(home: Path) -> Iterator[None]:
    """Hold the home's clearinghouse: beside any number of servers one has it.

    Raises ConfigError as `only_one` does when another has it.
    """
    with _opened(home) as lock:
        if not _had(lock, _CLEARINGHOUSE):
            raise ConfigError(
                f"{home} is being served already, its clearinghouse too; stop that server, add one"
                f" by `gcf-am serve`, or choose another --home"
            )
        yield


@contextmanager
def beside_others(home: Path, *, first: Callable[[], object] = lambda: None) -> Iterator[None]:
    """Hold the home as one of those who serve it; `first` is done unless others do already.

    Raises ConfigError while anybody has it alone, who is waited for, and what `first` raises.
    """
    with _opened(home) as lock:
        if _had(lock, _ALONE):
            first()
        end = time.monotonic() + _PATIENCE
        while not _had(lock, _SHARED):
            if time.monotonic() < end:
                time.sleep(_PAUSE)
                continue
            raise ConfigError(f"{home} is being made, or its database upgraded; try again then")
        yield


@contextmanager
def _opened(home: Path) -> Iterator[IO[str]]:
    try:
        home.mkdir(mode=0o700, parents=True, exist_ok=True)
        opened = (home / _LOCK).open("a+")
    except OSError as error:
        raise ConfigError(f"{home} cannot be made a home: {error.strerror}") from error
    with opened as lock:
        yield lock


def _had(lock: IO[str], wanted: bytes) -> bool:
    """Have a lock, of the open file, so that others can ask for it without taking it."""
    try:
        fcntl.fcntl(lock, fcntl.F_OFD_SETLK, wanted)
    except OSError:
        return False
    return True


def is_served(home: Path) -> bool:
    """Whether a server has the home now; holds nobody up."""
    try:
        with (home / _LOCK).open() as lock:
            answer = fcntl.fcntl(lock, fcntl.F_OFD_GETLK, _ALONE)
    except OSError:
        return False
    return bool(struct.unpack(_FLOCK, answer)[0] != fcntl.F_UNLCK)


def note_served(home: Path, served: Served) -> None:
    """Remember how it is served, for the operator's commands; raises ConfigError."""
    try:
        (home / _NOTE).write_text(json.dumps(asdict(served)), "utf-8")
    except OSError as error:
        raise ConfigError(f"{home / _NOTE} cannot be written: {error.strerror}") from error


def forget_served(home: Path, served: Served) -> None:
    """A server has stopped: where others go on, what is noted of it is true no more."""
    if last_served(home) == served and is_served(home):
        (home / _NOTE).unlink(missing_ok=True)


def last_served(home: Path) -> Served | None:
    """How it is served, or was last; None where it never was."""
    try:
        told = json.loads((home / _NOTE).read_text("utf-8"))
        return Served(str(told["driver"]), tuple(map(str, told["urls"])))
    except (OSError, ValueError, KeyError, TypeError):
        return None
