"""A node's console: what its first processes print, of which only the newest is kept.

Root in the node can print without end. What is printed goes through a pipe to a process outside
of the node, the only one that has the file: nothing in the node can make it longer, and whoever
prints faster than it reads waits. Imports the standard library only, see `launch`.
"""

import fcntl
import os
import time
from pathlib import Path
from typing import Final

# bytes; some thousand lines of sshd's
MOST: Final = 512 << 10
# Seconds between two readings of a pipe that holds 64 KiB: what this costs is not counted as the
# node's, so it has to be little.
_PAUSE: Final = 0.05
_PIECE: Final = 1 << 16
_PATIENCE: Final = 5.0  # seconds


def record(path: str) -> int:
    """Start the process that keeps the console; answers what is to be printed to.

    It belongs to nobody and ends when nobody can print any more.
    """
    # what is removed meanwhile does not come back
    file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    reading, writing = os.pipe()
    if os.fork():
        os.close(reading)
        os.close(file)
        return writing
    # whatever happens, the copy of the caller ends here
    try:
        os.setsid()
        os.close(writing)
        nothing = os.open("/dev/null", os.O_RDWR)
        for descriptor in (0, 1, 2):  # the caller's are waited for by others
            os.dup2(nothing, descriptor)
        # the keeper of the node's last run may not be done
        fcntl.flock(file, fcntl.LOCK_EX)
        keep(reading, file)
    finally:
        os._exit(0)


def keep(reading: int, file: int, most: int = MOST) -> None:
    """Append what can be read to the file until its end, dropping the older half when too long."""
    size = os.fstat(file).st_size
    while piece := os.read(reading, min(_PIECE, most // 2)):
        if size + len(piece) > most:
            newest = os.pread(file, most // 2, max(0, size - most // 2))
            os.ftruncate(file, 0)
            size = os.pwrite(file, newest, 0)
        size += os.pwrite(file, piece, size)
        time.sleep(_PAUSE)


def wait_until_kept(path: Path) -> None:
    """Wait a moment for the last words of a node that ended."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return
    try:
        end = time.monotonic() + _PATIENCE
        while time.monotonic() < end:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
            except BlockingIOError:
                time.sleep(_PAUSE)
            else:
                return
    finally:
        os.close(descriptor)
