"""Whether a home is being served, by what, and where; there is one server for it at a time."""

import fcntl
import json
import os
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

from gcf_am.errors import ConfigError

_LOCK: Final = ".lock"
_NOTE: Final = ".served"
# A write lock of the first byte, which none is ever written to (fcntl(2), struct flock).
_FLOCK: Final = "hhqqi4x"
_WANTED: Final = struct.pack(_FLOCK, fcntl.F_WRLCK, os.SEEK_SET, 0, 1, 0)


@dataclass(frozen=True, slots=True)
class Served:
    """How a home is served, or was last: the driver's name, and the servers' URLs."""

    driver: str
    urls: tuple[str, ...]


@contextmanager
def only_one(home: Path) -> Iterator[None]:
    """Hold the home for one server, making its directory if need be.

    Raises ConfigError when another one has it, or when there can be none.
    """
    try:
        home.mkdir(mode=0o700, parents=True, exist_ok=True)
        opened = (home / _LOCK).open("a")
    except OSError as error:
        raise ConfigError(f"{home} cannot be made a home: {error.strerror}") from error
    with opened as lock:
        try:
            # of the open file, so that others can ask for it without taking it
            fcntl.fcntl(lock, fcntl.F_OFD_SETLK, _WANTED)
        except OSError:
            raise ConfigError(
                f"{home} is being served already; stop that server, or choose another --home"
            ) from None
        yield


def is_served(home: Path) -> bool:
    """Whether a server has the home now; holds nobody up."""
    try:
        with (home / _LOCK).open() as lock:
            answer = fcntl.fcntl(lock, fcntl.F_OFD_GETLK, _WANTED)
    except OSError:
        return False
    return bool(struct.unpack(_FLOCK, answer)[0] != fcntl.F_UNLCK)


def note_served(home: Path, served: Served) -> None:
    """Remember how it is served, for the operator's commands; raises ConfigError."""
    try:
        (home / _NOTE).write_text(json.dumps(asdict(served)), "utf-8")
    except OSError as error:
        raise ConfigError(f"{home / _NOTE} cannot be written: {error.strerror}") from error


def last_served(home: Path) -> Served | None:
    """How it is served, or was last; None where it never was."""
    try:
        told = json.loads((home / _NOTE).read_text("utf-8"))
        return Served(str(told["driver"]), tuple(map(str, told["urls"])))
    except (OSError, ValueError, KeyError, TypeError):
        return None
